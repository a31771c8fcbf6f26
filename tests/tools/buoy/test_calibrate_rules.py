"""Buffers, stability, acceptance: every limit at, below and above."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe_buoy.chemistry import do_saturation_mg_l, nh4_n_from_mv, ph_from_mv, ph_slope_mv
from xunhe_tools.buoy.calibrate_acceptance import ZERO_MOST, Judgement, Point, judge, out_of_place
from xunhe_tools.buoy.calibrate_buffers import BUFFERS, TEMPS_C, BufferError, buffer_value
from xunhe_tools.buoy.calibrate_stability import (
    Sample,
    Settling,
    Stability,
    StabilityLimits,
    limits_of,
)
from xunhe_tools.buoy.calibrate_standards import StandardError, Surroundings, worth

# -- buffers


@pytest.mark.parametrize(
    ("word", "temp_c", "ph"),
    [
        ("4.008", 25, 4.008),
        ("6.865", 25, 6.865),
        ("9.180", 25, 9.180),
        ("4.01", 25, 4.01),
        ("7.00", 25, 7.00),
        ("10.01", 25, 10.01),
        ("6.86", 10, 6.923),
        ("9.18", 0, 9.464),
        ("9.180", 22.5, (9.225 + 9.180) / 2),
        ("10.01", 40, 9.89),
    ],
)
def test_a_buffer_is_worth_what_its_table_says(word: str, temp_c: float, ph: float) -> None:
    assert buffer_value(word, temp_c).ph == pytest.approx(ph, abs=5e-5)


@pytest.mark.parametrize("temp_c", [-0.1, 40.1])
def test_a_buffer_has_no_value_outside_its_table(temp_c: float) -> None:
    with pytest.raises(BufferError, match="from 0 to 40"):
        buffer_value("6.865", temp_c)


@given(st.sampled_from(sorted(BUFFERS)), st.floats(0, 40))
def test_a_value_between_two_temperatures_lies_between_their_values(
    name: str, temp_c: float
) -> None:
    low = max(i for i, t in enumerate(TEMPS_C) if t <= temp_c)
    ends = [BUFFERS[name].ph[i] for i in (low, min(low + 1, len(TEMPS_C) - 1))]
    assert min(ends) - 1e-4 <= buffer_value(name, temp_c).ph <= max(ends) + 1e-4


@pytest.mark.parametrize(
    ("word", "temp_c", "is_confirmed"),
    [("4.008", 25, True), ("4.008", 24.9, False), ("6.865", 24.9, True), ("6.88=6.881", 20, False)],
)
def test_a_value_without_a_source_in_print_is_marked(
    word: str, temp_c: float, is_confirmed: bool
) -> None:
    assert buffer_value(word, temp_c).is_confirmed is is_confirmed


@pytest.mark.parametrize("word", ["6.5", "", "6.88=", "6.88=acid", "6.88=14", "7=nan"])
def test_an_unknown_buffer_is_refused_with_those_that_are_known(word: str) -> None:
    with pytest.raises(BufferError, match=r"VALUE|NAME"):
        buffer_value(word, 25)


# -- other standards


@pytest.mark.parametrize(
    ("quantity", "word", "reference"),
    [
        ("do_fraction", "air", 1.0),
        ("do_fraction", "zero", 0.0),
        ("do_mg_l", "air", 9.092),
        ("nh4_mv", "1.0", 1.0),
        ("nh4_mv", "1.29nh4", 1.29 * 14.007 / 18.039),
    ],
)
def test_a_standard_is_worth_what_chemistry_says(
    quantity: str, word: str, reference: float
) -> None:
    assert worth(quantity, word, 20, Surroundings()).reference == pytest.approx(reference, abs=1e-3)


def test_air_on_a_mountain_holds_less_oxygen() -> None:
    found = worth("do_mg_l", "air", 20, Surroundings(pressure_kpa=91.2))
    assert found.reference == pytest.approx(do_saturation_mg_l(20, 0, 91.2), abs=1e-4)
    assert not found.is_confirmed, "the equation's pressure term is to be confirmed"


@pytest.mark.parametrize(
    ("quantity", "word"),
    [("do_fraction", "water"), ("nh4_mv", "much"), ("nh4_mv", "-1"), ("nh4_mv", "1001")],
)
def test_a_standard_that_does_not_fit_is_refused(quantity: str, word: str) -> None:
    with pytest.raises(StandardError):
        worth(quantity, word, 20, Surroundings())


# -- stability

LIMITS = StabilityLimits(spread=0.5, temp_spread_c=0.3, readings=5, window_s=20)


def settle(raws: list[float], *, step_s: float = 5, temps_c: list[float] | None = None) -> Settling:
    stability = Stability(LIMITS)
    last = Settling.FEW
    for i, raw in enumerate(raws):
        temp_c = temps_c[i] if temps_c else 25.0
        last = stability.take(Sample(i * step_s, raw, temp_c))
    return last


@pytest.mark.parametrize(
    ("raws", "step_s", "settling"),
    [
        ([1.0] * 4, 10, Settling.FEW),
        ([1.0] * 5, 4.99, Settling.SHORT),
        ([1.0] * 5, 5, Settling.STABLE),
        ([0.0, 0.5, 0.25, 0.1, 0.4], 5, Settling.STABLE),  # exactly the limit
        ([0.0, 0.501, 0.25, 0.1, 0.4], 5, Settling.MOVING),
        ([9.0, 0.0, 0.5, 0.25, 0.1, 0.4], 5, Settling.STABLE),  # what lies before is forgotten
    ],
)
def test_a_reading_is_stable_when_its_window_lies_within_the_limit(
    raws: list[float], step_s: float, settling: Settling
) -> None:
    assert settle(raws, step_s=step_s) is settling


@pytest.mark.parametrize(
    ("spread_c", "settling"), [(0.3, Settling.STABLE), (0.301, Settling.WARMING)]
)
def test_water_that_still_warms_is_not_stable(spread_c: float, settling: Settling) -> None:
    assert settle([1.0] * 5, temps_c=[25.0, 25.0 + spread_c, 25, 25, 25]) is settling


@given(st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=30), st.floats(1, 30))
def test_stable_means_that_no_two_readings_of_the_window_are_further_apart(
    raws: list[float], step_s: float
) -> None:
    stability = Stability(LIMITS)
    for i, raw in enumerate(raws):
        if stability.take(Sample(i * step_s, raw, 25.0)) is Settling.STABLE:
            window = [s for s in stability.samples if s.time_s >= i * step_s - LIMITS.window_s]
            assert max(s.raw for s in window) - min(s.raw for s in window) <= 0.5 + 1e-6
            assert stability.samples[-1].time_s - stability.samples[0].time_s >= LIMITS.window_s


@given(st.floats(-1e3, 1e3), st.floats(0.001, 1))
def test_a_drift_that_never_ends_is_never_stable(start: float, step: float) -> None:
    fast = 0.5 / 4 + step  # a unit a reading: five span more than the limit
    assert settle([start + fast * i for i in range(12)]) is Settling.MOVING


def test_each_quantity_has_a_limit_of_its_own() -> None:
    assert limits_of("ph_mv").spread == 0.5
    assert limits_of("flow_l_s", readings=3, window_s=2).readings == 3


# -- acceptance


def electrode(slope: float, offset_mv: float, *buffers: str, temp_c: float = 25) -> list[Point]:
    """What an electrode of this health shows in these buffers."""
    found = []
    for word in buffers:
        ph = buffer_value(word, temp_c).ph
        found.append((ph, offset_mv + slope * ph_slope_mv(temp_c) * (7 - ph), temp_c))
    return found


def verdict(judgement: Judgement) -> str:
    if not judgement.is_accepted:
        return "refused"
    return "warned" if judgement.warnings else "good"


@pytest.mark.parametrize(
    ("slope", "expected"),
    [
        (0.8499, "refused"),
        (0.8501, "warned"),
        (0.9199, "warned"),
        (0.9201, "good"),
        (1.0199, "good"),
        (1.0201, "warned"),
        (1.0499, "warned"),
        (1.0501, "refused"),
    ],
)
@pytest.mark.parametrize("temp_c", [5, 25, 35])
def test_a_slope_is_judged_at_its_limits(slope: float, expected: str, temp_c: float) -> None:
    points = electrode(slope, 0, "6.865", "9.180", temp_c=temp_c)
    assert verdict(judge("ph_mv", points)) == expected


@pytest.mark.parametrize(
    ("offset_mv", "expected"),
    [(29.99, "good"), (30.01, "warned"), (59.99, "warned"), (60.01, "refused")],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_an_offset_is_judged_at_its_limits(offset_mv: float, expected: str, sign: int) -> None:
    points = electrode(1, sign * offset_mv, "4.008", "6.865", "9.180")
    assert verdict(judge("ph_mv", points)) == expected


@given(st.floats(0.93, 1.01), st.floats(-29, 29), st.floats(0, 40), st.floats(4, 10))
def test_an_accepted_line_gives_the_water_its_ph_back(
    slope: float, offset_mv: float, temp_c: float, ph: float
) -> None:
    judgement = judge("ph_mv", electrode(slope, offset_mv, "4.01", "10.01", temp_c=temp_c))
    assert judgement.line is not None
    mv = offset_mv + slope * ph_slope_mv(temp_c) * (7 - ph)
    line = judgement.line
    found = ph_from_mv(mv, temp_c, line.offset, line.slope, line.slope_base)
    assert found == pytest.approx(ph, abs=1e-6)


@given(
    st.sampled_from(["4.008", "6.865", "9.180"]),
    st.sampled_from(["4.008", "6.865", "9.180"]),
    st.floats(0.9, 1.03),
    st.floats(-50, 50),
)
def test_a_probe_in_the_wrong_bottle_is_told_which_one_it_stands_in(
    said: str, real: str, slope: float, offset_mv: float
) -> None:
    ((_, mv, temp_c),) = electrode(slope, offset_mv, real)
    reason = out_of_place("ph_mv", (float(said), mv, temp_c))
    if said == real:
        assert reason is None
    else:
        assert reason is not None
        assert "wrong bottle" in reason.en


@pytest.mark.parametrize("mv", [900.0, -900.0])
def test_a_potential_that_no_buffer_gives_is_a_dry_or_broken_probe(mv: float) -> None:
    reason = out_of_place("ph_mv", (6.865, mv, 25))
    assert reason is not None
    assert "dry" in reason.en
    assert "断线" in reason.zh


@pytest.mark.parametrize("quantity", ["do_fraction", "do_mg_l"])
@pytest.mark.parametrize(("share", "is_zero"), [(0.99, True), (1.0, True), (1.01, False)])
def test_a_zero_that_shows_oxygen_is_no_zero(quantity: str, share: float, is_zero: bool) -> None:
    raw = share * ZERO_MOST[quantity]
    full = 1.0 if quantity == "do_fraction" else 8.3
    judgement = judge(quantity, [(full, full, 20), (0.0, raw, 20)])
    assert judgement.is_accepted is is_zero


@pytest.mark.parametrize(
    ("slope", "expected"),
    [(0.49, "refused"), (0.51, "warned"), (0.81, "good"), (1.24, "good"), (1.26, "warned")],
)
def test_oxygen_in_air_and_zero_is_judged_by_its_slope(slope: float, expected: str) -> None:
    points = [(1.0, 1 / slope, 20.0), (0.0, 0.0, 20.0)]
    assert verdict(judge("do_fraction", points)) == expected


@given(st.floats(0.93, 1.01), st.floats(100, 250), st.floats(5, 35), st.floats(0.1, 50))
def test_ammonium_standards_give_the_water_its_ammonium_back(
    slope: float, standard_mv: float, temp_c: float, mg_l: float
) -> None:
    def mv(concentration: float) -> float:
        return standard_mv + slope * ph_slope_mv(temp_c) * math.log10(concentration)

    judgement = judge("nh4_mv", [(1.0, mv(1.0), temp_c), (10.0, mv(10.0), temp_c)])
    assert judgement.line is not None
    line = judgement.line
    found = nh4_n_from_mv(mv(mg_l), temp_c, line.offset, line.slope)
    assert found == pytest.approx(mg_l, rel=1e-6)


@pytest.mark.parametrize(("high", "warns"), [(4.99, True), (5.0, False)])
def test_ammonium_standards_near_to_each_other_are_warned_of(high: float, warns: bool) -> None:
    step = ph_slope_mv(25) * math.log10(high)
    judgement = judge("nh4_mv", [(1.0, 180.0, 25), (high, 180.0 + step, 25)])
    assert any("to 1 apart" in warning.en for warning in judgement.warnings) is warns


def test_one_point_is_accepted_with_a_warning() -> None:
    judgement = judge("ph_mv", electrode(1, 8, "6.865"))
    assert judgement.line is not None
    assert judgement.line.offset == pytest.approx(8)
    assert "one point" in judgement.warnings[0].en


@pytest.mark.parametrize(
    ("quantity", "points", "zh"),
    [
        ("ph_mv", [(6.865, 8.0, 25.0), (7.00, 0.0, 25.0)], "不足 1 pH"),
        ("nh4_mv", [(0.0, 100.0, 25.0)], "零浓度"),
        ("do_fraction", [(1.0, 0.0, 25.0)], "不为正"),
        ("do_fraction", [(1.0, 0.9, 25.0), (0.9, 0.9, 25.0)], "两点相同"),
        ("ph_mv", [], "一至三点"),
    ],
)
def test_points_that_determine_nothing_are_refused_in_both_languages(
    quantity: str, points: list[Point], zh: str
) -> None:
    judgement = judge(quantity, points)
    assert not judgement.is_accepted
    assert zh in judgement.reasons[0].zh
