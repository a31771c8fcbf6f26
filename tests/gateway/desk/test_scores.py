"""Rows 47 to 52: what each ground takes or adds."""

import pytest

from xunhe.desk.scores import Ground, Score, counted_yellows, score
from xunhe.desk.water_year import improvement
from xunhe.settings import ScoreSettings

WEIGHTS = ScoreSettings()


def points(ground: Ground, count: float, weights: ScoreSettings = WEIGHTS) -> float:
    return sum(line.points for line in score({ground: count}, weights).lines)


@pytest.mark.parametrize(("yellows", "deductions"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 2)])
def test_yellows_take_points_from_the_third_on(yellows: int, deductions: int) -> None:
    assert counted_yellows(yellows, 2) == deductions
    assert points(Ground.YELLOW, yellows, ScoreSettings(yellow=1)) == -deductions


def test_every_red_takes_points() -> None:
    assert [points(Ground.RED, reds, ScoreSettings(red=2)) for reds in range(4)] == [0, -2, -4, -6]


def test_fair_costs_points_already() -> None:
    assert points(Ground.GRADE_FAIR, 1) == -1
    assert points(Ground.GRADE_ORDINARY, 1) == -3


def test_better_water_adds_by_its_rate_and_worse_takes_a_fixed_number() -> None:
    assert points(Ground.WATER_BETTER, 0.25, ScoreSettings(water_better=8)) == 2
    assert points(Ground.WATER_WORSE, 3, ScoreSettings(water_worse=1)) == -3


def test_a_score_without_grounds_is_its_base() -> None:
    assert score({}, WEIGHTS) == Score(100, ())
    assert score({}, ScoreSettings(base=60)).total == 60


def test_every_ground_has_a_weight_of_its_own() -> None:
    for ground in Ground:
        assert points(ground, 5) != 0, ground


def test_lines_add_up_to_the_total() -> None:
    made = score({Ground.RED: 2, Ground.YELLOW: 4, Ground.DIFFICULT_GREEN: 1}, WEIGHTS)
    assert [line.ground for line in made.lines] == [
        Ground.RED,
        Ground.YELLOW,
        Ground.DIFFICULT_GREEN,
    ]
    assert made.total == 100 - 4 - 2 + 2


def year(value: float, months: int = 12) -> dict[int, float]:
    return dict.fromkeys(range(1, months + 1), value)


def test_improvement_is_the_share_that_is_gone() -> None:
    assert improvement(year(0.4), year(0.3), 9) == pytest.approx(0.25)
    assert improvement(year(0.3), year(0.4), 9) == pytest.approx(-1 / 3)


def test_only_months_of_both_years_are_compared() -> None:
    dry_gap = {month: value for month, value in year(0.3).items() if month > 2}
    before = {**year(0.3), 1: 9.0, 2: 9.0}
    assert improvement(before, dry_gap, 9) == pytest.approx(0.0)


@pytest.mark.parametrize(("months", "is_rated"), [(8, False), (9, True), (10, True)])
def test_too_few_common_months_give_no_rate(months: int, is_rated: bool) -> None:
    assert (improvement(year(0.4), year(0.3, months), 9) is not None) is is_rated


def test_nothing_before_gives_no_rate() -> None:
    assert improvement(year(0.0), year(0.1), 9) is None
    assert improvement({}, year(0.1), 1) is None
