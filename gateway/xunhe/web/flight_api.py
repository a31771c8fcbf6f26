"""Flights for programs: `xunhe patrol report --gateway` brings them in, once each."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from xunhe.adapters.desk_photo import PhotoError, clean_jpeg
from xunhe.adapters.flights.intake import Brought
from xunhe.adapters.store import flights
from xunhe.adapters.store.flights import FlightRow
from xunhe.codecs import flight_json
from xunhe.codecs.flight_json import FlightJsonError
from xunhe.desk.roles import Actor, Role
from xunhe.domain.flight import Flight
from xunhe.web import flight_map
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write
from xunhe.web.failures import ERRORS, NOT_FOUND, WRITE_ERRORS, CallerError, NotFoundError
from xunhe.web.flight_views import Line, lines, view
from xunhe.web.models import FeatureCollection, Instant
from xunhe.web.scope import reaches_of

router = APIRouter(prefix="/api/v1/flights", tags=["flights"], responses=ERRORS)

MOST_PICTURES = 300
_LISTED = 100
_FORM = {
    "type": "object",
    "required": ["flight"],
    "properties": {
        "flight": {"type": "string", "description": "flight.json of `xunhe patrol report`"},
        "post": {"type": "string", "description": "Whose patrol it is; else the nearest chief's"},
        "picture": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "description": "JPEGs, each named after its finding: F01.jpg",
        },
    },
}


class FlightTaken(BaseModel):
    """What became of a flight that was sent; `is_new` is false where it had come before."""

    id: int
    is_new: bool


class FlightLine(BaseModel):
    """One flight."""

    id: int
    key: str = Field(description="Made from the film's content")
    film: str
    drone: str | None
    reach: str | None
    post: str | None
    started_at: Instant
    ended_at: Instant
    is_flying: bool
    seen: float | None = Field(description="Share of the reach that its pictures show, 0 to 1")
    found: dict[str, int] = Field(description="What is there, by kind")
    waiting: int = Field(description="Changes on the bank that wait for a person's name")


@router.post(
    "",
    operation_id="bringFlight",
    responses=WRITE_ERRORS,
    openapi_extra={
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
    },
)
async def bring(console: ConsoleDep, request: Request) -> FlightTaken:
    """Take in a flight with its pictures; however often it is sent, one flight."""
    async with request.form(max_files=MOST_PICTURES) as sent:
        files = [part for part in sent.getlist("picture") if isinstance(part, UploadFile)]
        pictures = {PurePosixPath(file.filename or "").stem: await file.read() for file in files}
        text = sent.get("flight")
        report = await text.read() if isinstance(text, UploadFile) else text
        post = sent.get("post")
    said = post if isinstance(post, str) and post else None
    return await run_in_threadpool(_take_in, console, request, report or "", pictures, said)


@router.get("", operation_id="listFlights")
def list_flights(console: ConsoleDep, request: Request) -> list[FlightLine]:
    """The last flights over the reaches that one sees, the newest first."""
    with console.database.read() as connection:
        return [_said(line) for line in lines(connection, reaches_of(request), _LISTED)]


@router.get("/{flight_id}", operation_id="getFlight", responses=NOT_FOUND)
def get_flight(console: ConsoleDep, flight_id: Id) -> dict[str, Any]:
    """A flight as it was reported: the form of `flight.json`."""
    with console.database.read() as connection:
        return flight_json.encode(found(connection, flight_id).flight)


@router.get("/{flight_id}/map", operation_id="getFlightMap", responses=NOT_FOUND)
def on_the_map(console: ConsoleDep, flight_id: Id) -> FeatureCollection:
    """Its path, what it did not see, density and findings, as GeoJSON."""
    with console.database.read() as connection:
        shown = view(console, connection, found(connection, flight_id))
    return flight_map.features(console, shown)


def found(connection: sa.Connection, flight_id: int) -> FlightRow:
    """A flight, or NotFoundError."""
    row = flights.find(connection, flight_id)
    if row is None:
        raise NotFoundError("flight", "飞行", flight_id)
    return row


def _take_in(
    console: Console,
    request: Request,
    report: str | bytes,
    pictures: Mapping[str, bytes],
    post: str | None,
) -> FlightTaken:
    if console.flights is None:
        raise CallerError(503, "no_store", "this console keeps no files", "本控制台不保存文件")
    flight = _decoded(report)
    _check_reach(request, flight)
    with console.database.write() as connection:
        offices = offices_write(request, console, connection)
    post = post or _own_post(console, offices, flight)
    cleaned = {key: _cleaned(key, picture) for key, picture in pictures.items()}
    taken = console.flights.take(Brought(flight, cleaned, offices[0].code, post))
    if taken.is_new:
        console.live.notify()
    return FlightTaken(id=taken.id, is_new=taken.is_new)


def _decoded(report: str | bytes) -> Flight:
    try:
        return flight_json.decode(report)
    except FlightJsonError as error:
        raise CallerError(422, "no_flight", str(error), f"不是飞行报告：{error}") from error


def _check_reach(request: Request, flight: Flight) -> None:
    """Whoever sees some reaches only brings flights over these."""
    reaches = reaches_of(request)
    over = {one.reach for one in flight.findings if one.reach} | {flight.reach}
    if reaches is not None and not over <= reaches:
        raise CallerError(403, "not_yours", "it flew over another's reach", "不是您的河段")


def _own_post(console: Console, offices: list[Actor], flight: Flight) -> str | None:
    """A chief's own, where it answers for the reach."""
    chiefs = (office.code for office in offices if office.role is Role.CHIEF)
    posts = console.registry.posts
    return next((code for code in chiefs if flight.reach in posts[code].reaches), None)


def _cleaned(key: str, picture: bytes) -> bytes:
    try:
        return clean_jpeg(picture)
    except PhotoError as error:
        raise CallerError(422, "no_picture", f"{key}: {error}", f"{key}：{error}") from error


def _said(line: Line) -> FlightLine:
    row = line.row
    return FlightLine(
        id=row.id,
        key=row.key,
        film=line.film,
        drone=line.drone,
        reach=row.reach,
        post=row.post,
        started_at=row.started_at,
        ended_at=row.ended_at,
        is_flying=row.is_flying,
        seen=line.seen,
        found=dict(line.counts),
        waiting=line.waiting,
    )
