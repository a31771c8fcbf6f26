"""A console with somebody of every role, and one thing of every kind in two reaches.

`OWN` lies in YX-3, which the chief (P7, VILLAGE-3) answers for, `FOREIGN` in YX-1. What only the
other reach knows is marked by SECRET.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa

from tests.fakes import camera_desk
from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.flights.reported import flight, found, jpeg
from tests.gateway.web.console_server import Served, flight_book, serve
from tests.gateway.web.river_rows import NOW, REGISTRY, SetClock, add_alert, fill, opened
from xunhe.adapters.documents.office import PaperOffice
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.flights.intake import Brought
from xunhe.adapters.registry_desk import RegistryDesk
from xunhe.adapters.store import accounts, evidence, handovers, members, patrols
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.patrols import TrackSource
from xunhe.adapters.supervision import river_plans, tasks
from xunhe.desk.handover import Checklist
from xunhe.desk.patrols import Means, Patrol
from xunhe.desk.river_plans import Cycle, RiverPlan
from xunhe.desk.roles import Role
from xunhe.desk.tasks import ListKind, Plan
from xunhe.desk.track import Fix
from xunhe.domain.finding import FindingKind
from xunhe.settings import DocumentSettings
from xunhe.web.access import COOKIE
from xunhe.web.route_rules import Rule, Thing

HOUR = timedelta(hours=1)
SECRET = "外河段的秘密"
SEATS: dict[str, dict[str, object]] = {
    "河长办": {"role": Role.OFFICE},
    "河长": {"person": "P7"},
    "承办": {"role": Role.HANDLER, "code": "D-WATER"},
    "督查": {"role": Role.INSPECTOR},
    "第三方": {"role": Role.CONTRACTOR},
    "志愿者": {"role": Role.VOLUNTEER},
    "监督": {"role": Role.OBSERVER},
    "值班": {"role": Role.OPERATOR},
    "运维": {"role": Role.TECHNICIAN},
    "管理": {"role": Role.ADMINISTRATOR},
    "离任": {"person": "P9"},
}
NAMES = {
    **{seat["role"]: name for name, seat in SEATS.items() if "role" in seat},
    Role.CHIEF: "河长",
}
OWN: dict[Thing, str] = {
    Thing.TICKET: "1",
    Thing.INCIDENT: "1",
    Thing.STATION: "YX-S3",
    Thing.CAMERA: "YX-C3",
    Thing.REACH: "YX-3",
    Thing.POST: "VILLAGE-3",
    Thing.BOARD: "YX-B3",
    Thing.EVIDENCE: "a" * 64,
    Thing.DOCUMENT: "1",
    Thing.HANDOVER: "1",
    Thing.UNIT: "U-VILLAGE-3",
    Thing.SUBJECT: "ticket:1",
    Thing.FLIGHT: "1",
}
FOREIGN: dict[Thing, str] = {
    Thing.TICKET: "2",
    Thing.INCIDENT: "2",
    Thing.STATION: "YX-S1",
    Thing.CAMERA: "YX-C1",
    Thing.REACH: "YX-1",
    Thing.POST: "VILLAGE-1",
    Thing.BOARD: "YX-B1",
    Thing.EVIDENCE: "b" * 64,
    Thing.DOCUMENT: "2",
    Thing.HANDOVER: "2",
    Thing.UNIT: "U-VILLAGE-1",
    Thing.SUBJECT: "ticket:2",
    Thing.FLIGHT: "2",
}
# What a path may name beside things; a new parameter is added here.
WORDS = {
    "month": "2026-06",
    "period": "2026-06",
    "quarter": "2026Q2",
    "year": "2026",
    "label": "2026-06",
    "suffix": "pdf",
    "digest": "0" * 64,
    "sha256": "a" * 64,
    "name": "tickets",
    "partner": "bank",
    "code": "YX-S3",
    "subject": "ticket:1",
    "unit": "U-VILLAGE-3",
    "kind": "reach",
    "key": "YX-3",
    "dataset": "observations",
    "form": "csv",
    "path:path": "Things",
}
# A word that means another thing below these paths.
WORDS_BELOW = {
    ("/desk/scores/", "code"): "VILLAGE-3",
    ("/open311/", "form"): "json",
    ("/desk/tasks/", "code"): "T-1",
    ("/api/v1/desk/tasks/", "code"): "T-1",
    ("/desk/meetings/", "label"): "2026",
    ("/desk/plans/", "code"): "P-1",
    ("/api/v1/desk/offers/", "name"): "0" * 64,
}


@dataclass
class World:
    """The console, and a client for everybody who has an account."""

    served: Served
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def of(self, role: Role) -> httpx.Client:
        return self.clients[NAMES[role]]


def concrete(template: str, rule: Rule, things: dict[Thing, str]) -> str:
    """A path of this template that names this one of the things."""
    names = [part.partition("}")[0] for part in template.split("{")[1:]]
    path = template
    for name in names:
        is_thing = rule.thing is not None and name == (rule.parameter or names[0])
        value = things[rule.thing] if is_thing and rule.thing else _word(template, name)
        path = path.replace(f"{{{name}}}", value, 1)
    return path


def _word(template: str, name: str) -> str:
    special = (
        word
        for (folder, called), word in WORDS_BELOW.items()
        if called == name and template.startswith(folder)
    )
    return next(special, WORDS.get(name, "1"))


@contextmanager
def world(
    folder: Path, *, read_without_login: bool = False, has_river: bool = True
) -> Iterator[World]:
    """Without its river there are people only."""
    with ExitStack() as stack:
        database = opened(folder)
        stack.callback(database.close)
        if has_river:
            fill(database, hours=0.1)
        with database.write() as connection:
            if has_river:
                _mark(connection)
                _papers(connection)
                _work(connection)
                _patrols(connection)
            _seats(connection)
        store = EvidenceStore(folder / "evidence")
        if has_river:
            _flights(database, store)
        served = stack.enter_context(
            serve(
                database,
                read_without_login=read_without_login,
                cameras=camera_desk.desk(NOW),
                evidence=store,
                registry_desk=RegistryDesk(_registry(folder), lambda: None),
                documents=DocumentSettings(packages=folder / "packages"),
            )
        )
        made = World(served)
        for name in SEATS:
            made.clients[name] = stack.enter_context(client_of(served, name))
        yield made


@contextmanager
def client_of(served: Served, name: str) -> Iterator[httpx.Client]:
    """Logged in past the form, whose hashing takes its time."""
    token, session = accounts.open_session(served.database, name, NOW, 24)
    with served.client() as client:
        client.cookies.set(COOKIE, token)
        client.headers["X-CSRF-Token"] = session.csrf
        yield client


def _work(connection: sa.Connection) -> None:
    """A task of the chief's."""
    plan = Plan(
        ListKind.MEASURES,
        2026,
        "整治柳湾排口",
        "云溪",
        "U-VILLAGE-3",
        "VILLAGE-3",
        "个",
        (1.0, 2.0, 3.0, 4.0),
        datetime(2026, 12, 31, tzinfo=UTC),
    )
    tasks.plan(connection, "T-1", plan, "office", NOW)
    cycle = RiverPlan("P-1", "云溪", "云溪一河一策", "U-DISTRICT", Cycle(2026, 2030))
    river_plans.put(connection, cycle, "office", NOW)


