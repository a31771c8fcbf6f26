"""The parts of the one screen (一屏总览), as values; each is a fragment that pages ask for anew.

A part is the same for everybody who sees the same reaches: it is made once for all of them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import pressing, queries, stream
from xunhe.desk.lights import Light
from xunhe.domain.camera import Camera
from xunhe.domain.classes import WaterClass
from xunhe.domain.registry import Station
from xunhe.water.classes import PH_LIMITS, limit
from xunhe.web import camera_views, present, supervision, supervision_words
from xunhe.web.console import Console
from xunhe.web.sparkline import Sparkline, sparkline
from xunhe.web.waters import Measured, Presence, StationState, station_states
from xunhe.web.wording import PROPERTIES

_INCIDENTS_SHOWN = 20
_TICKETS_SHOWN = 12
_CARDS_SHOWN = 9
_CAMERAS_SHOWN = 9
_SPARK_WINDOW = timedelta(hours=6)
_ON_CARDS = ("do_mg_l", "nh3n_mg_l", "ph", "water_temp_c")

Context = dict[str, Any]
Reaches = Collection[str] | None  # those that somebody sees; None: all
Part = Callable[[Console, sa.Connection, Reaches], Context]


@dataclass(frozen=True, slots=True)
class Row:
    """One property on a station's card; `measured` is None until the first value."""

    name: str
    measured: Measured | None
    spark: Sparkline
    limits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One station's card."""

    state: StationState
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ClassShare:
    """How many stations have a class; None: those without one now."""

    water_class: WaterClass | None
    count: int


def numbers(console: Console, connection: sa.Connection, reaches: Reaches) -> Context:
    """Lights and counts."""
    states = _seen(station_states(console, connection), reaches)
    presences = Counter(state.presence for state in states)
    cameras = _cameras_seen(console, reaches)
    return {
        "totals": queries.totals(connection),
        "lights": _lights(console, connection, reaches),
        "open_by_severity": _open_by_severity(connection, reaches),
        "live": presences[Presence.LIVE],
        "silent": presences[Presence.SILENT],
        "stations_count": len(states),
        "cameras_up": sum(card.words.is_up for card in cameras),
        "cameras_count": len(cameras),
        "light_words": supervision_words.LIGHTS,
    }


def incidents(console: Console, connection: sa.Connection, reaches: Reaches) -> Context:
    """The stream of incidents."""
    narrowed = stream.Narrowed(reaches=reaches)
    return {
        "told": stream.latest(connection, narrowed, _INCIDENTS_SHOWN),
        "stations": witnesses(console),
        "reaches": console.registry.reaches,
    }


def stations(console: Console, connection: sa.Connection, reaches: Reaches) -> Context:
    """Cards of the stations that need eyes first, and how many stations have which class."""
    states = _seen(station_states(console, connection), reaches)
    first = sorted(states, key=_calm)[:_CARDS_SHOWN]
    return {
        "cards": [_card(console, connection, state) for state in first],
        "others": len(states) - len(first),
        "shares": list(_shares(states)),
        "is_empty": not console.registry.stations,
    }


def cameras(console: Console, _connection: sa.Connection, reaches: Reaches) -> Context:
    """The wall of cameras: those with something open or wrong first."""
    cards = sorted(_cameras_seen(console, reaches), key=lambda card: -card.open_incidents)
    return {
        "is_watching": console.cameras is not None,
        "cameras": cards[:_CAMERAS_SHOWN],
        "other_cameras": max(len(cards) - _CAMERAS_SHOWN, 0),
    }


def tickets(console: Console, connection: sa.Connection, reaches: Reaches) -> Context:
    """The open tickets that are due first, with their lights."""
    lamp = supervision.lamp(console, connection)
    found = pressing.due_first(connection, lamp, _TICKETS_SHOWN, reaches)
    views = present.tickets_in(console, connection, [one.ticket for one in found])
    return {
        "tickets": list(zip(views, [one.light for one in found], strict=True)),
        "reaches": console.registry.reaches,
        "light_words": supervision_words.LIGHTS,
    }


PARTS: dict[str, Part] = {
    "numbers": numbers,
    "incidents": incidents,
    "stations": stations,
    "cameras": cameras,
    "tickets": tickets,
}


def witnesses(console: Console) -> dict[str, Station | Camera]:
    """Stations and cameras by code: whoever can have seen something."""
    statuses = console.cameras.statuses() if console.cameras else []
    watching = {status.camera.code: status.camera for status in statuses}
    return {**console.registry.stations, **watching}


def _seen(states: Iterable[StationState], reaches: Reaches) -> list[StationState]:
    return [state for state in states if reaches is None or state.reach.code in reaches]


def _cameras_seen(console: Console, reaches: Reaches) -> list[camera_views.CameraCard]:
    cards: list[camera_views.CameraCard] = camera_views.part(console)["cameras"]
    return [card for card in cards if reaches is None or card.status.camera.reach in reaches]


def _lights(console: Console, connection: sa.Connection, reaches: Reaches) -> dict[Light, int]:
    lamp = supervision.lamp(console, connection)
    return pressing.lights(connection, lamp, reaches)


def _open_by_severity(connection: sa.Connection, reaches: Reaches) -> dict[str, int]:
    return stream.open_by_severity(connection, stream.Narrowed(reaches=reaches, is_open=True))


def _calm(state: StationState) -> tuple[int, int]:
    """The order of cards: worse than the target first, then silent ones, then the calm."""
    judgement = state.judgement
    if judgement is not None and judgement.water_class > state.reach.target:
        return 0, -judgement.water_class
    silent = state.presence is Presence.SILENT
    return (1 if silent else 2), 0


def _shares(states: Iterable[StationState]) -> Iterable[ClassShare]:
    counts = Counter(
        None if state.judgement is None else state.judgement.water_class for state in states
    )
    for water_class in (*WaterClass, None):
        if counts[water_class]:
            yield ClassShare(water_class, counts[water_class])


def _card(console: Console, connection: sa.Connection, state: StationState) -> Card:
    until = console.clock.now()
    measured = {m.shown.name: m for m in state.measured}
    rows = []
    for name in _ON_CARDS:
        since = until - _SPARK_WINDOW
        limits = _limits(name, state.reach.target)
        found = queries.observations(connection, state.station.code, name, since)
        spark = sparkline(found, since, until, limits, PROPERTIES[name].least_span)
        rows.append(Row(name, measured.get(name), spark, limits))
    return Card(state, tuple(rows))


def _limits(name: str, target: WaterClass) -> tuple[float, ...]:
    if name == "ph":
        return PH_LIMITS
    found = limit(name, target)
    return () if found is None else (found,)
