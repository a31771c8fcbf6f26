"""Sparklines: geometry."""

from datetime import timedelta

from tests.gateway.web.river_rows import NOW
from xunhe.adapters.store.queries import ObservationRow
from xunhe.web.sparkline import HEIGHT, WIDTH, sparkline

SINCE = NOW - timedelta(hours=6)


def row(hours: float, value: float | None) -> ObservationRow:
    return ObservationRow(NOW - timedelta(hours=hours), value, 1)


def test_nothing_measured_draws_nothing() -> None:
    found = sparkline([], SINCE, NOW, limits=(1.0,))
    assert (found.path, found.limits_y, found.last_xy) == ("", (), None)


def test_a_rising_line_goes_up_from_left_to_right() -> None:
    found = sparkline([row(6, 0.0), row(0, 1.0)], SINCE, NOW)
    assert found.path == f"M3 {HEIGHT - 3:g} L{WIDTH - 3:g} 3"


def test_a_missing_value_breaks_the_line() -> None:
    found = sparkline([row(6, 0.0), row(4, None), row(2, 0.5), row(0, 1.0)], SINCE, NOW)
    assert found.path.count("M") == 2


def test_the_limit_is_in_sight_even_when_far() -> None:
    found = sparkline([row(1, 0.30), row(0, 0.31)], SINCE, NOW, limits=(1.0,))
    assert found.limits_y == (3.0,)


def test_noise_is_not_magnified() -> None:
    found = sparkline([row(1, 7.00), row(0, 7.01)], SINCE, NOW, least_span=1.0)
    ends = [float(step.split(" ")[-1]) for step in found.path.split(" L")]
    assert abs(ends[0] - ends[1]) < 1


def test_many_points_are_thinned_and_the_newest_stays() -> None:
    rows = [row(6 - i / 200, float(i % 2)) for i in range(1201)]
    found = sparkline(rows, SINCE, NOW)
    assert found.path.count("L") <= 180
    assert found.last_xy is not None
    assert found.last_xy[0] == WIDTH - 3
