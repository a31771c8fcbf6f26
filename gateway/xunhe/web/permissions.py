"""Who may ask which route. What does not stand here is nobody's: AccessGuard answers 404.

A line is `"METHOD /path/{parameter}": RULE`, with the template that the route itself has (HEAD goes
with GET). `RULE.of(Thing.TICKET)`: the ticket must lie in the person's reaches. `RULE.showing(zh,
en)`: the route shows personal data, and every look is noted. Each part has its block.
"""

from xunhe.desk.roles import Role
from xunhe.web.route_rules import RouteTable, Rule, Thing

_EVERY_ROLE = frozenset(Role) - {Role.SYSTEM}
_NO_WRITERS = frozenset({Role.OBSERVER})
_OFFICE = frozenset({Role.OFFICE, Role.ADMINISTRATOR})
# Whoever has no other role sees what lies in his reaches.
LOCAL = frozenset({Role.CHIEF, Role.HANDLER, Role.CONTRACTOR, Role.VOLUNTEER})

OPEN = Rule(is_open=True)
ANY_ACCOUNT = Rule(_EVERY_ROLE, any_account=True)  # without a role too
READ = Rule(_EVERY_ROLE - {Role.VOLUNTEER}, in_demo=True)  # the supervisor reads all of it
# Whoever takes over a post may not have one yet.
PARTY = Rule(READ.roles, any_account=True, in_demo=True).of(Thing.HANDOVER)
WIDE = Rule(_EVERY_ROLE - LOCAL, in_demo=True)  # what cannot be told apart by reaches
WRITE = Rule(_EVERY_ROLE - _NO_WRITERS - {Role.VOLUNTEER})
REPORT = Rule(_EVERY_ROLE - _NO_WRITERS)  # volunteers too
OFFICE = Rule(_OFFICE)
DUTY = Rule(_OFFICE | {Role.OPERATOR})  # the duty room
CHIEF = Rule(_OFFICE | {Role.CHIEF})
TECHNICIAN = Rule(_OFFICE | {Role.OPERATOR, Role.TECHNICIAN})
SUPERVISOR = Rule(_OFFICE | {Role.OBSERVER, Role.INSPECTOR})
ADOPTER = Rule(_OFFICE | {Role.VOLUNTEER})
ADMINISTRATOR = Rule(frozenset({Role.ADMINISTRATOR}))

