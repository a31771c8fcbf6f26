"""Is the gateway alive, is it ready, and what is wrong with it: for probes, and for people.

The two probes need no account and say no more than the names of alarms.
"""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from xunhe.adapters.health import BLOCKING, Alarm
from xunhe.web.console import ConsoleDep
from xunhe.web.templates import render
from xunhe.web.wording import GATEWAY_ALARMS, Words

router = APIRouter(include_in_schema=False)


class ReadyView(BaseModel):
    """`alarms`: what keeps it from being ready, by the names of the runbook's sections."""

    ready: bool
    alarms: list[str]


@dataclass(frozen=True, slots=True)
class Light:
    """One alarm as the page shows it; `said` is empty while it is not up."""

    name: str
    words: Words
    said: str
    is_blocking: bool


@router.get("/health/live")
def live() -> dict[str, bool]:
    """The process answers."""
    return {"live": True}


@router.get("/health/ready")
def ready(console: ConsoleDep, response: Response) -> ReadyView:
    """200 where a buoy's reading would be kept, else 503."""
    reading = None if console.health is None else console.health.newest
    if reading is None:
        response.status_code = 503
        return ReadyView(ready=False, alarms=[])
    response.status_code = 200 if reading.is_ready else 503
    blocking = sorted(BLOCKING & reading.alarms.keys())
    return ReadyView(ready=reading.is_ready, alarms=[alarm.value for alarm in blocking])


@router.get("/gateway")
def gateway_page(request: Request, console: ConsoleDep) -> Response:
    """Every alarm of the gateway itself, up or not, each with its section of the runbook."""
    reading = None if console.health is None else console.health.newest
    alarms = {} if reading is None else reading.alarms
    lights = [
        Light(alarm.value, GATEWAY_ALARMS[alarm.value], alarms.get(alarm, ""), alarm in BLOCKING)
        for alarm in Alarm
    ]
    lights.sort(key=lambda light: (not light.said, not light.is_blocking))
    looked_at: datetime | None = None if reading is None else reading.at
    return render(request, "gateway.html", lights=lights, looked_at=looked_at)
