"""Rows of an ArduPilot flash log as facts. Columns: ArduPilot's own log documentation."""

from collections.abc import Callable
from math import isnan

from xunhe.codecs.mavlink.dataflash import Row
from xunhe.codecs.mavlink.facts import (
    AboveTerrain,
    Accuracy,
    Clock,
    Fact,
    Gimbal,
    Heading,
    Position,
)

_GPS_EPOCH_S = 315_964_800  # 1980-01-06 in Unix seconds
_LEAP_S = 18  # GPS is ahead of UTC since 2017
_WEEK_S = 604_800
_FIX_3D = 3


def fact(name: str, row: Row) -> Fact | None:
    """What a row says; None where it is of no use here or lacks a column."""
    reader = _READERS.get(name)
    if reader is None:
        return None
    numbers = {column: value for column, value in row.items() if isinstance(value, float)}
    try:
        return reader(numbers)
    except KeyError:  # older firmware: the column has another name or is not there
        return None


def _position(row: dict[str, float]) -> Fact | None:
    if row["Lat"] == 0 and row["Lng"] == 0:
        return None
    home_m = row.get("RelHomeAlt")
    return Position(row["TimeUS"] / 1e6, row["Lat"], row["Lng"], home_m, row["Alt"])


def _clock(row: dict[str, float]) -> Fact | None:
    if row["Status"] < _FIX_3D or row["GWk"] == 0:
        return None
    unix_s = _GPS_EPOCH_S + row["GWk"] * _WEEK_S + row["GMS"] / 1e3 - _LEAP_S
    return Clock(row["TimeUS"] / 1e6, unix_s)


def _accuracy(row: dict[str, float]) -> Fact | None:
    return Accuracy(row["HAcc"]) if row["HAcc"] > 0 else None


def _heading(row: dict[str, float]) -> Fact:
    return Heading(row["TimeUS"] / 1e6, row["Yaw"] % 360)


def _gimbal(row: dict[str, float]) -> Fact:
    absolute = row["YawE"]
    is_absolute = not isnan(absolute)
    yaw = absolute if is_absolute else row["YawB"]
    return Gimbal(row["TimeUS"] / 1e6, yaw % 360, row["Pitch"], row["Roll"], is_absolute)


def _range(row: dict[str, float]) -> Fact | None:
    is_good_and_down = row["Stat"] == 4 and row["Orient"] == 25
    return AboveTerrain(row["TimeUS"] / 1e6, row["Dist"], 0.2) if is_good_and_down else None


_READERS: dict[str, Callable[[dict[str, float]], Fact | None]] = {
    "POS": _position,
    "GPS": _clock,
    "GPA": _accuracy,
    "ATT": _heading,
    "MNT": _gimbal,
    "RFND": _range,
}
