"""静默: alarms that a person does not want for a while; and what became of every finding."""

from datetime import timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, StringConstraints, model_validator

from xunhe.adapters.store import decisions, silences
from xunhe.adapters.store.decisions import DecisionRow, Outcome
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.silences import SilenceRow
from xunhe.alerts.muting import Labels
from xunhe.domain.camera import Camera
from xunhe.domain.incident import Kind
from xunhe.domain.registry import Station
from xunhe.web.api import Id, Limit, Offset, actor
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError, NotFoundError
from xunhe.web.forms import Filled, read
from xunhe.web.freshness import stand
from xunhe.web.models import Instant
from xunhe.web.overview import witnesses
from xunhe.web.rule_pages import SEEN
from xunhe.web.templates import render
from xunhe.web.wording import RULE_NAMES, Words, words

MAX_HOURS = 24 * 90
_SHOWN = 100
_MUTED = (Outcome.INHIBITED.value, Outcome.SILENCED.value, Outcome.SET_APART.value)

Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]

router = APIRouter(responses=ERRORS)


class SilenceSaid(BaseModel):
    """A silence to be: it hides what bears all the labels that are given, at least one."""

    hours: Annotated[float, Field(ge=0.01, le=MAX_HOURS)]
    reason: Why
    station: Code = Field("", description="Station or camera")
    reach: Code = ""
    rule: Code = ""
    kind: Kind | None = None
    zone: Code = Field("", description="Of a camera's picture")

    @model_validator(mode="after")
    def _has_a_label(self) -> Self:
        if not any((self.station, self.reach, self.rule, self.kind, self.zone)):
            raise ValueError(
                "至少选一个标签，静默不能隐去一切"
                " / give at least one label: a silence must not hide everything"
            )
        return self

    @property
    def labels(self) -> Labels:
        """The labels; what was left empty fits everything."""
        kind = self.kind.value if self.kind else None
        return Labels(
            self.station or None, self.reach or None, self.rule or None, kind, self.zone or None
        )


class SilenceForm(BaseModel):
    """The page's form, as it was typed; what is empty was not given."""

    hours: str = ""
    reason: str = ""
    station: str = ""
    reach: str = ""
    rule: str = ""
    kind: str = ""


class SilenceView(BaseModel):
    """A silence with how much it has hidden."""

    id: int
    station: str | None
    reach: str | None
    rule: str | None
    kind: str | None
    zone: str | None
    starts_at: Instant
    ends_at: Instant
    author: str
    reason: str
    ended_by: str | None
    in_force: bool
    hidden: int = Field(description="Findings that it has kept from alarming")
    last_hidden_at: Instant | None


class DecisionView(BaseModel):
    """What became of a finding, and why."""

    id: int
    at: Instant
    last_at: Instant
    times: int = Field(description="How often it was decided so in a row")
    station: str
    zone: str
    rule: str
    sample_at: Instant = Field(description="The instant of the water that it is about")
    outcome: Outcome
    by: str = Field(description="What muted it, or why it joined")
    alert_id: int | None
    silence_id: int | None
    reason_zh: str
    reason_en: str
    detail: object = Field(description="What a page needs to draw it, or null")


@router.get("/api/v1/silences", tags=["silences"], operation_id="listSilences")
def list_silences(console: ConsoleDep, limit: Limit = 50, offset: Offset = 0) -> list[SilenceView]:
    """Silences, newest first, those that are over too."""
    with console.database.read() as connection:
        rows = silences.newest(connection, limit, offset)
    return [_view(console, row) for row in rows]


@router.post(
    "/api/v1/silences",
    tags=["silences"],
    operation_id="addSilence",
    status_code=201,
    responses=WRITE_ERRORS,
)
def add_silence(console: ConsoleDep, request: Request, said: SilenceSaid) -> SilenceView:
    """Silence the alarms that bear all the given labels, from now on."""
    return _add(console, said, actor(request))


@router.post(
    "/api/v1/silences/{silence_id}/end",
    tags=["silences"],
    operation_id="endSilence",
    responses=WRITE_ERRORS,
)
def end_silence(console: ConsoleDep, request: Request, silence_id: Id) -> SilenceView:
    """End a silence before its time."""
    return _end(console, silence_id, actor(request))


