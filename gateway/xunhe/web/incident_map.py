"""An incident on the map: who saw it, where it may have come from, when it arrives where."""

from collections.abc import Iterator
from typing import Any

from xunhe.adapters.store.queries import AlertRow
from xunhe.domain.registry import Registry
from xunhe.web.console import iso
from xunhe.web.models import Feature, FeatureCollection, Geometry
from xunhe.web.traces import ArrivalView, ShownTrace, SuspectView


def features(
    registry: Registry, alerts: list[AlertRow], trace: ShownTrace | None
) -> FeatureCollection:
    """Witnesses in the order in which they saw it, then suspects, then arrivals."""
    found = [*_witnesses(registry, alerts)]
    if trace is not None:
        found += [_suspect(registry, *each) for each in enumerate(trace.suspects, 1)]
        found += [*_arrivals(registry, trace.trace.arrivals)]
    return FeatureCollection(features=found)


def _witnesses(registry: Registry, alerts: list[AlertRow]) -> Iterator[Feature]:
    first_seen: dict[str, AlertRow] = {}
    for alert in alerts:
        first_seen.setdefault(alert.place, alert)
    for order, (code, alert) in enumerate(first_seen.items(), 1):
        if (at := _seen_at(registry, alert)) is not None:
            said = {"order": order, "at": iso(alert.started_at), "severity": alert.severity}
            yield _feature("witness", code, at, _names(registry, code) | said)


def _seen_at(registry: Registry, alert: AlertRow) -> tuple[float, float] | None:
    """Where a witness that moves saw it, or where its place is."""
    if alert.lon is not None and alert.lat is not None:
        return alert.lon, alert.lat
    return _lon_lat(registry, alert.place)


def _suspect(registry: Registry, rank: int, suspect: SuspectView) -> Feature:
    names = {"name": suspect.name, "name_en": suspect.name_en}
    said = {"rank": rank, "share": suspect.share, "metres": suspect.metres}
    lon_lat = registry.sources[suspect.source].lon_lat
    return _feature("suspect", suspect.source, lon_lat, names | said)


def _arrivals(registry: Registry, arrivals: list[ArrivalView]) -> Iterator[Feature]:
    for arrival in arrivals:
        if (at := _lon_lat(registry, arrival.place)) is not None:
            names = {"name": arrival.name, "name_en": arrival.name_en, "place": arrival.kind}
            times = {name: iso(getattr(arrival, name)) for name in ("early", "likely", "late")}
            yield _feature("arrival", arrival.place, at, names | times)


def _feature(
    kind: str, code: str, lon_lat: tuple[float, float], properties: dict[str, Any]
) -> Feature:
    return Feature(
        id=f"{kind}:{code}",
        geometry=Geometry(type="Point", coordinates=list(lon_lat)),
        properties={"kind": kind, "code": code, **properties},
    )


def _names(registry: Registry, code: str) -> dict[str, str]:
    if not registry.knows(code):
        return {"name": code, "name_en": ""}
    place = registry.place(code)
    return {"name": place.name, "name_en": place.name_en}


def _lon_lat(registry: Registry, code: str) -> tuple[float, float] | None:
    """Where a place is; of a reach, its head; None for what has left the registry."""
    if code in registry.reaches:
        return registry.reaches[code].line[0]
    return registry.place(code).lon_lat if registry.knows(code) else None