def _patrols(connection: sa.Connection) -> None:
    """A patrol with its track in each reach; what was noted in the other is its own."""
    for post, reach, note in (("VILLAGE-3", "YX-3", ""), ("VILLAGE-1", "YX-1", SECRET)):
        line = REGISTRY.reaches[reach].line[:5]
        start = NOW - 2 * HOUR
        patrol = Patrol(post, (reach,), Means.ON_FOOT, start, NOW - HOUR, 800, note=note)
        patrols.add(connection, patrol, post, NOW)
        fixes = [Fix(start + i * timedelta(minutes=9), place, 5) for i, place in enumerate(line)]
        found = patrols.id_of(connection, patrol)
        patrols.add_track(connection, found, patrol, post, TrackSource.PHONE, fixes)


def _flights(database: Database, store: EvidenceStore) -> None:
    """A flight over each reach; what waits for a name over the other is its own."""
    book = flight_book(database, store, SetClock())
    for number, (reach, note) in enumerate((("YX-3", ""), ("YX-1", SECRET)), 1):
        at = REGISTRY.reaches[reach].line[1]
        changed = replace(
            found(kind=FindingKind.BANK_CHANGE, at=at, reach=reach), reason_zh=f"岸线变化 {note}"
        )
        flown = flight(
            [changed],
            key=f"{number:016x}",
            began=NOW - HOUR,
            reach=reach,
            path=(),
            coverage=None,
            film=f"{note}.MP4",
        )
        book.take(Brought(flown, {"F01": jpeg(50 * number)}, "office"))


def _registry(folder: Path) -> Path:
    """A copy of the demo's registry, which pages may edit."""
    copied = folder / "registry"
    shutil.copytree(DEMO_REGISTRY, copied)
    return copied


def _seats(connection: sa.Connection) -> None:
    for name, seat in SEATS.items():
        accounts.add_user(connection, name, "no password", NOW)
        members.add(connection, name, NOW, **seat)  # type: ignore[arg-type]


def _mark(connection: sa.Connection) -> None:
    """A word in the other reach's incident, and a file of each ticket."""
    add_alert(connection, 2, value=1.2, reason=(f"氨氮突升 {SECRET}", f"ammonia rose {SECRET}"))
    for sha256, ticket, note in (("a" * 64, 1, ""), ("b" * 64, 2, SECRET)):
        row = {
            "sha256": sha256,
            "role": evidence.Role.HANDLING.value,
            "media_type": "image/jpeg",
            "size": 1,
            "camera": "",
            "camera_at": NOW,
            "gateway_at": NOW,
            "detail": {"note": note},
            "ticket_id": ticket,
        }
        evidence.add(connection, [row])


def _papers(connection: sa.Connection) -> None:
    """A paper and a handover in each reach."""
    office = PaperOffice(REGISTRY, DocumentSettings(), None)
    for ticket, post, said in ((1, "VILLAGE-3", ""), (2, "VILLAGE-1", SECRET)):
        office.assign(connection, ticket, said, "office", NOW)
        handovers.draft(
            connection,
            REGISTRY,
            post,
            "P8",
            Checklist((), (), (), (), (), (), None).to_text(),
            "office",
            NOW,
        )
