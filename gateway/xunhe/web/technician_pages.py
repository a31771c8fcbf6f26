"""A technician's day: which station is sick and near, what was done there, and what he does now."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, model_validator
from starlette.datastructures import UploadFile

from xunhe.adapters.store import devices, maintenance
from xunhe.adapters.store.devices import AlreadyElsewhereError, Device
from xunhe.domain.maintenance import Maintenance, Work
from xunhe.water.indicators import INDICATORS
from xunhe.web.api import actor
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.failures import NotFoundError
from xunhe.web.form_fields import Sent, none_if_blank
from xunhe.web.forms import EMPTY, Filled, read
from xunhe.web.permissions import TECHNICIAN
from xunhe.web.scope import reaches_of, roles_of
from xunhe.web.station_health import station_health, station_healths
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

_LONGEST_KEY_FILE = 1024
WORKS = {
    Work.CLEANING: Words("清洗", "Cleaning"),
    Work.CALIBRATION: Words("校准", "Calibration"),
    Work.REPAIR: Words("维修", "Repair"),
    Work.REPLACEMENT: Words("更换", "Replacement"),
}


def _known(prop: str) -> str:
    if prop and prop not in INDICATORS:
        raise ValueError("没有这个项目 / no such property")
    return prop


class WorkForm(BaseModel):
    """Work that begins, that ends, or that is already done (`begin`, `end`, `did`)."""

    step: Annotated[str, Field(pattern="^(begin|end|did)$")]
    work: Work
    property: Annotated[str, Field(max_length=50), AfterValidator(_known)] = ""
    found_error: Annotated[
        Annotated[float, Field(allow_inf_nan=False)] | None, BeforeValidator(none_if_blank)
    ] = None
    note: Annotated[str, Field(max_length=500)] = ""

    @model_validator(mode="after")
    def _says_what_is_calibrated(self) -> Self:
        if self.work is Work.CALIBRATION and not self.property:
            raise ValueError("请选择校准的项目 / say which property is calibrated")
        return self


class ReplacementForm(BaseModel):
    """A new device for a station: its address, and its key in hexadecimal."""

    device: Annotated[
        str, BeforeValidator(lambda v: str(v).strip().lower()), Field(pattern="^[0-9a-f]{12}$")
    ]
    key: Annotated[
        str, BeforeValidator(lambda v: str(v).strip().lower()), Field(pattern="^[0-9a-f]{64}$")
    ]
    note: Annotated[str, Field(max_length=500)] = ""


@router.get("/stations")
def stations_page(request: Request, console: ConsoleDep) -> Response:
    """Every station with its health; the browser puts the nearest first."""
    with console.database.read() as connection:
        found = station_healths(console, connection, reaches_of(request))
    return render(request, "technician/stations.html", healths=found, works=WORKS)


@router.get("/stations/{code}")
def station_page(request: Request, console: ConsoleDep, code: str) -> Response:
    """One station: health, calibrations, work, commands, devices."""
    return _page(request, console, code)


@router.post("/stations/{code}/maintenance")
def work(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Work begins, ends or was done: what is read meanwhile stays out of judgement."""
    form = read(WorkForm, sent)
    if isinstance(form, Filled):
        return _page(request, console, code, work_form=form)
    now = console.clock.now()
    with console.database.write() as connection:
        running = maintenance.running(connection, code, form.work, form.property)
        entered = _entry(form, code, running, actor(request), now)
        if entered is not None:
            maintenance.add(connection, entered, now)
    if entered is None:
        problem = EMPTY.with_problem("work", "没有进行中的这项工作", "no such work is going on")
        return _page(request, console, code, work_form=problem)
    console.live.notify()
    return RedirectResponse(f"/stations/{code}#work", 303)


@router.post("/stations/{code}/replacement")
def replacement(request: Request, console: ConsoleDep, code: str, sent: Sent) -> Response:
    """Another device takes the station over, at this instant; the history of both is kept."""
    form = read(ReplacementForm, _with_key(sent))
    if isinstance(form, Filled):
        return _page(request, console, code, replacement_form=form)
    try:
        _replace(console, code, form, actor(request))
    except AlreadyElsewhereError as error:
        filled = Filled.of({"device": form.device, "note": form.note})
        zh = f"这台设备还在 {error.station} 服役：先在那里换下它"
        problem = filled.with_problem("device", zh, f"{error}: replace it there first")
        return _page(request, console, code, replacement_form=problem)
    console.live.notify()
    return RedirectResponse(f"/stations/{code}#devices", 303)


def _with_key(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The form with the key out of its file, where one was chosen."""
    fields = dict(sent)
    chosen = fields.pop("key_file", None)
    if isinstance(chosen, UploadFile):
        with chosen.file as opened:
            text = opened.read(_LONGEST_KEY_FILE).decode("ascii", "replace")
        fields["key"] = text or fields.get("key", "")
    return fields


def _entry(
    form: WorkForm, code: str, running: Maintenance | None, by: str, now: datetime
) -> Maintenance | None:
    """What a form enters; None where it ends what nobody began. Begun twice is begun once."""
    if form.step == "end" and running is None:
        return None
    started_at = now if running is None or form.step == "did" else running.started_at
    ended_at = None if form.step == "begin" else now
    return Maintenance(
        code, form.work, started_at, ended_at, form.property, form.found_error, by, form.note
    )


def _replace(console: Console, code: str, form: ReplacementForm, by: str) -> None:
    now = console.clock.now()
    with console.database.write() as connection:
        left = devices.replace(connection, Device(form.device, code, bytes.fromhex(form.key)), now)
        told = f"{'、'.join(left) or '—'} → {form.device}　{form.note}".strip()
        maintenance.add(
            connection, Maintenance(code, Work.REPLACEMENT, now, now, actor=by, note=told), now
        )


def _page(
    request: Request,
    console: Console,
    code: str,
    work_form: Filled = EMPTY,
    replacement_form: Filled = EMPTY,
) -> Response:
    """A station's page; 422 where a form came back."""
    if code not in console.registry.stations:
        raise NotFoundError("station", "测站", code)
    with console.database.read() as connection:
        health = station_health(console, connection, code)
    page = render(
        request,
        "technician/station.html",
        health=health,
        works=WORKS,
        work_form=work_form,
        replacement_form=replacement_form,
        may_work=bool(roles_of(request) & TECHNICIAN.roles),
    )
    page.status_code = 200 if work_form.is_fit and replacement_form.is_fit else 422
    return page
