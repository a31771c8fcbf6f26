"""GB 3838-2002 Table 1: every limit at, just below and just above."""

import pytest

from xunhe.domain.classes import WaterBody, WaterClass
from xunhe.water.classes import (
    DO_LIMITS_MG_L,
    LAKE_LIMITS,
    UPPER_LIMITS,
    admits_temperature_change,
    class_of,
    limit,
    single_factor,
)
from xunhe.water.indicators import EVALUATED, INDICATORS

I, II, III, IV, V, WORSE = WaterClass


@pytest.mark.parametrize(
    ("prop", "value", "expected"),
    [
        ("nh3n_mg_l", 0.15, I),
        ("nh3n_mg_l", 0.150001, II),
        ("nh3n_mg_l", 0.5, II),
        ("nh3n_mg_l", 2.0, V),
        ("nh3n_mg_l", 2.01, WORSE),
        ("do_mg_l", 7.5, I),
        ("do_mg_l", 7.49, II),
        ("do_mg_l", 5.0, III),
        ("do_mg_l", 2.0, V),
        ("do_mg_l", 1.99, WORSE),
        ("ph", 6.0, I),
        ("ph", 9.0, I),
        ("ph", 5.99, WORSE),
        ("ph", 9.01, WORSE),
        ("cod_mg_l", 15, I),  # Ⅰ and Ⅱ share the limit: the better class
        ("fluoride_mg_l", 1.2, IV),
        ("water_temp_c", 20, None),
        ("battery_v", 3.9, None),
    ],
)
def test_published_boundary_values(prop: str, value: float, expected: WaterClass | None) -> None:
    assert class_of(prop, value) == expected


COLUMNS = [
    *((WaterBody.RIVER, prop, limits) for prop, limits in UPPER_LIMITS.items()),
    *((WaterBody.LAKE, prop, limits) for prop, limits in {**UPPER_LIMITS, **LAKE_LIMITS}.items()),
]


@pytest.mark.parametrize(("body", "prop", "limits"), COLUMNS)
def test_every_upper_limit_belongs_to_the_better_class(
    body: WaterBody, prop: str, limits: tuple[float, ...]
) -> None:
    for i, value in enumerate(limits):
        at = class_of(prop, value, body=body)
        assert at == WaterClass(limits.index(value) + 1)
        assert class_of(prop, value * 0.999999, body=body) == at
        above = class_of(prop, value * 1.000001, body=body)
        assert above is not None
        assert above > at
        assert limit(prop, WaterClass(i + 1), body) == value


def test_phosphorus_is_stricter_in_a_lake_and_nitrogen_counts_there_alone() -> None:
    assert class_of("tp_mg_l", 0.05) == II
    assert class_of("tp_mg_l", 0.05, body=WaterBody.LAKE) == III
    assert class_of("tn_mg_l", 1.2) is None
    assert class_of("tn_mg_l", 1.2, body=WaterBody.LAKE) == IV


def test_table_1_is_complete() -> None:
    """24 items: 20 rows of upper limits, nitrogen, oxygen, pH and temperature."""
    with_class = {*UPPER_LIMITS, *LAKE_LIMITS, "do_mg_l", "ph"}
    assert len(with_class | {"water_temp_c"}) == 24
    assert with_class < set(INDICATORS)
    coded = {i.hj212 for i in INDICATORS.values() if i.hj212}
    assert len(coded - {"w01014"}) == 24  # conductivity has a code and no limit


def test_21_indicators_take_part_in_the_class_of_a_section() -> None:
    assert len(EVALUATED) == 21
    everything = dict.fromkeys(INDICATORS, 1e-9) | {"ph": 7.0, "do_mg_l": 8.0}
    judgement = single_factor(everything)
    assert judgement is not None
    assert judgement.label == "Ⅰ类 · 单因子（21项）"
    lake = single_factor({**everything, "tn_mg_l": 99.0}, body=WaterBody.LAKE)
    assert lake == judgement


@pytest.mark.parametrize(
    ("change_c", "is_admitted"), [(1.0, True), (1.01, False), (-2.0, True), (-2.01, False)]
)
def test_people_may_warm_a_river_by_one_degree_and_cool_it_by_two(
    change_c: float, is_admitted: bool
) -> None:
    assert admits_temperature_change(change_c) is is_admitted


@pytest.mark.parametrize(
    ("water_class", "wording", "colour"),
    [
        (I, "优", "blue"),
        (II, "优", "blue"),
        (III, "良好", "green"),
        (IV, "轻度污染", "yellow"),
        (V, "中度污染", "orange"),
        (WORSE, "重度污染", "red"),
    ],
)
def test_wording_and_colour_of_a_section(
    water_class: WaterClass, wording: str, colour: str
) -> None:
    assert (water_class.wording, water_class.colour) == (wording, colour)


def test_every_oxygen_limit_belongs_to_the_better_class() -> None:
    for i, value in enumerate(DO_LIMITS_MG_L):
        assert class_of("do_mg_l", value) == WaterClass(i + 1)
        assert class_of("do_mg_l", value - 1e-6) == WaterClass(i + 2)


def test_saturation_of_90_percent_admits_to_class_one_in_warm_water() -> None:
    assert class_of("do_mg_l", 6.9, do_saturation_fraction=0.9) == I
    assert class_of("do_mg_l", 6.9, do_saturation_fraction=0.899) == II


def test_the_worst_indicator_decides_and_the_label_says_how_many_were_measured() -> None:
    judgement = single_factor({"ph": 7.4, "do_mg_l": 6.2, "nh3n_mg_l": 1.2, "water_temp_c": 18})
    assert judgement is not None
    assert judgement.water_class == IV
    assert judgement.worst == ("nh3n_mg_l",)
    assert judgement.label == "Ⅳ类 · 单因子（3项）"
    assert judgement.basis_zh == "单因子（3项：pH、溶解氧、氨氮）"
    assert judgement.basis_en.endswith(
        "3 single indicators: pH, dissolved oxygen, ammonia nitrogen"
    )


def test_nothing_measured_gives_no_class() -> None:
    assert single_factor({"water_temp_c": 18}) is None
    assert single_factor({}) is None


def test_limit_of_a_target_class() -> None:
    assert limit("nh3n_mg_l", III) == 1.0
    assert limit("do_mg_l", III) == 5.0
    assert limit("ph", III) is None
    assert limit("nh3n_mg_l", WORSE) is None
