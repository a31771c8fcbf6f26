"""External data over the API: values from laboratories and other systems, with their source.

Taken in whole or not at all; a refusal names every value that is wrong, by its place in the list.
"""

from datetime import UTC
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from xunhe.adapters.external_import import refuse, take_in
from xunhe.adapters.store import external
from xunhe.adapters.store.external import Origin, Stored
from xunhe.domain.external import Entry, ExternalError, ExternalValue, Problem, Where
from xunhe.water.indicators import INDICATORS
from xunhe.water.units import factor_of, units_of
from xunhe.web.api import Limit, actor
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError, FieldProblem
from xunhe.web.models import Instant

MAX_VALUES = 5000  # of one request
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]

router = APIRouter(prefix="/api/v1/external", tags=["external"], responses=ERRORS)


class ExternalSaid(BaseModel):
    """One value of one property at a registered place."""

    place: Name = Field(description="Code of a registered station, section, intake, …")
    time: AwareDatetime
    property: Name = Field(description="Such as `tp_mg_l`")
    value: Annotated[float, Field(allow_inf_nan=False)]
    unit: Annotated[str, Field(max_length=20)] | None = Field(
        None, description="Left out: that of the property. mg/L, µg/L, m³/s, …"
    )
    is_below_limit: bool = Field(False, description="Not detected: less than `value` (未检出)")


class ExternalBatch(BaseModel):
    """What one source says."""

    source: Name = Field(description="Who measured, such as a laboratory")
    values: Annotated[list[ExternalSaid], Field(min_length=1, max_length=MAX_VALUES)]
    dry_run: bool = Field(False, description="Check everything and store nothing")


class ExternalTaken(BaseModel):
    """How many values are new and how many this source had said before."""

    new: int
    known: int
    dry_run: bool


class ExternalView(BaseModel):
    """A stored value with its source, in the property's unit."""

    place: str
    time: Instant
    property: str
    value: float
    is_below_limit: bool
    source: str


class RefusedBatchError(CallerError):
    """Nothing of a batch was stored."""

    def __init__(self, error: ExternalError) -> None:
        count = len(error.problems)
        super().__init__(
            422,
            "external_data",
            f"nothing was stored: {count} values are wrong",
            f"没有导入任何数据：{count} 处有误",
        )
        self.problem.fields = [
            FieldProblem(field=_field(problem.where), message=problem.en, message_zh=problem.zh)
            for problem in error.problems
        ]


@router.post("", operation_id="postExternal", status_code=201, responses=WRITE_ERRORS)
def post_external(console: ConsoleDep, request: Request, batch: ExternalBatch) -> ExternalTaken:
    """Take values in. 422 names every wrong one as `values.N`, and then nothing is stored."""
    by = Origin(batch.source, actor(request), "api")
    now = console.clock.now()
    try:
        entries = _entries(batch.values)
        taken = take_in(console.database, console.registry, entries, by, now, dry_run=batch.dry_run)
    except ExternalError as error:
        if not batch.dry_run:
            refuse(console.database, by, batch.model_dump_json().encode(), error, now)
        raise RefusedBatchError(error) from error
    return ExternalTaken(new=taken.new, known=taken.known, dry_run=batch.dry_run)


@router.get("", operation_id="listExternal")
def list_external(
    console: ConsoleDep,
    place: Annotated[str | None, Query(description="Code of a place; left out: all")] = None,
    limit: Limit = 50,
) -> list[ExternalView]:
    """External values, newest first."""
    with console.database.read() as connection:
        return [_view(stored) for stored in external.newest(connection, place, limit)]


def _entries(values: list[ExternalSaid]) -> list[Entry]:
    found = [_entry(number, said) for number, said in enumerate(values)]
    if problems := [one for one in found if isinstance(one, Problem)]:
        raise ExternalError(problems)
    return [one for one in found if isinstance(one, Entry)]


def _entry(number: int, said: ExternalSaid) -> Entry | Problem:
    where = Where(number, "property")
    indicator = INDICATORS.get(said.property)
    if indicator is None:
        return Problem(where, f"不认识的指标 {said.property}", f"unknown property {said.property}")
    factor = Decimal(1) if said.unit is None else factor_of(said.unit, indicator)
    if factor is None:
        units = units_of(indicator)
        zh, en = f"单位 {said.unit} 不适用，可用 {units}", f"unit {said.unit}: use one of {units}"
        return Problem(Where(number, "unit"), zh, en)
    value = float(Decimal(repr(said.value)) * factor)
    found = ExternalValue(
        said.place, said.property, said.time.astimezone(UTC), value, said.is_below_limit
    )
    return Entry(found, Where(number, "value"))


def _field(where: Where) -> str:
    return f"values.{where.row}.{where.column}"


def _view(stored: Stored) -> ExternalView:
    value = stored.value
    return ExternalView(
        place=value.place,
        time=value.time,
        property=value.prop,
        value=value.value,
        is_below_limit=value.is_below_limit,
        source=stored.source,
    )
