"""Pages of the cameras: the list, and the calibration of one."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.store import queries
from xunhe.web import camera_views as views
from xunhe.web.camera_words import COUNTS
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)


@router.get("/cameras")
def list_page(request: Request, console: ConsoleDep) -> Response:
    """Every camera with its newest picture, its state and what to do about it."""
    context = views.part(console) | _events(console)
    return render(request, "cameras.html", counts=COUNTS, **context)


@router.get("/cameras/{code}")
def calibration_page(request: Request, console: ConsoleDep, code: str) -> Response:
    """One camera: draw its zones over the live frame (标定)."""
    card = views.card(console, views.status_of(console, code))
    return render(request, "camera.html", card=card, counts=COUNTS, **_events(console))


@router.get("/fragments/camera-list")
def list_fragment(request: Request, console: ConsoleDep) -> Response:
    """The changing part of the list."""
    return render(request, "_camera-list.html", counts=COUNTS, **views.part(console))


@router.get("/fragments/cameras/{code}")
def state_fragment(request: Request, console: ConsoleDep, code: str) -> Response:
    """The changing part of a camera's page: its state."""
    card = views.card(console, views.status_of(console, code))
    return render(request, "_camera-state.html", card=card, counts=COUNTS)


def _events(console: Console) -> dict[str, object]:
    with console.database.read() as connection:
        return {
            "last_event_id": queries.last_event_id(connection),
            "last_event_at": queries.last_event_at(connection),
        }