# -- access
_ACCESS = {
    "GET /login": OPEN,
    "POST /login": OPEN,
    "POST /login/code": OPEN,
    "POST /logout": ANY_ACCOUNT,
    "GET /reset": OPEN,
    "POST /reset": OPEN,
    "GET /setup": OPEN,
    "POST /setup": OPEN,
    "GET /api/v1/openapi.json": READ,
    "GET /account": ANY_ACCOUNT,
    "POST /account/password": ANY_ACCOUNT,
    "POST /account/sessions": ANY_ACCOUNT,
    "GET /account/second-factor": ANY_ACCOUNT,
    "POST /account/second-factor": ANY_ACCOUNT,
    "POST /account/second-factor/removal": ANY_ACCOUNT,
    "GET /phones": ANY_ACCOUNT,
    "GET /accounts": ADMINISTRATOR,
    "POST /accounts": ADMINISTRATOR,
    "POST /accounts/seat": ADMINISTRATOR,
    "POST /accounts/reset": ADMINISTRATOR,
    "POST /accounts/disabling": ADMINISTRATOR,
    "POST /accounts/enabling": ADMINISTRATOR,
    "POST /accounts/leaving": ADMINISTRATOR,
    "GET /accounts/looks": ADMINISTRATOR,
    "GET /api/v1/desk/members": OFFICE,
    "POST /api/v1/desk/members": ADMINISTRATOR,
}
# -- operator
_OPERATOR = {
    "GET /": READ,
    "GET /fragments/{name}": READ,
    "GET /incidents": READ,
    "GET /incidents/{incident_id}": READ.of(Thing.INCIDENT),
    "GET /fragments/incidents/{incident_id}": READ.of(Thing.INCIDENT),
    "GET /api/v1/incidents/{incident_id}/chart": READ.of(Thing.INCIDENT),
    "GET /api/v1/incidents/{incident_id}/map": READ.of(Thing.INCIDENT),
    "GET /evidence/{sha256}/thumbnail": READ.of(Thing.EVIDENCE),
    "GET /map/places.json": READ,
    "GET /map/states.json": READ,
    "GET /api/v1/map/moving": READ,
    "GET /tiles/{zoom}/{x}/{y}": READ,
    "GET /rules": READ,
    "POST /api/v1/away": ANY_ACCOUNT,
    "GET /tickets/{ticket_id}": READ.of(Thing.TICKET),
    "GET /fragments/tickets/{ticket_id}": READ.of(Thing.TICKET),
    "GET /rejected": WIDE,
    "GET /silences": READ,
    "POST /silences": DUTY,
    "POST /silences/{silence_id}/end": DUTY,
    "GET /metrics": READ,
    "GET /health/live": OPEN,
    "GET /health/ready": OPEN,
    "GET /gateway": TECHNICIAN,
    "GET /runbook": READ,
    "GET /evidence/{sha256}": READ.of(Thing.EVIDENCE),
    "GET /evidence/{sha256}/blurred": READ.of(Thing.EVIDENCE),
    "POST /incidents/{incident_id}/verdict": WRITE.of(Thing.INCIDENT),
    "GET /api/v1/overview": READ,
    "GET /api/v1/reaches": READ,
    "GET /api/v1/stations": READ,
    "GET /api/v1/stations/{code}/observations": READ.of(Thing.STATION),
    "GET /api/v1/stations/{code}/flux": READ.of(Thing.STATION),
    "GET /api/v1/stations/{code}/lag": READ.of(Thing.STATION),
    "GET /api/v1/stations/{code}/forecast": READ.of(Thing.STATION),
    "GET /api/v1/incidents": READ,
    "GET /api/v1/incidents/{incident_id}": READ.of(Thing.INCIDENT),
    "GET /api/v1/incidents/{incident_id}/evidence": READ.of(Thing.INCIDENT),
    "POST /api/v1/incidents/{incident_id}/verdicts": WRITE.of(Thing.INCIDENT),
    "GET /api/v1/incidents/{incident_id}/trace": READ.of(Thing.INCIDENT),
    "GET /api/v1/alerts": READ,
    "GET /api/v1/tickets": READ,
    "GET /api/v1/tickets/{ticket_id}": READ.of(Thing.TICKET),
    "POST /api/v1/tickets/{ticket_id}/acceptance": WRITE.of(Thing.TICKET),
    "POST /api/v1/tickets/{ticket_id}/false-alarm": WRITE.of(Thing.TICKET),
    "GET /api/v1/rejected": WIDE,
    "GET /api/v1/silences": READ,
    "POST /api/v1/silences": DUTY,
    "POST /api/v1/silences/{silence_id}/end": DUTY,
    "GET /api/v1/decisions": WIDE,
    "GET /api/v1/events": READ,
    "GET /api/v1/external": READ,
    "POST /api/v1/external": TECHNICIAN,
}
# -- cameras
_CAMERAS = {
    "GET /cameras": READ,
    "GET /cameras/{code}": READ.of(Thing.CAMERA),
    "GET /fragments/camera-list": READ,
    "GET /fragments/cameras/{code}": READ.of(Thing.CAMERA),
    "GET /api/v1/cameras": READ,
    "GET /api/v1/cameras/{code}": READ.of(Thing.CAMERA),
    "GET /api/v1/cameras/{code}/frame.jpg": READ.of(Thing.CAMERA),
    "GET /api/v1/cameras/{code}/overlay": READ.of(Thing.CAMERA),
    "GET /api/v1/cameras/{code}/zones": READ.of(Thing.CAMERA),
    "PUT /api/v1/cameras/{code}/zones": TECHNICIAN.of(Thing.CAMERA),
}
# -- phone (chief)
_ON_DUTY = frozenset({Role.CHIEF, Role.HANDLER, Role.CONTRACTOR})
_MOVING = Rule(_ON_DUTY | _OFFICE | {Role.INSPECTOR})
_PHONE: dict[str, Rule] = {
    "GET /phone": _MOVING,
    "GET /phone/tickets/{ticket_id}": _MOVING.of(Thing.TICKET),
    "POST /phone/tickets/{ticket_id}/steps": _MOVING.of(Thing.TICKET),
    "GET /phone/water": _MOVING,
    "GET /phone/duty": CHIEF,
    "GET /phone/patrols": CHIEF,
    "GET /phone/patrols/{patrol_id}": CHIEF,
    "POST /phone/patrols/gpx": CHIEF,
    # The page that opens without a network: it holds nobody's data, the telephone's queue does.
    "GET /phone/field": OPEN,
    "GET /phone/service-worker.js": OPEN,
    "GET /phone/manifest.webmanifest": OPEN,
    "GET /api/v1/phone/session": REPORT,
    "POST /api/v1/phone/reports": REPORT,
    "POST /api/v1/phone/patrols": CHIEF,
    "GET /api/v1/desk/patrols": READ,
    "POST /api/v1/desk/patrols": WRITE,
}
# -- drones
_FLIGHTS: dict[str, Rule] = {
    "GET /flights": READ,
    "GET /flights/{flight_id}": READ.of(Thing.FLIGHT),
    "GET /fragments/flights/{flight_id}": READ.of(Thing.FLIGHT),
    "POST /flights/{flight_id}/findings/{finding}": WRITE.of(Thing.FLIGHT),
    "GET /api/v1/flights": READ,
    "POST /api/v1/flights": WRITE,
    "GET /api/v1/flights/{flight_id}": READ.of(Thing.FLIGHT),
    "GET /api/v1/flights/{flight_id}/map": READ.of(Thing.FLIGHT),
}
# -- technician
_TECHNICIAN: dict[str, Rule] = {
    "GET /stations": READ,
    "GET /stations/{code}": READ.of(Thing.STATION),
    "POST /stations/{code}/maintenance": TECHNICIAN.of(Thing.STATION),
    "POST /stations/{code}/replacement": TECHNICIAN.of(Thing.STATION),
    "GET /api/v1/maintenance": READ,
    "POST /api/v1/maintenance": TECHNICIAN,
}
# -- citizens
_CITIZENS = {
    "GET /report": OPEN,
    "POST /report": OPEN,
    "GET /report/track": OPEN,
    "GET /report/river": OPEN,
    "GET /report/pictures/{sha256}": OPEN,
    "POST /report/account": OPEN,
    "POST /report/rating": OPEN,
    "POST /api/v1/public/reports": OPEN,
    "GET /api/v1/public/work": OPEN,
    "GET /api/v1/public/reports/{code}": OPEN,
    "GET /desk/reports": OFFICE.showing("群众举报的原话与电话", "citizens' words and telephones"),
    "POST /api/v1/points/{partner}/exchanges": OFFICE,
    "POST /api/v1/points/{partner}/batches": OFFICE,
    "GET /api/v1/points/{partner}/batches/{batch}.csv": OFFICE,
}
# -- desk and office
_DESK = {
    "POST /tickets/{ticket_id}/steps": WRITE.of(Thing.TICKET),
    "POST /api/v1/tickets/{ticket_id}/steps": WRITE.of(Thing.TICKET),
    "POST /api/v1/tickets": REPORT,
    "GET /desk/new": REPORT,
    "POST /desk/new": REPORT,
    "POST /tickets/{ticket_id}/files": WRITE.of(Thing.TICKET),
    "POST /api/v1/tickets/{ticket_id}/files": WRITE.of(Thing.TICKET),
    "GET /desk/log": WIDE,
    "GET /api/v1/desk/log": WIDE,
    "GET /api/v1/desk/head": READ,
    "GET /handovers": READ,
    "POST /handovers": WRITE,
    "GET /handovers/{handover_id}": PARTY,
    "POST /handovers/{handover_id}/signatures": ANY_ACCOUNT.of(Thing.HANDOVER),
    "POST /handovers/{handover_id}/cancellation": WRITE.of(Thing.HANDOVER),
    "GET /api/v1/handovers": READ,
    "POST /api/v1/handovers": WRITE,
    "GET /api/v1/handovers/{handover_id}": PARTY,
    "POST /api/v1/handovers/{handover_id}/signatures": ANY_ACCOUNT.of(Thing.HANDOVER),
    "POST /api/v1/handovers/{handover_id}/cancellation": WRITE.of(Thing.HANDOVER),
    "GET /documents": READ,
    "GET /documents/{document_id}": READ.of(Thing.DOCUMENT),
    "GET /documents/{document_id}.{suffix}": READ.of(Thing.DOCUMENT),
    "GET /tickets/{ticket_id}/documents": READ.of(Thing.TICKET),
    "POST /tickets/{ticket_id}/documents": WRITE.of(Thing.TICKET),
    "GET /api/v1/documents": READ,
    "POST /api/v1/documents": WRITE,
    "POST /api/v1/tickets/{ticket_id}/documents": WRITE.of(Thing.TICKET),
    "GET /boards/{code}": READ.of(Thing.BOARD),
    "GET /boards/{code}.{suffix}": READ.of(Thing.BOARD),
    "GET /packages/{digest}.zip": OFFICE,
    "GET /api/v1/categories": READ,
    "GET /api/v1/sign-boards": READ,
    "GET /api/v1/sections": READ,
}
# -- supervision
_SUPERVISION = {
    "GET /desk/board": READ,
    "GET /desk/list": READ,
    "GET /desk/reports/{label}": READ,
    "GET /desk/circulars/{label}": READ,
    "POST /desk/proposals": WRITE,
    "GET /api/v1/desk/tickets": READ,
    "GET /api/v1/desk/units/{unit}/ledger/{month}": READ.of(Thing.UNIT),
    "GET /api/v1/desk/board": READ,
    "GET /api/v1/desk/circulars": READ,
    "GET /api/v1/desk/circulars/{month}": READ,
    "GET /api/v1/desk/scores/{period}": READ,
    "GET /api/v1/desk/reports/{period}": READ,
    "GET /api/v1/desk/tasks": READ,
    "GET /api/v1/desk/proposals": READ,
    "GET /api/v1/desk/lookbacks": READ,
    "PUT /api/v1/desk/tasks/{code}": WRITE,
    "POST /api/v1/desk/tasks/{code}/progress": WRITE,
    "POST /api/v1/desk/tasks/{code}/deadline": WRITE,
    "POST /api/v1/desk/tasks/{code}/closing": WRITE,
    "POST /api/v1/desk/lists/{year}/problems/{ticket_id}": WRITE.of(Thing.TICKET, "ticket_id"),
    "POST /api/v1/desk/lists/reviews/{quarter}": WRITE,
    "POST /api/v1/desk/matters/{subject}/warning": WRITE.of(Thing.SUBJECT),
    "POST /api/v1/desk/matters/{subject}/warning/withdrawal": WRITE.of(Thing.SUBJECT),
    "POST /api/v1/desk/matters/{subject}/step": WRITE.of(Thing.SUBJECT),
    "POST /api/v1/desk/matters/{subject}/step/refusal": WRITE.of(Thing.SUBJECT),
    "POST /api/v1/desk/matters/{subject}/instruction": WRITE.of(Thing.SUBJECT),
    "POST /api/v1/desk/tickets/{ticket_id}/inspection": WRITE.of(Thing.TICKET),
    "POST /api/v1/desk/units/{unit}/returns": WRITE.of(Thing.UNIT),
    "POST /api/v1/desk/units/{unit}/meetings": WRITE.of(Thing.UNIT),
    "POST /api/v1/desk/units/{unit}/grade": WRITE.of(Thing.UNIT),
}

