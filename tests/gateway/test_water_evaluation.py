"""Sections, rivers, black-odorous water, months, comparisons: each row of the published rules."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest

from xunhe.domain.classes import Grade, WaterBody, WaterClass
from xunhe.water.black_odorous import Rung, black_odorous, rung_of
from xunhe.water.comparison import Trend, compare, trend_of_grades, trend_of_shares
from xunhe.water.months import Month, mean_of
from xunhe.water.river_level import Shares, evaluate_river
from xunhe.water.sections import evaluate_section, exceedance_multiple, exceedances

I, II, III, IV, V, WORSE = WaterClass
CHINA_S = 8 * 3600.0
EXCELLENT, GOOD, LIGHT, MODERATE, HEAVY = Grade


@pytest.mark.parametrize(
    ("prop", "value", "body", "multiple"),
    [
        ("nh3n_mg_l", 1.0, WaterBody.RIVER, None),
        ("nh3n_mg_l", 1.5, WaterBody.RIVER, 0.5),
        ("cod_mg_l", 50.0, WaterBody.RIVER, 1.5),
        ("tp_mg_l", 0.1, WaterBody.RIVER, None),
        ("tp_mg_l", 0.1, WaterBody.LAKE, 1.0),
        ("ph", 10.0, WaterBody.RIVER, None),
        ("do_mg_l", 1.0, WaterBody.RIVER, None),
        ("water_temp_c", 30.0, WaterBody.RIVER, None),
    ],
)
def test_multiple_of_exceedance(
    prop: str, value: float, body: WaterBody, multiple: float | None
) -> None:
    assert exceedance_multiple(prop, value, body) == pytest.approx(multiple)


def test_exceedances_begin_with_the_worst_class_and_then_the_greatest_multiple() -> None:
    values = {"cod_mg_l": 24.0, "nh3n_mg_l": 2.4, "tp_mg_l": 0.29, "do_mg_l": 3.5, "ph": 7.0}
    found = exceedances(values)
    assert [e.prop for e in found] == ["nh3n_mg_l", "tp_mg_l", "cod_mg_l", "do_mg_l"]
    assert found[0].words_zh == "氨氮（超Ⅲ类 1.4 倍）"
    assert found[-1].words_zh == "溶解氧（劣于Ⅲ类）"


def test_a_sections_sentence_says_class_basis_target_and_what_exceeds() -> None:
    found = evaluate_section({"ph": 7.4, "do_mg_l": 6.2, "nh3n_mg_l": 1.2}, III)
    assert found is not None
    assert not found.meets_target
    assert found.sentence_zh == (
        "Ⅳ类（轻度污染），单因子（3项：pH、溶解氧、氨氮），未达目标Ⅲ类；氨氮（超Ⅲ类 0.2 倍）"
    )
    assert "class Ⅳ (lightly polluted) by 3 single indicators" in found.sentence_en


def test_warm_saturated_water_is_class_one_once_its_temperature_is_known() -> None:
    warm = {"do_mg_l": 6.9, "water_temp_c": 30.0}  # 7.559 mg/L at saturation: 91 %
    known, unknown = evaluate_section(warm, II), evaluate_section({"do_mg_l": 6.9}, II)
    assert known is not None
    assert unknown is not None
    assert (known.judgement.water_class, unknown.judgement.water_class) == (I, II)
    high = evaluate_section({**warm, "do_mg_l": 6.2}, II, pressure_kpa=0.9 * 101.325)
    assert high is not None
    assert high.judgement.water_class is I  # 92 % of the 6.77 mg/L at 0.9 atm; 82 % at sea level


def test_nothing_measured_is_not_evaluated() -> None:
    assert evaluate_section({"water_temp_c": 20.0}, III) is None
    assert evaluate_river([{}, {"level_m": 3.0}]) is None


def ammonia(*classes: WaterClass) -> list[dict[str, float]]:
    values = {I: 0.1, II: 0.4, III: 0.8, IV: 1.4, V: 1.9, WORSE: 9.0}
    return [{"nh3n_mg_l": values[c]} for c in classes]


def test_fewer_than_five_sections_are_judged_by_their_means() -> None:
    found = evaluate_river([*ammonia(I, I, WORSE), {"ph": 7.0, "nh3n_mg_l": 0.1}])
    assert found is not None
    assert found.judgement is not None
    assert found.judgement.water_class is WORSE  # (0.1 + 0.1 + 9.0 + 0.1) / 4
    assert (found.grade, found.shares.good, found.silent) == (HEAVY, 3, 0)
    assert found.label == "重度污染 · 4个断面 · 单因子（1—2项）"


def test_a_silent_section_takes_no_part_and_is_counted() -> None:
    found = evaluate_river([*ammonia(III, III, III, III), {}])
    assert found is not None
    assert (found.shares.sections, found.silent) == (4, 1)
    assert found.judgement is not None  # by means, for four were measured


@pytest.mark.parametrize(
    ("good", "middle", "worst", "grade"),
    [
        (90, 10, 0, EXCELLENT),
        (90, 0, 10, EXCELLENT),
        (89, 11, 0, GOOD),
        (75, 25, 0, GOOD),
        (75, 0, 25, GOOD),  # the gap of the document: the rows are tested in order
        (74, 26, 0, LIGHT),
        (74, 7, 19, LIGHT),
        (74, 6, 20, MODERATE),
        (60, 1, 39, MODERATE),
        (60, 0, 40, HEAVY),
        (0, 0, 100, HEAVY),
    ],
)
def test_a_river_by_the_shares_of_its_sections(
    good: int, middle: int, worst: int, grade: Grade
) -> None:
    found = evaluate_river(ammonia(*[III] * good, *[IV] * middle, *[WORSE] * worst))
    assert found is not None
    assert (found.grade, found.judgement) == (grade, None)
    assert (found.shares.good_percent, found.shares.worst_percent) == (good, worst)


def test_five_sections_are_enough_for_shares() -> None:
    found = evaluate_river(ammonia(III, III, III, IV, WORSE))
    assert found is not None
    assert found.grade is MODERATE  # 60 % and 20 %
    assert found.label == "中度污染 · 5个断面 · 单因子（1项）"


@pytest.mark.parametrize(
    ("prop", "value", "rung"),
    [
        ("transparency_cm", 25.1, Rung.NONE),
        ("transparency_cm", 25, Rung.LIGHT),
        ("transparency_cm", 10, Rung.LIGHT),
        ("transparency_cm", 9.9, Rung.HEAVY),
        ("do_mg_l", 2.01, Rung.NONE),
        ("do_mg_l", 1.99, Rung.LIGHT),
        ("do_mg_l", 0.2, Rung.LIGHT),
        ("do_mg_l", 0.19, Rung.HEAVY),
        ("orp_mv", 51, Rung.NONE),
        ("orp_mv", 50, Rung.LIGHT),
        ("orp_mv", -200, Rung.LIGHT),
        ("orp_mv", -201, Rung.HEAVY),
        ("nh3n_mg_l", 7.99, Rung.NONE),
        ("nh3n_mg_l", 8.0, Rung.LIGHT),
        ("nh3n_mg_l", 15, Rung.LIGHT),
        ("nh3n_mg_l", 15.01, Rung.HEAVY),
    ],
)
def test_the_ladder_of_black_and_odorous_water(prop: str, value: float, rung: Rung) -> None:
    assert rung_of(prop, value) is rung


@pytest.mark.parametrize(
    ("depth_cm", "transparency_cm", "rung"),
    [(20, 8.1, Rung.NONE), (20, 8.0, Rung.LIGHT), (20, 1, Rung.LIGHT), (25, 9, Rung.HEAVY)],
)
def test_shallow_water_is_seen_through_to_less(
    depth_cm: float, transparency_cm: float, rung: Rung
) -> None:
    assert rung_of("transparency_cm", transparency_cm, depth_cm) is rung


def test_the_worst_indicator_names_the_rung() -> None:
    found = black_odorous({"do_mg_l": 1.0, "nh3n_mg_l": 16.0, "ph": 7.0})
    assert found is not None
    assert (found.rung, found.deciding) == (Rung.HEAVY, ("nh3n_mg_l",))
    assert found.label == "重度黑臭 · 2项（溶解氧、氨氮）"
    clean = black_odorous({"do_mg_l": 7.0})
    assert clean is not None
    assert (clean.rung, clean.deciding) == (Rung.NONE, ())
    assert black_odorous({"ph": 7.0}) is None


def test_months_of_the_rivers_clock() -> None:
    assert Month.of(datetime(2026, 5, 31, 16, 0, tzinfo=UTC), CHINA_S) == Month(2026, 6)
    assert Month.of(datetime(2026, 5, 31, 15, 59, tzinfo=UTC), CHINA_S) == Month(2026, 5)
    assert Month(2026, 1).before == Month(2025, 12)
    assert Month(2026, 12).before == Month(2026, 11)
    assert str(Month(2026, 3).year_before) == "2025-03"
    assert Month.parse("2026-03") == Month(2026, 3)
    china = timezone(timedelta(hours=8))
    first, after = Month(2026, 12).span(CHINA_S)
    assert first == datetime(2026, 12, 1, tzinfo=china)
    assert after == datetime(2027, 1, 1, tzinfo=china)
    for text in ("2026-13", "2026", "x"):
        with pytest.raises(ValueError, match="a month"):
            Month.parse(text)


def test_a_month_is_the_mean_of_its_days() -> None:
    """One day with 144 readings weighs as much as one with a single reading."""
    start_s = datetime(2026, 6, 1, tzinfo=timezone(timedelta(hours=8))).timestamp()
    times = np.concatenate([start_s + 600.0 * np.arange(144), [start_s + 86400.0]])
    values = np.concatenate([np.full(144, 1.0), [3.0]])
    mean = mean_of(times, values, CHINA_S)
    assert mean is not None
    assert (mean.value, mean.days) == (2.0, 2)
    assert mean_of(times, np.full(145, np.nan), CHINA_S) is None


def test_only_common_indicators_are_compared() -> None:
    """The month before had phosphorus as well, which was bad: it says nothing of the change."""
    before = {"ph": 7.5, "nh3n_mg_l": 0.6, "tp_mg_l": 0.9, "water_temp_c": 20.0}
    now = {"ph": 7.0, "nh3n_mg_l": 1.2, "do_mg_l": 1.0, "water_temp_c": 21.0}
    found = compare(now, before)
    assert found is not None
    assert (found.before, found.now, found.trend) == (III, IV, Trend.WORSE)
    assert [c.prop for c in found.changes] == ["ph", "nh3n_mg_l"]
    assert found.changes[1].words_zh == "氨氮 0.6→1.2 mg/L（+100 %）"
    assert found.changes[0].words_zh == "pH 7.5→7"
    assert found.words_zh == "Ⅲ类→Ⅳ类，有所变差（按共有的2项）"
    assert compare({"ph": 7.0}, {"do_mg_l": 6.0}) is None


@pytest.mark.parametrize(
    ("before", "now", "trend"),
    [
        (I, II, Trend.SAME),  # both are 优
        (III, II, Trend.BETTER),
        (IV, II, Trend.CLEARLY_BETTER),
        (WORSE, I, Trend.CLEARLY_BETTER),
        (III, IV, Trend.WORSE),
        (II, WORSE, Trend.CLEARLY_WORSE),
    ],
)
def test_trend_of_a_section_by_grades(before: WaterClass, now: WaterClass, trend: Trend) -> None:
    assert trend_of_grades(before.grade, now.grade) is trend


@pytest.mark.parametrize(
    ("before", "now", "trend"),
    [
        (Shares(100, 70, 5), Shares(100, 80, 5), Trend.SAME),
        (Shares(100, 70, 5), Shares(100, 81, 5), Trend.BETTER),
        (Shares(100, 70, 5), Shares(100, 80, 4), Trend.BETTER),
        (Shares(100, 70, 5), Shares(100, 90, 5), Trend.BETTER),
        (Shares(100, 70, 5), Shares(100, 91, 5), Trend.CLEARLY_BETTER),
        (Shares(100, 70, 5), Shares(100, 60, 6), Trend.WORSE),
        (Shares(100, 70, 5), Shares(100, 55, 11), Trend.CLEARLY_WORSE),
        (Shares(30, 20, 0), Shares(30, 23, 0), Trend.SAME),  # 10 points, by thirds
    ],
)
def test_trend_of_a_river_by_shares(before: Shares, now: Shares, trend: Trend) -> None:
    assert trend_of_shares(before, now) is trend


@pytest.mark.parametrize(
    "words", [[t.wording for t in Trend], [g.wording for g in Grade], [r.wording for r in Rung]]
)
def test_every_step_has_its_own_words(words: list[Any]) -> None:
    assert len(set(words)) == len(words)