@router.get("/api/v1/decisions", tags=["incidents"], operation_id="listDecisions")
def list_decisions(
    console: ConsoleDep,
    limit: Limit = 50,
    offset: Offset = 0,
    outcome: Annotated[list[Outcome] | None, Query()] = None,
    alert_id: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    station: Annotated[str | None, Query(max_length=100)] = None,
) -> list[DecisionView]:
    """What became of every finding and why, newest first."""
    outcomes = [each.value for each in outcome or ()]
    with console.database.read() as connection:
        rows = decisions.newest(connection, limit, offset, outcomes, alert_id, station)
    return [_decision(row) for row in rows]


@router.get("/silences", include_in_schema=False)
def silences_page(request: Request, console: ConsoleDep) -> Response:
    """Silences with what they hid, and all that raised no alarm."""
    return _page(request, console, Filled())


def _page(request: Request, console: Console, form: Filled) -> Response:
    with console.database.read() as connection:
        rows = silences.newest(connection, _SHOWN)
        muted = decisions.newest(connection, _SHOWN, outcomes=_MUTED)
        live = stand(connection)
    page = render(
        request,
        "silences.html",
        silences=[_view(console, row) for row in rows],
        muted=muted,
        form=form,
        places=[(code, Words(code, place.name)) for code, place in _witnesses(console)],
        reaches=[(r.code, Words(r.name, r.name_en)) for r in console.registry.reaches.values()],
        rules=[(name, words(RULE_NAMES, name)) for name in (*console.rules.rules, *SEEN)],
        **live,
    )
    page.status_code = 200 if form.is_fit else 422
    return page


def _witnesses(console: Console) -> list[tuple[str, Station | Camera]]:
    return sorted(witnesses(console).items())


@router.post("/silences", include_in_schema=False)
def add_on_page(
    console: ConsoleDep, request: Request, form: Annotated[SilenceForm, Form()]
) -> Response:
    """The page's form."""
    typed = form.model_dump()
    said = read(SilenceSaid, {name: text for name, text in typed.items() if text.strip()})
    if isinstance(said, Filled):
        return _page(request, console, Filled.of(typed, **said.problems))
    _add(console, said, actor(request))
    return RedirectResponse("/silences", 303)


@router.post("/silences/{silence_id}/end", include_in_schema=False)
def end_on_page(console: ConsoleDep, request: Request, silence_id: Id) -> Response:
    """The page's button."""
    _end(console, silence_id, actor(request))
    return RedirectResponse("/silences", 303)


def _add(console: Console, said: SilenceSaid, author: str) -> SilenceView:
    now = console.clock.now()
    ends_at = now + timedelta(hours=said.hours)
    with console.database.write() as connection:
        number = silences.add(connection, said.labels, now, ends_at, author, said.reason)
        emit(connection, "silence", {"silence_id": number, "author": author}, now)
        row = _found(silences.find(connection, number), number)
    console.live.notify()
    return _view(console, row)


def _end(console: Console, silence_id: int, actor_name: str) -> SilenceView:
    now = console.clock.now()
    with console.database.write() as connection:
        _found(silences.find(connection, silence_id), silence_id)
        if not silences.end(connection, silence_id, now, actor_name):
            raise CallerError(
                409, "not_in_force", f"silence {silence_id} is over", f"静默 {silence_id} 已结束"
            )
        emit(connection, "silence", {"silence_id": silence_id, "ended_by": actor_name}, now)
        row = _found(silences.find(connection, silence_id), silence_id)
    console.live.notify()
    return _view(console, row)


def _found(row: SilenceRow | None, silence_id: int) -> SilenceRow:
    if row is None:
        raise NotFoundError("silence", "静默", silence_id)
    return row


def _view(console: Console, row: SilenceRow) -> SilenceView:
    silence, labels = row.silence, row.silence.labels
    return SilenceView(
        id=silence.silence_id,
        station=labels.station,
        reach=labels.reach,
        rule=labels.rule,
        kind=labels.kind,
        zone=labels.zone,
        starts_at=silence.starts_at,
        ends_at=silence.ends_at,
        author=silence.author,
        reason=silence.reason,
        ended_by=row.ended_by,
        in_force=silence.holds_at(console.clock.now()),
        hidden=row.hidden,
        last_hidden_at=row.last_hidden_at,
    )


def _decision(row: DecisionRow) -> DecisionView:
    names = DecisionView.model_fields
    return DecisionView(**{name: getattr(row, name) for name in names})
