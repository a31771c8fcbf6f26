"""Work at stations over the API: what is read meanwhile stays in the record, out of judgement."""

from datetime import UTC
from typing import Annotated, Self

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, model_validator

from xunhe.adapters.store import maintenance
from xunhe.domain.maintenance import Maintenance, Work
from xunhe.water.indicators import INDICATORS
from xunhe.web.api import Limit, actor
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, WRITE_ERRORS, NotFoundError
from xunhe.web.models import Instant

Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]

router = APIRouter(prefix="/api/v1/maintenance", tags=["stations"], responses=ERRORS)


class MaintenanceSaid(BaseModel):
    """A piece of work. Without `ended_at` it goes on until further notice."""

    station: str
    work: Work
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    property: Annotated[str, Field(max_length=50)] = Field(
        "", description="Such as `ph`; left out: the whole station"
    )
    found_error: Annotated[float, Field(allow_inf_nan=False)] | None = Field(
        None, description="Before a calibration: reading minus standard"
    )
    note: Note = ""

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.ended_at is not None and self.ended_at < self.started_at:
            raise ValueError("ended_at is before started_at")
        if self.property and self.property not in INDICATORS:
            raise ValueError(f"property {self.property!r} is unknown")
        return self


class MaintenanceView(BaseModel):
    """A piece of work as it is kept."""

    station: str
    work: Work
    work_zh: str
    started_at: Instant
    ended_at: Instant | None
    property: str
    found_error: float | None
    actor: str
    note: str


@router.post("", operation_id="postMaintenance", status_code=201, responses=WRITE_ERRORS)
def post_maintenance(
    console: ConsoleDep, request: Request, said: MaintenanceSaid
) -> MaintenanceView:
    """Enter work at a station; said again with `ended_at`, it ends."""
    if said.station not in console.registry.stations:
        raise NotFoundError("station", "测站", said.station)
    work = Maintenance(
        said.station,
        said.work,
        said.started_at.astimezone(UTC),
        said.ended_at and said.ended_at.astimezone(UTC),
        said.property,
        said.found_error,
        actor(request),
        said.note,
    )
    with console.database.write() as connection:
        maintenance.add(connection, work, console.clock.now())
    return _view(work)


@router.get("", operation_id="listMaintenance")
def list_maintenance(console: ConsoleDep, limit: Limit = 50) -> list[MaintenanceView]:
    """Work at all stations, what was entered last first."""
    with console.database.read() as connection:
        return [_view(work) for work in maintenance.newest(connection, limit)]


def _view(work: Maintenance) -> MaintenanceView:
    return MaintenanceView(
        station=work.station,
        work=work.work,
        work_zh=work.work.label_zh,
        started_at=work.started_at,
        ended_at=work.ended_at,
        property=work.prop,
        found_error=work.found_error,
        actor=work.actor,
        note=work.note,
    )
