"""Sparkplug B payloads and topics: Eclipse Sparkplug 3.0.0, sections 4 and 6.

Field numbers are those of sparkplug_b.proto (Eclipse Tahu). A metric is named in a birth; after it
the alias alone tells it. Instants travel as milliseconds since 1970 UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from xunhe.codecs.protobuf import Value, decode, encode

NAMESPACE = "spBv1.0"
REBIRTH = "Node Control/Rebirth"
BD_SEQ = "bdSeq"


class DataType(IntEnum):
    """Those that are sent here (6.4.16)."""

    INT32 = 3
    INT64 = 4
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12


class Quality(IntEnum):
    """The values of the property `Quality` (6.4.17)."""

    BAD = 0
    GOOD = 192
    STALE = 500


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. Neither name nor alias may be left out of a birth; `properties` are int or str.

    `value` None is sent as null.
    """

    type: DataType
    value: float | int | bool | str | None
    name: str = ""
    alias: int | None = None
    at: datetime | None = None
    is_historical: bool = False
    properties: Sequence[tuple[str, int | str]] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One metric of a received NCMD; `value` is its boolean, the only one that is asked for."""

    name: str
    alias: int | None
    value: bool


def topic(group: str, kind: str, node: str, device: str = "") -> str:
    """Such as `spBv1.0/district-7/DDATA/xunhe/YX-S1`."""
    return "/".join(filter(None, (NAMESPACE, group, kind, node, device)))


def state_topic(host: str) -> str:
    """Where a host application says whether it is there."""
    return f"{NAMESPACE}/STATE/{host}"


def payload(metrics: Iterable[Metric], at: datetime, seq: int | None) -> bytes:
    """A payload of `metrics`, sent at `at`; `seq` 0 to 255, None in an NDEATH alone."""
    fields: list[tuple[int, Value]] = [(1, _ms(at))]
    fields += [(2, encode(_metric(metric))) for metric in metrics]
    if seq is not None:
        fields.append((3, seq))
    return encode(fields)


def commands(data: bytes) -> list[Command]:
    """The metrics of a received payload; WireError where it is damaged."""
    return [
        _command(inner)
        for number, inner in decode(data)
        if number == 2 and isinstance(inner, bytes)
    ]


def _command(data: bytes) -> Command:
    found = dict(decode(data))
    name, alias = found.get(1), found.get(2)
    return Command(
        name.decode(errors="replace") if isinstance(name, bytes) else "",
        alias if isinstance(alias, int) else None,
        found.get(14) == 1,
    )


def _metric(metric: Metric) -> Iterator[tuple[int, Value]]:
    if metric.name:
        yield 1, metric.name.encode()
    if metric.alias is not None:
        yield 2, metric.alias
    if metric.at is not None:
        yield 3, _ms(metric.at)
    yield 4, metric.type
    if metric.is_historical:
        yield 5, 1
    if metric.value is None:
        yield 7, 1
    if metric.properties:
        yield 9, encode(_properties(metric.properties))
    if metric.value is not None:
        yield _value(metric.type, metric.value)


def _value(kind: DataType, value: float | int | bool | str) -> tuple[int, Value]:
    match kind:
        case DataType.INT32:
            return 10, int(value) & 0xFFFFFFFF  # uint32 in two's complement
        case DataType.INT64:
            return 11, int(value)
        case DataType.DOUBLE:
            return 13, float(value)
        case DataType.BOOLEAN:
            return 14, int(value)
        case DataType.STRING:
            return 15, str(value).encode()


def _properties(properties: Sequence[tuple[str, int | str]]) -> Iterator[tuple[int, Value]]:
    for name, _ in properties:
        yield 1, name.encode()
    for _, value in properties:
        kind = DataType.STRING if isinstance(value, str) else DataType.INT32
        held = (8, value.encode()) if isinstance(value, str) else (3, value & 0xFFFFFFFF)
        yield 2, encode([(1, kind), held])


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
