"""GET /sta/v1.1/…: what the river measured, for every client of SensorThings."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from xunhe.codecs.odata_filter import ODataError
from xunhe.codecs.odata_options import Options, options
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import CallerError
from xunhe.web.scope import reaches_of
from xunhe.web.sensorthings.answers import Writer
from xunhe.web.sensorthings.model import Entity, Kind
from xunhe.web.sensorthings.paths import References, Resource, Value, resolve
from xunhe.web.sensorthings.world import world

ROOT = "/sta/v1.1"
_REQUIREMENTS = "http://www.opengis.net/spec/iot_sensing/1.1/req"
# 8.2.9 (historical locations) is not offered: a buoy's station does not move.
_CONFORMANCE = (
    f"{_REQUIREMENTS}/datamodel",
    f"{_REQUIREMENTS}/resource-path/resource-path-to-entities",
    f"{_REQUIREMENTS}/request-data/order",
    f"{_REQUIREMENTS}/request-data/expand",
    f"{_REQUIREMENTS}/request-data/select",
    f"{_REQUIREMENTS}/request-data/status-codes",
    f"{_REQUIREMENTS}/request-data/query-status-code",
    f"{_REQUIREMENTS}/request-data/orderby",
    f"{_REQUIREMENTS}/request-data/top",
    f"{_REQUIREMENTS}/request-data/skip",
    f"{_REQUIREMENTS}/request-data/count",
    f"{_REQUIREMENTS}/request-data/filter",
    f"{_REQUIREMENTS}/request-data/pagination",
)

router = APIRouter(include_in_schema=False)


@router.get(ROOT)
def service(request: Request) -> dict[str, Any]:
    """The entity sets, and which parts of the standard are kept."""
    root = _root(request)
    return {
        "value": [{"name": kind.many, "url": f"{root}/{kind.many}"} for kind in Kind],
        "serverSettings": {"conformance": _CONFORMANCE},
    }


@router.get(ROOT + "/{path:path}")
def resource(request: Request, console: ConsoleDep, path: str) -> Response:
    """Whatever a path and its query options ask for."""
    try:
        asked = options(dict(request.query_params))
        with console.database.read() as connection:
            river = world(console.registry, connection, reaches_of(request))
            writer = Writer(river, connection, _root(request))
            found = resolve(river, connection, path)
            return _answer(writer, found, asked, f"{_root(request)}/{path}")
    except ODataError as error:
        raise CallerError(400, "query", str(error), f"查询参数有误：{error}") from error


def _answer(writer: Writer, found: Resource, asked: Options, url: str) -> Response:
    match found:
        case Entity():
            return JSONResponse(writer.entity(found, asked))
        case Value(is_raw=True):
            return PlainTextResponse("" if found.value is None else str(found.value))
        case Value():
            return JSONResponse({found.name: found.value})
        case References():
            return JSONResponse(writer.references(found.collection, asked))
    return JSONResponse(writer.collection(found, asked, url))


def _root(request: Request) -> str:
    return str(request.base_url).rstrip("/") + ROOT