# -- office pages
_OFFICE_PAGES = {
    "GET /desk/lists": READ,
    "POST /desk/lists/{year}/reviews": CHIEF,
    "POST /desk/lists/{year}/problems": CHIEF,
    "GET /desk/tasks/new": CHIEF,
    "POST /desk/tasks/new": CHIEF,
    "GET /desk/tasks/{code}": READ,
    "POST /desk/tasks/{code}/progress": WRITE,
    "POST /desk/tasks/{code}/deadline": CHIEF,
    "POST /desk/tasks/{code}/closing": CHIEF,
    "POST /desk/tasks/{code}/warning": WRITE,
    "GET /desk/patrols": READ,
    "GET /desk/inspections": READ,
    "POST /desk/inspections/{ticket_id}": WRITE.of(Thing.TICKET),
    "GET /desk/returns": SUPERVISOR,
    "POST /desk/returns/{label}": OFFICE,
    "GET /desk/meetings": SUPERVISOR,
    "POST /desk/meetings/{year}": OFFICE,
    "GET /desk/scores": READ,
    "GET /desk/scores/{label}/{code}": READ,
    "POST /desk/scores/{label}/{code}/grade": Rule(frozenset({Role.CHIEF})),
    "GET /desk/months": READ,
    "POST /desk/papers": OFFICE,
    "POST /desk/scores/{year}/water": OFFICE,
    "POST /api/v1/desk/water-years/{year}": OFFICE,
    "GET /desk/duties": READ,
    "GET /desk/duties/{post}": READ.of(Thing.POST),
    "GET /desk/plans": READ,
    "POST /desk/plans": CHIEF,
    "GET /desk/plans/{code}": READ,
    "POST /desk/plans/{code}/approvals": CHIEF,
    "GET /desk/adoptions": OFFICE.showing("认领人的姓名与电话", "adopters' names and telephones"),
    "GET /desk/adoptions/new": ADOPTER,
    "POST /desk/adoptions/new": ADOPTER,
    "POST /desk/adoptions/ending": ADOPTER,
    "GET /desk/offers": OFFICE,
    "POST /desk/offers": OFFICE,
    "POST /desk/offers/files": OFFICE,
    "POST /desk/offers/answers": OFFICE,
    "POST /api/v1/tickets/{ticket_id}/offer": OFFICE.of(Thing.TICKET),
    "POST /api/v1/desk/offers": OFFICE,
    "GET /api/v1/desk/offers/{name}": OFFICE,
    "POST /api/v1/desk/offers/{name}/answer": OFFICE,
    "GET /registry": OFFICE,
    "GET /registry/{kind}": OFFICE.showing("登记册", "the registry"),
    "GET /registry/{kind}/row": OFFICE.showing("登记册", "the registry"),
    "POST /registry/{kind}/row": OFFICE,
    "POST /registry/{kind}/removal": OFFICE,
    "GET /registry/import": OFFICE,
    "POST /registry/import": OFFICE,
    "POST /registry/import/{key}": OFFICE,
    "GET /registry/export.{suffix}": OFFICE.showing("登记册", "the registry"),
}

