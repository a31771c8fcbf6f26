"""GB 3838-2002 Table 1: every limit at, just below and just above."""

import pytest

from xunhe.domain.classes import WaterClass
from xunhe.water.classes import DO_LIMITS_MG_L, UPPER_LIMITS, class_of, limit, single_factor

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


@pytest.mark.parametrize("prop", UPPER_LIMITS)
def test_every_upper_limit_belongs_to_the_better_class(prop: str) -> None:
    limits = UPPER_LIMITS[prop]
    for value in limits:
        at = class_of(prop, value)
        assert at == WaterClass(limits.index(value) + 1)
        above = class_of(prop, value * 1.000001)
        assert above is not None
        assert above > at


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


def test_nothing_measured_gives_no_class() -> None:
    assert single_factor({"water_temp_c": 18}) is None
    assert single_factor({}) is None


def test_limit_of_a_target_class() -> None:
    assert limit("nh3n_mg_l", III) == 1.0
    assert limit("do_mg_l", III) == 5.0
    assert limit("ph", III) is None
    assert limit("nh3n_mg_l", WORSE) is None
