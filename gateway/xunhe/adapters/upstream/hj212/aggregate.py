"""Minute, hour and day data (2051, 2061, 2031) from the store.

Of the usable values only. The standard has two rules for the flag of an aggregate: effluent (ST 32)
is abnormal with one abnormal value inside, flue gas with more than a quarter of them. For surface
water (ST 21) it has none; the second is used, so that one bad sample does not spoil an hour.
"""

from collections.abc import Collection
from datetime import datetime, timedelta, timezone

import sqlalchemy as sa

from xunhe.adapters.hj212_factors import FAULT, NORMAL
from xunhe.adapters.store.records import columns_between
from xunhe.codecs.hj212.commands import DAY, HOUR, MINUTE
from xunhe.domain.observation import USABLE_FLAGS

_EFFLUENT = "32"
_NORMAL_SHARE = 0.75
_MS = timedelta(milliseconds=1)

Aggregate = tuple[float, float, float, str]  # minimum, mean, maximum, 数据标记


def length_of(cn: str, min_interval: int) -> timedelta:
    """How long the interval of a command is."""
    return {
        MINUTE: timedelta(minutes=min_interval),
        HOUR: timedelta(hours=1),
        DAY: timedelta(days=1),
    }[cn]


def start_of(at: datetime, length: timedelta, zone: timezone) -> datetime:
    """The start of the interval that an instant lies in; intervals divide the local day."""
    local = at.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (local - midnight) // length * length


def aggregated(
    connection: sa.Connection,
    station: str,
    props: Collection[str],
    span: tuple[datetime, datetime],
    st: str,
) -> dict[str, Aggregate]:
    """By property, for since ≤ time < until; a property without a usable value is left out."""
    since, until = span
    found: dict[str, list[tuple[float | None, int]]] = {}
    columns = columns_between(connection, station, props, since, until - _MS)
    for values in columns.values():
        for prop, said in values.items():
            found.setdefault(prop, []).append(said)
    made = {prop: _aggregate(said, st) for prop, said in found.items()}
    return {prop: aggregate for prop, aggregate in made.items() if aggregate is not None}


def _aggregate(said: list[tuple[float | None, int]], st: str) -> Aggregate | None:
    usable = [value for value, flag in said if value is not None and flag in USABLE_FLAGS]
    if not usable:
        return None
    needed = 1.0 if st == _EFFLUENT else _NORMAL_SHARE
    letter = NORMAL if len(usable) >= needed * len(said) else FAULT
    return min(usable), sum(usable) / len(usable), max(usable), letter
