"""What the page's map asks for: what lies where, how it is now, what moves, tiles.

The API's own GeoJSON with everything at once is /api/v1/reaches. Here the two are apart, so that an
open page asks for some kilobytes and not for every bend of every river again.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from xunhe.adapters.store import flights, queries
from xunhe.adapters.store.flights import Marked
from xunhe.domain.camera import Camera
from xunhe.domain.mover import Mover
from xunhe.domain.registry import Place, Reach
from xunhe.water.classes import Judgement
from xunhe.web.camera_views import part
from xunhe.web.console import Console, ConsoleDep, iso
from xunhe.web.failures import ERRORS, NotFoundError
from xunhe.web.freshness import version_of
from xunhe.web.models import Feature, FeatureCollection, Geometry
from xunhe.web.overview import Reaches, witnesses
from xunhe.web.river_map import class_of
from xunhe.web.scope import reaches_of
from xunhe.web.waters import reach_judgements, station_states

_LYING = ("outfall", "source", "section", "intake", "station")
_METRE_DIGITS = 5  # of a degree: about a metre
_FINDING_DIGITS = 6

Zoom = Annotated[int, Path(ge=0, le=22)]
Number = Annotated[int, Path(ge=0, lt=2**22)]

router = APIRouter(responses=ERRORS)


@router.get("/map/places.json", include_in_schema=False)
def places(request: Request, console: ConsoleDep) -> Response:
    """Reaches and places as GeoJSON; 304 while the registry is what the browser has."""
    codes = tuple(witnesses(console))
    text, tag = console.shared.get("places", codes, lambda: _tagged(_places(console)))
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type="application/geo+json", headers={"ETag": tag})


@router.get("/map/states.json", include_in_schema=False)
def states(request: Request, console: ConsoleDep) -> Response:
    """Classes, presences, tickets and cameras by code; 304 while nothing changed."""
    reaches = reaches_of(request)
    with console.database.read() as connection:
        text, tag = console.shared.get(
            ("states", reaches),
            version_of(console, connection),
            lambda: _tagged(_states(console, connection, reaches)),
        )
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type="application/json", headers={"ETag": tag})


@router.get("/api/v1/map/moving", tags=["map"], operation_id="getMoving")
def moving(console: ConsoleDep) -> FeatureCollection:
    """What moves now, such as drones, with the instant of each position."""
    return FeatureCollection(features=[_mover(mover) for mover in console.movers()])


@router.get("/tiles/{zoom}/{x}/{y}", include_in_schema=False)
def tile(console: ConsoleDep, zoom: Zoom, x: Number, y: Number) -> Response:
    """A tile of the map below, y counted from the north; 204 where the file has none."""
    if console.tiles is None:
        raise NotFoundError("map tiles", "底图", f"{zoom}/{x}/{y}")
    data = console.tiles.get(zoom, x, y)
    if data is None:
        return Response(status_code=204)
    packed = {"Content-Encoding": "gzip"} if data.startswith(b"\x1f\x8b") else {}
    return Response(data, media_type=console.tiles.about.media_type, headers=packed)


def _tagged(value: dict[str, Any]) -> tuple[str, str]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text, f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def _places(console: Console) -> dict[str, Any]:
    registry = console.registry
    features = [_reach(reach) for reach in registry.reaches.values()]
    for kind, found in registry.places():
        if kind in _LYING:
            features += [_place(kind, place) for place in found.values()]
    cameras = (each for each in witnesses(console).values() if isinstance(each, Camera))
    features += [_place("camera", camera) for camera in cameras]
    return {"type": "FeatureCollection", "features": features}


def _reach(reach: Reach) -> dict[str, Any]:
    line = [[round(degree, _METRE_DIGITS) for degree in point] for point in reach.line]
    properties = {
        "kind": "reach",
        "code": reach.code,
        "name": reach.name,
        "name_en": reach.name_en,
        "target": f"{reach.target.label}类",
    }
    geometry = {"type": "LineString", "coordinates": line}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _place(kind: str, place: Place) -> dict[str, Any]:
    at = [round(degree, _METRE_DIGITS) for degree in place.lon_lat]
    names = {"code": place.code, "name": place.name, "name_en": place.name_en}
    geometry = {"type": "Point", "coordinates": at}
    return {"type": "Feature", "geometry": geometry, "properties": {"kind": kind, **names}}


def _states(console: Console, connection: sa.Connection, reaches: Reaches) -> dict[str, Any]:
    found = station_states(console, connection)
    judged = reach_judgements(found)
    tickets = queries.open_tickets_by_reach(connection)
    return {
        "reaches": {
            code: _class(judged.get(code)) | _tickets(tickets.get(code, []))
            for code in console.registry.reaches
            if reaches is None or code in reaches
        },
        "stations": {
            state.station.code: {"presence": state.presence.value, **_class(state.judgement)}
            for state in found
            if reaches is None or state.reach.code in reaches
        },
        "cameras": dict(_cameras(console, reaches)),
        "findings": [
            _finding(one)
            for one in flights.on_map(connection)
            if reaches is None or one.reach in reaches
        ],
    }


def _finding(one: Marked) -> dict[str, Any]:
    """What a flight found, with the page that says more."""
    is_open = one.incident_id is not None
    return {
        "at": [round(degree, _FINDING_DIGITS) for degree in one.lon_lat],
        "kind": one.kind,
        "words": list(one.words),
        "href": f"/incidents/{one.incident_id}" if is_open else f"/flights/{one.flight_id}",
    }


def _class(judgement: Judgement | None) -> dict[str, Any]:
    """A judgement; nothing at all where there is none."""
    if judgement is None:
        return {}
    found = class_of(judgement)
    return {
        "number": found["class_number"],
        "label": found["class_label"],
        "sign": found["class_sign"],
        "colour": found["colour"],
    }


def _tickets(ids: list[int]) -> dict[str, int]:
    return {"tickets": len(ids), "newest": ids[0]} if ids else {}


def _cameras(console: Console, reaches: Reaches) -> Iterator[tuple[str, dict[str, Any]]]:
    for card in part(console)["cameras"]:
        camera = card.status.camera
        if reaches is None or camera.reach in reaches:
            words = card.words.words
            told = {"tone": card.words.tone, "state": f"{words.zh} {words.en}"}
            yield camera.code, told | {"open": card.open_incidents}


def _mover(mover: Mover) -> Feature:
    return Feature(
        id=mover.code,
        geometry=Geometry(type="Point", coordinates=list(mover.lon_lat)),
        properties={
            "kind": mover.kind,
            "code": mover.code,
            "name": mover.name,
            "name_en": mover.name_en,
            "at": iso(mover.at),
            "heading_deg": mover.heading_deg,
            "height_above_ground_m": mover.height_above_ground_m,
        },
    )
