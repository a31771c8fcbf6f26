"""The river as SensorThings sees it.

    Thing               a station, at its Location, with its Sensor
    Datastream          one property of a station; its ObservedProperty is the same everywhere
    FeatureOfInterest   the reach that the water flows in
Everything but the observations fits into memory, and is made anew for each request.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.observed import Observed, Stream, streams
from xunhe.domain.registry import Reach, Registry, Station
from xunhe.water.properties import named, ucum
from xunhe.web.console import iso
from xunhe.web.sensorthings.model import Entity, Kind
from xunhe.web.wording import FLAGS

_MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
_GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True)
class World:
    """The entities by kind and key, and the streams behind the datastreams."""

    entities: Mapping[Kind, Mapping[str, Entity]]
    streams: Mapping[str, Stream]

    def streams_of(self, entity: Entity) -> list[Stream]:
        """Where the observations of a datastream or a feature of interest lie."""
        if entity.kind is Kind.DATASTREAM:
            return [self.streams[entity.key]]
        things = set(entity.related[Kind.THING])
        return [stream for stream in self.streams.values() if stream.station in things]

    def observation(self, seen: Observed) -> Entity:
        """An observation as an entity; its flag stands in `resultQuality`."""
        at = iso(seen.time)
        thing = self.entities[Kind.THING][seen.station]
        properties = {
            "phenomenonTime": at,
            "resultTime": at,
            "result": seen.value,
            "resultQuality": seen.flag,
        }
        related = {
            Kind.DATASTREAM: (f"{seen.station}:{seen.prop}",),
            Kind.FEATURE: thing.related[Kind.FEATURE],
        }
        return Entity(Kind.OBSERVATION, seen.key, properties, related)


def world(registry: Registry, connection: sa.Connection, reaches: frozenset[str] | None) -> World:
    """What lies in these reaches; None: in all."""
    stations = [
        station
        for station in registry.stations.values()
        if reaches is None or station.reach in reaches
    ]
    found = streams(connection, (station.code for station in stations))
    entities = [*_of_stations(stations, found), *_of_streams(found, registry)]
    entities += _of_reaches(stations, registry)
    by_kind = {kind: {e.key: e for e in entities if e.kind is kind} for kind in Kind}
    return World(by_kind, {stream.key: stream for stream in found})


def _of_stations(stations: Iterable[Station], found: list[Stream]) -> Iterator[Entity]:
    for station in stations:
        code = station.code
        mine = tuple(stream.key for stream in found if stream.station == code)
        name = f"{station.name} {station.name_en}"
        yield Entity(
            Kind.THING,
            code,
            {
                "name": name,
                "description": f"浮标站 buoy {code}",
                "properties": {"reach": station.reach, "interval_s": station.interval_s},
            },
            {Kind.LOCATION: (code,), Kind.DATASTREAM: mine, Kind.FEATURE: (station.reach,)},
        )
        point = {"type": "Point", "coordinates": list(station.lon_lat)}
        yield Entity(
            Kind.LOCATION,
            code,
            {
                "name": name,
                "description": "WGS-84",
                "encodingType": _GEOJSON,
                "location": point,
            },
            {Kind.THING: (code,)},
        )
        yield Entity(
            Kind.SENSOR,
            code,
            {
                "name": f"{code} 的探头 probes",
                "description": "浮标探头 probes of a buoy",
                "encodingType": "text/markdown",
                "metadata": "docs/probes.md",
            },
            {Kind.DATASTREAM: mine},
        )


def _of_streams(found: Iterable[Stream], registry: Registry) -> Iterator[Entity]:
    props: dict[str, list[str]] = {}
    for stream in found:
        props.setdefault(stream.prop, []).append(stream.key)
        yield _datastream(stream, registry.stations[stream.station])
    for prop, keys in props.items():
        zh, en, _ = named(prop)
        yield Entity(
            Kind.OBSERVED_PROPERTY,
            prop,
            {"name": prop, "definition": f"urn:xunhe:property:{prop}", "description": f"{zh} {en}"},
            {Kind.DATASTREAM: tuple(keys)},
        )


def _datastream(stream: Stream, station: Station) -> Entity:
    zh, en, unit = named(stream.prop)
    span = f"{iso(stream.first)}/{iso(stream.last)}"
    code = ucum(stream.prop)
    return Entity(
        Kind.DATASTREAM,
        stream.key,
        {
            "name": f"{station.name} {zh}",
            "description": f"{station.name_en}: {en}",
            "observationType": _MEASUREMENT,
            "unitOfMeasurement": {
                "name": unit or "1",
                "symbol": unit,
                "definition": f"ucum:{code}",
            },
            "phenomenonTime": span,
            "resultTime": span,
            "properties": {"resultQuality": {str(k): v.en for k, v in FLAGS.items()}},
        },
        {
            Kind.THING: (stream.station,),
            Kind.SENSOR: (stream.station,),
            Kind.OBSERVED_PROPERTY: (stream.prop,),
        },
    )


def _of_reaches(stations: Iterable[Station], registry: Registry) -> Iterator[Entity]:
    lying: dict[str, list[str]] = {}
    for station in stations:
        lying.setdefault(station.reach, []).append(station.code)
    for code, codes in lying.items():
        yield Entity(
            Kind.FEATURE,
            code,
            _feature(registry.reaches[code]),
            {Kind.THING: tuple(codes)},
        )


def _feature(reach: Reach) -> dict[str, Any]:
    line = {"type": "LineString", "coordinates": [list(point) for point in reach.line]}
    return {
        "name": f"{reach.name} {reach.name_en}",
        "description": "河段 reach",
        "encodingType": _GEOJSON,
        "feature": line,
        "properties": {"river": reach.river, "target": int(reach.target)},
    }


def as_instant(value: object) -> object:
    """A time of an entity as an instant that compares; of an interval, its beginning."""
    if not isinstance(value, str) or "T" not in value[:11]:
        return value
    try:
        return datetime.fromisoformat(value.partition("/")[0])
    except ValueError:
        return value
