"""A flight on the map: its path, the stretches that no picture shows, density, what it found."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from xunhe.domain.flight import Flight, Stretch
from xunhe.domain.position import LonLat, distance_m
from xunhe.domain.registry import Reach
from xunhe.web.console import Console
from xunhe.web.flight_views import FlightView, FoundView
from xunhe.web.models import Feature, FeatureCollection, Geometry

_HOLDS = 0.95  # how often the drawn ellipse holds the true place


def features(console: Console, view: FlightView) -> FeatureCollection:
    """As GeoJSON; of what is gone the place where it was."""
    return FeatureCollection(features=[*_path(view.flight), *_river(console, view), *_found(view)])


def _path(flight: Flight) -> Iterator[Feature]:
    if len(flight.path) > 1:
        yield _line("path", "path", [point.lon_lat for point in flight.path], {})


def _river(console: Console, view: FlightView) -> Iterator[Feature]:
    coverage = view.flight.coverage
    reach = None if coverage is None else console.registry.reaches.get(coverage.reach)
    if coverage is None or reach is None:
        return
    for number, part in enumerate(coverage.unseen):
        yield _line(f"unseen:{number}", "unseen", along(reach, part), {"metres": part.length_m})
    most = max((one.count for one in view.flight.density), default=0)
    for number, one in enumerate(view.flight.density):
        if one.count:
            said = {"count": one.count, "area_m2": one.area_m2, "share": one.count / most}
            yield _line(f"density:{number}", "density", along(reach, one.stretch), said)


def _found(view: FlightView) -> Iterator[Feature]:
    for one in view.found:
        if one.found.at is not None:
            yield Feature(
                id=f"found:{one.found.id}",
                geometry=Geometry(type="Point", coordinates=list(one.found.at.lon_lat)),
                properties=_said(one),
            )


def _said(one: FoundView) -> dict[str, Any]:
    found = one.found
    ellipse = found.at.ellipse if found.at else None
    scale = 0.0 if ellipse is None else ellipse.scale(_HOLDS)
    return {
        "kind": "found",
        "code": found.id,
        "number": one.number,
        "what": found.kind.value,
        "name": found.kind.label_zh,
        "name_en": found.kind.label_en,
        "status": found.status and found.status.value,
        "reason": [found.reason_zh, found.reason_en],
        "ellipse": ellipse
        and [ellipse.major_m * scale, ellipse.minor_m * scale, ellipse.bearing_deg],
        "incident": one.row.incident_id,
    }


def along(reach: Reach, part: Stretch) -> list[LonLat]:
    """The line of a stretch; lengths on the map are fitted to the registered length."""
    lengths = [distance_m(start, end) for start, end in pairwise(reach.line)]
    scale = reach.length_m / sum(lengths)
    line: list[LonLat] = []
    begun_m = 0.0
    for (start, end), length_m in zip(pairwise(reach.line), lengths, strict=True):
        part_m = length_m * scale
        shares = [(edge - begun_m) / part_m for edge in (part.from_m, part.to_m)]
        low, high = (min(max(share, 0.0), 1.0) for share in shares)
        if low < high:
            line += [_between(start, end, share) for share in (low, high)]
        begun_m += part_m
    return list(dict.fromkeys(line))


def _between(start: LonLat, end: LonLat, share: float) -> LonLat:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _line(key: str, kind: str, line: list[LonLat], said: dict[str, Any]) -> Feature:
    coordinates = [list(point) for point in line]
    return Feature(
        id=key,
        geometry=Geometry(type="LineString", coordinates=coordinates),
        properties={"kind": kind, **said},
    )
