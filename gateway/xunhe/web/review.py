"""复核: a person says whether an incident is real (属实) or a false alarm (误报).

A verdict moves no ticket. It teaches the models (`xunhe review export`), and a camera ends a
discharge that is none. The newest verdict counts.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, StringConstraints

from xunhe.adapters.store import evidence as evidence_rows
from xunhe.adapters.store import queries, verdicts
from xunhe.adapters.store.verdicts import Verdict
from xunhe.domain.incident import Rule
from xunhe.web import evidence
from xunhe.web.api import Id, actor
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.evidence import EvidencePage, LabelledBox, VerdictView
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, CallerError, NotFoundError

Label = Literal["litter", "vegetation_mat", "discharge", "dumping", "other"]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]
Fraction = Annotated[float, Field(ge=0, le=1)]
MAX_BOXES = 200

router = APIRouter(responses=ERRORS)


class BoxSaid(BaseModel):
    """A right box: corners in fractions of the picture, and what is in it."""

    x0: Fraction
    y0: Fraction
    x1: Fraction
    y1: Fraction
    label: Label


class VerdictSaid(BaseModel):
    """What a person says. `boxes`: the right ones of the newest picture; null keeps the model's."""

    is_true: bool = Field(description="true 属实, false 误报")
    note: Note = ""
    label: Label | None = Field(None, description="What it is, where the model named it wrong")
    boxes: Annotated[list[BoxSaid], Field(max_length=MAX_BOXES)] | None = None


class VerdictForm(BaseModel):
    """The form on the page of a ticket or, without one, of an incident.

    `wrong`: boxes of the shown picture, from 0, around nothing.
    """

    is_true: bool
    ticket: Annotated[int | None, Field(ge=1)] = None
    picture: Annotated[str, Field(max_length=64)] = ""
    label: Label | Literal[""] = ""
    note: Note = ""
    wrong: list[int] = []


@router.get(
    "/api/v1/incidents/{incident_id}/evidence",
    tags=["incidents"],
    operation_id="listEvidence",
    responses=NOT_FOUND,
)
def list_evidence(console: ConsoleDep, incident_id: Id) -> EvidencePage:
    """An incident's files and the verdicts on it, the newest first."""
    with console.database.read() as connection:
        if queries.incident(connection, incident_id) is None:
            raise NotFoundError("incident", "事件", incident_id)
        return evidence.page(connection, incident_id)


@router.post(
    "/api/v1/incidents/{incident_id}/verdicts",
    tags=["incidents"],
    operation_id="judgeIncident",
    status_code=201,
    responses=WRITE_ERRORS,
)
def judge(console: ConsoleDep, request: Request, incident_id: Id, said: VerdictSaid) -> VerdictView:
    """Say whether an incident is real (属实) or a false alarm (误报)."""
    boxes = None if said.boxes is None else tuple(_corners(box) for box in said.boxes)
    found = Verdict(
        incident_id,
        console.clock.now(),
        actor(request),
        said.is_true,
        said.note,
        said.label,
        boxes,
    )
    _keep(console, found)
    return evidence.verdict(found)


@router.post("/incidents/{incident_id}/verdict", include_in_schema=False)
def judge_on_page(
    console: ConsoleDep, request: Request, incident_id: Id, form: Annotated[VerdictForm, Form()]
) -> Response:
    """The page's form."""
    boxes = _left(console, incident_id, form) if form.is_true else None
    who, label = actor(request), form.label or None
    found = Verdict(incident_id, console.clock.now(), who, form.is_true, form.note, label, boxes)
    _keep(console, found)
    page = f"/incidents/{incident_id}" if form.ticket is None else f"/tickets/{form.ticket}"
    return RedirectResponse(f"{page}#review", 303)


def _keep(console: Console, said: Verdict) -> None:
    with console.database.write() as connection:
        if queries.incident(connection, said.incident_id) is None:
            raise NotFoundError("incident", "事件", said.incident_id)
        verdicts.add(connection, said)
        witnesses = queries.witnesses(connection, said.incident_id)
    if not said.is_true and console.cameras is not None:
        for witness in witnesses:
            if witness.rule == Rule.SEEN_DISCHARGE and witness.ended_at is None:
                console.cameras.dismiss(witness.station, witness.zone)
    console.live.notify()


def _corners(box: BoxSaid) -> LabelledBox:
    if box.x0 >= box.x1 or box.y0 >= box.y1:
        raise CallerError(
            422,
            "empty_box",
            f"box {box.x0}, {box.y0}, {box.x1}, {box.y1} is empty: x0 < x1 and y0 < y1",
            "标注框为空：应有 x0 < x1 且 y0 < y1",
        )
    return box.x0, box.y0, box.x1, box.y1, box.label


def _left(console: Console, incident_id: int, form: VerdictForm) -> tuple[LabelledBox, ...] | None:
    """The boxes of the picture without the wrong ones; None where none is wrong."""
    if not form.wrong or not form.picture:
        return None
    with console.database.read() as connection:
        row = evidence_rows.of_picture(connection, incident_id, form.picture)
    if row is None:
        return None
    name = form.label or row.detail["label"]
    boxes = enumerate(row.detail["boxes"])
    return tuple((*box[:4], name) for k, box in boxes if k not in form.wrong)
