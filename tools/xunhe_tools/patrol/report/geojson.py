"""The flight as GeoJSON (RFC 7946): findings, their ellipses, the way flown, litter per 100 m."""

from collections.abc import Iterator
from math import cos, pi, radians, sin
from typing import Any

from xunhe.domain.finding import FlightFinding, FoundAt
from xunhe.domain.flight import Flight
from xunhe.domain.position import LonLat
from xunhe.vision.findings.course import Course
from xunhe.vision.georeference.earth import moved
from xunhe_tools.patrol.report.stretches import on_ground

CONFIDENCE = 0.95  # of the ellipses
_CORNERS = 32
_DIGITS = 7  # a centimetre

Json = dict[str, Any]


def document(flight: Flight, course: Course) -> Json:
    """A FeatureCollection, WGS-84; `layer` says what a feature is."""
    return {"type": "FeatureCollection", "features": list(_features(flight, course))}


def _features(flight: Flight, course: Course) -> Iterator[Json]:
    if flight.path:
        way = [_rounded(point.lon_lat) for point in flight.path]
        yield _feature("path", "LineString", way, {"flight": flight.id, "film": flight.film})
    for part in flight.density:
        line = [_rounded(place) for place in on_ground(part.stretch, flight, course)]
        data = {"count": part.count, "area_m2": part.area_m2, "from_m": part.stretch.from_m}
        yield _feature("density", "LineString", line, data)
    for finding in flight.findings:
        if finding.at is not None:
            ring = [_rounded(place) for place in ellipse(finding.at)]
            yield _feature("ellipse", "Polygon", [ring], {"id": finding.id})
            yield _feature("finding", "Point", _rounded(finding.at.lon_lat), _said(finding))


def ellipse(at: FoundAt) -> list[LonLat]:
    """A closed ring that holds the true place 19 times of 20, counter-clockwise."""
    shape = at.ellipse
    scale, bearing = shape.scale(CONFIDENCE), radians(shape.bearing_deg)
    ring = []
    for i in range(_CORNERS):
        turn = -2 * pi * i / _CORNERS
        along, across = scale * shape.major_m * cos(turn), scale * shape.minor_m * sin(turn)
        east = along * sin(bearing) + across * cos(bearing)
        north = along * cos(bearing) - across * sin(bearing)
        ring.append(moved(at.lon_lat, east, north))
    return [*ring, ring[0]]


def _said(one: FlightFinding) -> Json:
    return {
        "id": one.id,
        "kind": one.kind.value,
        "kind_zh": one.kind.label_zh,
        "status": one.status.value if one.status else None,
        "first_at": one.first_at.isoformat() if one.first_at else None,
        "first_s": round(one.first_s, 2),
        "last_s": round(one.last_s, 2),
        "reach": one.reach,
        "kilometre": one.kilometre,
        "area_m2": one.area_m2,
        "count": one.count,
        "confidence": one.confidence,
        "reason_zh": one.reason_zh,
        "reason_en": one.reason_en,
        "picture": one.picture,
    }


def _feature(layer: str, kind: str, coordinates: Any, properties: Json) -> Json:
    return {
        "type": "Feature",
        "properties": {"layer": layer, **properties},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def _rounded(place: LonLat) -> list[float]:
    return [round(degrees, _DIGITS) for degrees in place]
