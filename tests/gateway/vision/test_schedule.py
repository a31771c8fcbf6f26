from datetime import datetime

import pytest

from tests.gateway.vision.outfall_scene import outfall
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.vision.schedule import is_permitted, ruling


def local_s(clock: str) -> float:
    return datetime.fromisoformat(f"2026-10-21T{clock}:00").replace(tzinfo=SHANGHAI).timestamp()


@pytest.mark.parametrize(("hours", "clock", "permitted"), [
    (("08:00", "18:00"), "07:59", False),
    (("08:00", "18:00"), "08:00", True),
    (("08:00", "18:00"), "17:59", True),
    (("08:00", "18:00"), "18:00", False),
    (("22:00", "06:00"), "21:59", False),  # past midnight
    (("22:00", "06:00"), "23:59", True),
    (("22:00", "06:00"), "00:00", True),
    (("22:00", "06:00"), "05:59", True),
    (("22:00", "06:00"), "06:00", False),
    (("18:00", "24:00"), "23:59", True),
    (("18:00", "24:00"), "00:00", False),
    (("00:00", "24:00"), "12:00", True),
])  # fmt: skip
def test_hours_are_local_and_hold_their_first_minute_but_not_their_last(
    hours: tuple[str, str], clock: str, permitted: bool
) -> None:
    assert is_permitted([hours], local_s(clock)) is permitted


def test_one_of_several_ranges_is_enough_and_none_permits_nothing() -> None:
    assert is_permitted([("01:00", "02:00"), ("12:00", "13:00")], local_s("12:30"))
    assert not is_permitted([], local_s("12:30"))


@pytest.mark.parametrize(("state", "clock", "rain_mm_h", "severity", "words"), [
    ("flowing", "20:00", None, Severity.MAJOR, "非允许时段"),
    ("flowing", "20:00", 0.0, Severity.MAJOR, "非允许时段"),
    ("flowing", "20:00", 0.1, Severity.MINOR, "有雨"),
    ("flowing", "12:00", None, Severity.MINOR, "允许时段内"),
    ("foaming", "12:00", 5.0, Severity.SEVERE, "水质"),
    ("coloured", "12:00", 5.0, Severity.SEVERE, "水质"),
    ("sheen", "20:00", None, Severity.SEVERE, "水质"),
])  # fmt: skip
def test_permit_and_rain_excuse_clear_water_only(
    state: str, clock: str, rain_mm_h: float | None, severity: Severity, words: str
) -> None:
    zone = outfall(permitted_hours=(("08:00", "18:00"),), rain_expected="lower")
    ruled = ruling(zone, state, local_s(clock), rain_mm_h)
    assert ruled.severity is severity
    assert words in ruled.reason_zh
    assert ruled.reason_en


def test_rain_lowers_nothing_where_the_outfall_must_not_flow_in_rain() -> None:
    zone = outfall(rain_expected="same")
    assert ruling(zone, "flowing", 0.0, 9.0).severity is Severity.MAJOR
