"""The map as GeoJSON: everything registered along the river once, with its present state."""

from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import queries
from xunhe.domain.registry import Place, Reach
from xunhe.water.classes import Judgement
from xunhe.web.console import Console
from xunhe.web.models import Feature, FeatureCollection, Geometry
from xunhe.web.waters import StationState, reach_judgements, station_states

_LYING = ("outfall", "source", "section", "intake")


def river_map(console: Console, connection: sa.Connection) -> FeatureCollection:
    """The collection of the whole registry."""
    states = station_states(console, connection)
    tickets = queries.open_tickets_by_reach(connection)
    judged = reach_judgements(states)
    reaches = [
        _reach(reach, judged.get(reach.code), tickets.get(reach.code, []))
        for reach in console.registry.reaches.values()
    ]
    lying = [
        _lying(kind, place)
        for kind, places in console.registry.places()
        if kind in _LYING
        for place in places.values()
    ]
    return FeatureCollection(features=[*reaches, *lying, *(_station(s) for s in states)])


def _reach(reach: Reach, judgement: Judgement | None, tickets: list[int]) -> Feature:
    return Feature(
        id=reach.code,
        geometry=Geometry(type="LineString", coordinates=[list(point) for point in reach.line]),
        properties={
            "kind": "reach",
            "code": reach.code,
            "name": reach.name,
            "name_en": reach.name_en,
            "river": reach.river,
            "downstream": reach.downstream,
            "target": f"{reach.target.label}类",
            **class_of(judgement),
            "open_tickets": len(tickets),
            "newest_ticket": tickets[0] if tickets else None,
        },
    )


def _station(state: StationState) -> Feature:
    return Feature(
        id=state.station.code,
        geometry=_point(state.station.lon_lat),
        properties={
            "kind": "station",
            "code": state.station.code,
            "name": state.station.name,
            "name_en": state.station.name_en,
            "reach": state.station.reach,
            "presence": state.presence.value,
            **class_of(state.judgement),
        },
    )


def _lying(kind: str, place: Place) -> Feature:
    """A place without a state of its own."""
    return Feature(
        id=place.code,
        geometry=_point(place.lon_lat),
        properties={
            "kind": kind,
            "code": place.code,
            "name": place.name,
            "name_en": place.name_en,
            "reach": place.reach,
        },
    )


def class_of(judgement: Judgement | None) -> dict[str, Any]:
    """A judgement as properties of a feature; all None where there is none."""
    if judgement is None:
        return {"class_number": None, "class_label": None, "class_sign": None, "colour": None}
    return {
        "class_number": int(judgement.water_class),
        "class_label": judgement.label,
        "class_sign": f"{judgement.water_class.label}类",
        "colour": judgement.water_class.colour,
    }


def _point(lon_lat: tuple[float, float]) -> Geometry:
    return Geometry(type="Point", coordinates=list(lon_lat))
