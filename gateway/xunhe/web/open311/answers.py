"""What GeoReport v2 shows: services, and how requests stand."""

from datetime import datetime
from typing import Any

from xunhe.adapters.citizen_desk import Tracking
from xunhe.adapters.store.open_requests import OpenRequest
from xunhe.desk.categories import CATEGORIES, TREE, category
from xunhe.desk.citizens import Stage, stage
from xunhe.domain.registry import Registry
from xunhe.web.console import iso

# About 100 m: where a report was written may be where its writer lives.
_DIGITS = 3
_CLOSED = frozenset({Stage.DONE, Stage.DECLINED})
_CHANGED = "2026-11-22T00:00:00Z"  # when this interface last changed
# All that GeoReport names of a request, in its order.
_NAMED = (
    *("service_request_id", "status", "status_notes", "service_name", "service_code"),
    *("description", "agency_responsible", "service_notice", "requested_datetime"),
    *("updated_datetime", "expected_datetime", "address", "address_id", "zipcode"),
    *("lat", "long", "media_url"),
)

Row = dict[str, Any]


def services() -> list[Row]:
    """Every category of problems; none asks for more than place and words."""
    return [
        {
            "service_code": leaf.code,
            "service_name": f"{leaf.zh} {leaf.en}",
            "description": f"{group.zh} · {leaf.zh} / {group.en}: {leaf.en}",
            "metadata": False,
            "type": "realtime",
            "keywords": f"{group.zh},{leaf.zh},{leaf.en}",
            "group": f"{group.zh} {group.en}",
        }
        for group in TREE
        for leaf in group.categories
    ]


def definition(code: str) -> Row | None:
    """A service's own questions: none. None for a code that is none."""
    return {"service_code": code, "attributes": []} if code in CATEGORIES else None


def of_ticket(found: OpenRequest, registry: Registry) -> Row:
    """A request as everybody may read it."""
    post = registry.posts.get(found.post)
    agency = "" if post is None else f"{post.title} {post.title_en}"
    row = _row(found.number, found.category, stage(found.state), found.requested_at)
    return row | {
        "agency_responsible": agency,
        "updated_datetime": iso(found.changed_at),
        "expected_datetime": iso(found.due_at),
        "lat": round(found.lat, _DIGITS),
        "long": round(found.lon, _DIGITS),
    }


def of_sender(code: str, found: Tracking) -> Row:
    """A request as its sender may read it by his code, with the desk's answers."""
    row = _row(code, found.category, found.stage, found.received_at)
    updated = max((answer.at for answer in found.answers), default=found.received_at)
    if found.answers:
        row["status_notes"] = "\n".join(answer.text for answer in found.answers)
    return row | {"updated_datetime": iso(updated), "expected_datetime": iso(found.verify_by)}


def status_of(at_stage: Stage) -> str:
    """GeoReport knows two."""
    return "closed" if at_stage in _CLOSED else "open"


def accepted(code: str, *, joined: bool) -> list[Row]:
    """The answer to a new request."""
    notice = "凭受理编号查询进度 / keep this id: it shows how things stand"
    if joined:
        notice = f"已并入正在处理的同一问题 / joined to an open problem; {notice}"
    return [{"service_request_id": code, "service_notice": notice, "account_id": None}]


def errors(status: int, description: str) -> list[Row]:
    """What went wrong, as GeoReport says it."""
    return [{"code": status, "description": description}]


def discovery(root: str, contact: str) -> Row:
    """Where the service is (https://wiki.open311.org/Service_Discovery)."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": root,
        "changeset": _CHANGED,
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    return {
        "changeset": _CHANGED,
        "contact": contact,
        "key_service": "河长办发放 / keys are given by the river chief's office",
        "endpoints": [endpoint],
    }


def _row(key: str, code: str, at_stage: Stage, requested_at: datetime) -> Row:
    """What is not told is empty."""
    leaf = category(code)
    zh, en = at_stage.value
    return dict.fromkeys(_NAMED) | {
        "service_request_id": key,
        "status": status_of(at_stage),
        "status_notes": f"{zh} {en}",
        "service_name": f"{leaf.zh} {leaf.en}",
        "service_code": leaf.code,
        "requested_datetime": iso(requested_at),
    }
