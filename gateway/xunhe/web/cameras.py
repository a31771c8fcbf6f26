"""The JSON API of the cameras: how they are, their newest frame, and their zones."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response

from xunhe.web import camera_models as models
from xunhe.web import camera_views as views
from xunhe.web.camera_views import LIVE_S, age_s, asked, desk, status_of
from xunhe.web.console import ConsoleDep, iso
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, Problem

_OFF: dict[int | str, dict[str, Any]] = {
    503: {"model": Problem, "description": "This gateway watches no cameras (`vision.enabled`)"}
}
_UNKNOWN = NOT_FOUND | _OFF
_FRAME: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"image/jpeg": {}},
        "description": "The newest frame; `X-Frame-Age`: its age in seconds",
    },
    204: {"description": "No frame yet"},
    304: {"description": "The frame of `If-None-Match` is still the newest; `X-Frame-Age` too"},
}
_ZONES_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": models.ZonesView.model_json_schema()}},
    }
}

router = APIRouter(prefix="/api/v1/cameras", tags=["cameras"], responses=ERRORS | _OFF)


@router.get("", operation_id="listCameras")
def cameras(console: ConsoleDep) -> list[models.CameraView]:
    """Every registered camera, in the registry's order."""
    return [views.view(status) for status in desk(console).statuses()]


@router.get("/{code}", operation_id="getCamera", responses=_UNKNOWN)
def camera(console: ConsoleDep, code: str) -> models.CameraDetail:
    """One camera."""
    return views.detail(console, status_of(console, code))


@router.get(
    "/{code}/frame.jpg",
    operation_id="getFrame",
    response_class=Response,
    responses=_UNKNOWN | _FRAME,
)
def frame(
    console: ConsoleDep, code: str, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """The newest frame. Asking keeps frames coming for ten seconds; the first may be old."""
    preview = asked(desk(console).preview, code)
    if preview is None:
        return Response(status_code=204)
    age, name = age_s(console, preview), f'"{round(preview.at.timestamp() * 1000)}"'
    headers = {
        "ETag": name,
        "X-Frame-At": iso(preview.at),
        "X-Frame-Age": f"{age:.3f}",
        "X-Frame-Live": "1" if age <= LIVE_S else "0",
    }
    if if_none_match == name:
        return Response(status_code=304, headers=headers)
    return Response(preview.jpeg, media_type="image/jpeg", headers=headers)


@router.get("/{code}/overlay", operation_id="getOverlay", responses=_UNKNOWN)
def overlay(console: ConsoleDep, code: str) -> models.OverlayView:
    """What the pipeline makes of the newest frame: gate, detections, states of outfalls."""
    return views.overlay(console, asked(desk(console).preview, code))


@router.get("/{code}/zones", operation_id="getZones", responses=_UNKNOWN)
def zones(console: ConsoleDep, code: str, response: Response) -> models.ZonesView:
    """Its zones; `ETag` names this version of them."""
    found = asked(desk(console).zones, code)
    response.headers["ETag"] = views.tag(found)
    return models.ZonesView.model_validate(found.to_json())


@router.put(
    "/{code}/zones",
    operation_id="putZones",
    responses=WRITE_ERRORS | _OFF,
    openapi_extra=_ZONES_BODY,
)
def put_zones(
    console: ConsoleDep,
    code: str,
    value: Annotated[dict[str, Any], Body()],
    response: Response,
    if_match: Annotated[str | None, Header(description="`ETag` of the zones one edited")] = None,
) -> models.ZonesView:
    """Save its zones; the running camera takes them over. 422 names every problem by its shape."""
    cameras = desk(console)
    present = asked(cameras.zones, code)
    saved = views.parsed(console, value)
    if if_match not in (None, views.tag(present)):
        raise views.StaleZonesError
    asked(lambda known: cameras.save_zones(known, saved), code)
    response.headers["ETag"] = views.tag(saved)
    return models.ZonesView.model_validate(saved.to_json())