# -- devices: what the technician's tools ask
_DEVICES = {
    "GET /api/v1/session": ANY_ACCOUNT,
    "GET /api/v1/devices": TECHNICIAN,
    "POST /api/v1/devices": TECHNICIAN,
    "GET /api/v1/devices/seal-key": TECHNICIAN,
    "GET /api/v1/devices/{device}/calibrations": TECHNICIAN,
    "POST /api/v1/devices/{device}/calibrations": TECHNICIAN,
    "POST /api/v1/releases": TECHNICIAN,
    "GET /api/v1/releases/{release}": TECHNICIAN,
    "POST /api/v1/releases/{release}/offers": TECHNICIAN,
}
# -- outward: for other programs; CAP and Open311 answer 404 where they are not switched on
_OUTWARD = {
    "GET /links": WIDE,
    "POST /links/deliveries/{delivery_id}": DUTY,
    "GET /api/v1/links": WIDE,
    "GET /sta/v1.1": READ,
    "GET /sta/v1.1/{path:path}": READ,
    "GET /api/v1/exports/{dataset}.{form}": READ,
    "GET /cap/feed.xml": OPEN,
    "GET /cap/{name}.xml": OPEN,
    "GET /open311/v2/discovery.{form}": OPEN,
    "GET /open311/v2/services.{form}": OPEN,
    "GET /open311/v2/services/{code}.{form}": OPEN,
    "GET /open311/v2/requests.{form}": OPEN,
    "POST /open311/v2/requests.{form}": OPEN,
    "GET /open311/v2/requests/{key}.{form}": OPEN,
    "GET /open311/v2/tokens/{token}.{form}": OPEN,
}

PERMISSIONS = RouteTable(
    _ACCESS,
    _OPERATOR,
    _CAMERAS,
    _PHONE,
    _FLIGHTS,
    _TECHNICIAN,
    _CITIZENS,
    _DESK,
    _SUPERVISION,
    _OFFICE_PAGES,
    _DEVICES,
    _OUTWARD,
)
