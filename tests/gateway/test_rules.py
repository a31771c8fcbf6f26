"""The rule set on synthetic water: quiet days stay quiet, a discharge is found once and clears."""

import math
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import START, minutes, rules_with
from tests.gateway.views import judge, view_of
from xunhe.adapters.rules_file import shipped
from xunhe.alerts.engine import Decision, decide
from xunhe.alerts.rules.unheard import UnheardRule
from xunhe.domain.incident import Cleared, Finding, Kind, Rule, Severity
from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, Sample
from xunhe.domain.registry import Registry

STEP_MIN = 2
RULES = shipped()


def water(
    station: str,
    at: datetime,
    rng: random.Random,
    plume: Callable[[float], float] = lambda _: 0.0,
) -> Sample:
    """Ordinary water at class Ⅱ to Ⅲ with a daily oxygen curve, plus a plume of ammonia (mg/L)."""
    hours = (at - START).total_seconds() / 3600
    extra = plume(hours)
    day = math.sin(2 * math.pi * (hours + 1 - 11) / 24)
    values = {
        "water_temp_c": 17 + rng.gauss(0, 0.03),
        "ph": 7.6 + 0.2 * day + rng.gauss(0, 0.02),
        "do_mg_l": 7.0 + 1.3 * day - 0.5 * extra + rng.gauss(0, 0.08),
        "nh3n_mg_l": max(0.0, (0.35 + extra) * rng.gauss(1, 0.05) + rng.gauss(0, 0.02)),
    }
    return Sample(station, at, {prop: (value, GOOD) for prop, value in values.items()})


def run(seed: int, hours: float, plume: Callable[[float], float] = lambda _: 0.0) -> list[Decision]:
    rng = random.Random(seed)
    times = [START + minutes(i * STEP_MIN) for i in range(int(hours * 60 / STEP_MIN))]
    return judge(RULES, [water("YX-S1", at, rng, plume) for at in times])


def smooth_pulse(begin_h: float, end_h: float, height: float) -> Callable[[float], float]:
    def plume(h: float) -> float:
        rise = 1 / (1 + math.exp(-(h - begin_h) * 30))
        return height * rise / (1 + math.exp((h - end_h) * 20))

    return plume


@pytest.mark.parametrize("seed", range(8))
def test_a_quiet_day_raises_nothing(seed: int) -> None:
    assert run(seed, 24) == []


@pytest.mark.parametrize("seed", range(8))
def test_a_discharge_is_found_by_each_rule_once_and_clears(seed: int) -> None:
    decisions = run(seed, 6, smooth_pulse(2, 3.5, 3.0))
    found = [d for d in decisions if isinstance(d, Finding)]
    cleared = [d for d in decisions if isinstance(d, Cleared)]
    assert sorted(f.rule for f in found) == sorted(
        [Rule.CLASS, Rule.AMMONIA_STEP, Rule.OXYGEN_FALL]
    )
    assert {c.rule for c in cleared} == {f.rule for f in found}
    first = min(f.at for f in found)
    assert minutes(110) <= first - START <= minutes(130)


def test_a_finding_carries_its_reason_in_both_languages() -> None:
    decisions = run(1, 4, smooth_pulse(2, 3.5, 3.0))
    step = next(d for d in decisions if isinstance(d, Finding) and d.rule == Rule.AMMONIA_STEP)
    assert "氨氮突升" in step.reason_zh
    assert "ammonia nitrogen step" in step.reason_en
    assert step.severity is Severity.MAJOR
    assert step.baseline == pytest.approx(0.35, abs=0.05)


def test_flagged_values_are_not_judged() -> None:
    rng = random.Random(3)
    samples = [water("YX-S1", START + minutes(2 * i), rng) for i in range(120)]
    for i in range(60, 120):
        values = {**samples[i].values, "nh3n_mg_l": (30.0, SUSPECT)}
        samples[i] = Sample("YX-S1", samples[i].time, values)
    found = [d.kind for d in judge(RULES, samples) if isinstance(d, Finding)]
    assert found == [Kind.DEVICE_FAULT], "it is the probe that alarms, not the water"


def class_samples(nh3n: float, n: int) -> list[Sample]:
    values = {"ph": (7.5, GOOD), "do_mg_l": (7.0, GOOD), "nh3n_mg_l": (nh3n, GOOD)}
    return [Sample("YX-S1", START + minutes(2 * i), values) for i in range(n)]


@pytest.mark.parametrize(
    ("nh3n", "n", "severity"),
    [
        (1.0, 9, None),  # the target, Ⅲ, exactly
        (1.01, 2, None),  # two samples are not yet three in a row
        (1.01, 3, Severity.MINOR),  # Ⅳ
        (1.51, 3, Severity.MAJOR),  # Ⅴ
        (2.01, 3, Severity.SEVERE),  # 劣Ⅴ
    ],
)
def test_class_rule_at_its_limits(nh3n: float, n: int, severity: Severity | None) -> None:
    found = [d.severity for d in judge(RULES, class_samples(nh3n, n)) if isinstance(d, Finding)]
    assert found == ([severity] if severity else [])


def test_a_station_is_silent_only_after_the_set_number_of_intervals(registry: Registry) -> None:
    station, rule = registry.stations["YX-S1"], UnheardRule(looks_for="unheard", intervals=15)
    assert rule.find(station, START, START + minutes(30)) is None
    found = rule.find(station, START, START + minutes(30.1))
    assert found is not None
    assert "30分钟" in found.reason_zh
    assert found.kind is Kind.SILENT_STATION


def test_a_silent_station_clears_with_its_next_sample(registry: Registry) -> None:
    found = RULES.unheard.find(registry.stations["YX-S1"], START, START + minutes(60))
    assert found is not None
    sample = water("YX-S1", START + minutes(61), random.Random(1))
    (cleared,) = decide(RULES, view_of([sample]), {Rule.SILENT: found})
    assert isinstance(cleared, Cleared)
    assert (cleared.rule, cleared.at) == (Rule.SILENT, sample.time)
    assert cleared.reason_zh


def of(prop: str, values: list[float | None], flag: int = GOOD) -> list[Sample]:
    """Samples of one property, two minutes apart; None is missing."""
    return [
        Sample(
            "YX-S1",
            START + minutes(STEP_MIN * i),
            {prop: (None, MISSING) if value is None else (value, flag)},
        )
        for i, value in enumerate(values)
    ]


def marks(decisions: list[Decision]) -> list[tuple[str, float]]:
    """Which rule found (+) or cleared (-) something, and minutes after the start."""
    return [
        (f"{'+' if isinstance(d, Finding) else '-'}{d.rule}", (d.at - START) / minutes(1))
        for d in decisions
        if isinstance(d, Finding | Cleared)
    ]


HIGH_PH = {
    "looks_for": "threshold",
    "indicator": "ph",
    "above": 9.0,
    "clear_at": 8.8,
    "hold_samples": 3,
    "clear_samples": 2,
}
OTHERS_OFF = {
    name: {"enabled": False}
    for name in RULES.rules
    if name not in ("silent_station", "probe_fault")
}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([9.0] * 9, []),  # at the limit is not above it
        ([9.01] * 2 + [8.9] * 9, []),  # two in a row are not three
        ([9.01] * 3, [("+high_ph", 4)]),
        ([9.01, 9.01, None, 9.01, 9.01], []),  # a gap begins anew
        ([9.01] * 3 + [8.81] * 9, [("+high_ph", 4)]),  # between limit and clearing it goes on
        ([9.01] * 3 + [8.8, 8.9, 8.8, 8.8], [("+high_ph", 4), ("-high_ph", 12)]),
    ],
)
def test_a_threshold_holds_and_clears_by_its_hysteresis(
    values: list[float | None], expected: list[tuple[str, float]]
) -> None:
    book = rules_with({**OTHERS_OFF, "high_ph": HIGH_PH})
    assert marks(judge(book, of("ph", values))) == expected


@pytest.mark.parametrize("wobble", [1, 2])
def test_a_value_that_flaps_about_its_limit_never_alarms(wobble: int) -> None:
    book = rules_with({**OTHERS_OFF, "high_ph": HIGH_PH})
    values: list[float | None] = [9.1 if i // wobble % 2 else 8.7 for i in range(60)]
    assert judge(book, of("ph", values)) == []


@pytest.mark.parametrize(("n", "raised"), [(5, False), (6, True), (7, True)])
def test_a_least_duration_counts_from_the_first_to_the_newest_sample(n: int, raised: bool) -> None:
    lasting = {**HIGH_PH, "hold_samples": 1, "hold_s": 600}
    decisions = judge(rules_with({**OTHERS_OFF, "high_ph": lasting}), of("ph", [9.1] * n))
    assert bool(decisions) is raised


def test_a_rule_for_some_stations_leaves_the_others_alone() -> None:
    book = rules_with({**OTHERS_OFF, "high_ph": {**HIGH_PH, "stations": ["YX-S2"]}})
    assert judge(book, of("ph", [9.5] * 9)) == []


@pytest.mark.parametrize(
    ("unusable", "raised"),
    [(30, False), (34, False), (35, True)],  # five samples, then an hour
)
def test_a_probe_without_usable_values_becomes_a_fault_after_its_hour(
    unusable: int, raised: bool
) -> None:
    decisions = judge(RULES, of("ph", [7.5] * 5 + [None] * unusable))
    found = [d for d in decisions if isinstance(d, Finding)]
    assert [f.rule for f in found] == (["probe_fault"] if raised else [])
    assert all(f.kind is Kind.DEVICE_FAULT for f in found)


@pytest.mark.parametrize("flag", [SUSPECT, FAIL])
def test_suspect_and_failed_values_are_a_fault_as_missing_ones_are(flag: int) -> None:
    samples = of("ph", [7.5] * 5) + of("ph", [7.5] * 45, flag)[5:]
    assert [rule for rule, _ in marks(judge(RULES, samples))] == ["+probe_fault"]


def test_a_probe_that_never_gave_a_value_is_not_a_fault() -> None:
    assert judge(RULES, of("ph", [None] * 99)) == []


def test_a_probe_that_somebody_works_at_is_not_a_fault() -> None:
    view = view_of(of("ph", [7.5] * 5 + [None] * 45), maintained=frozenset({"ph"}))
    assert decide(RULES, view, {}) == []


def test_a_fault_clears_with_the_first_usable_value() -> None:
    decisions = judge(RULES, of("ph", [7.5] * 5 + [None] * 40 + [7.5]))
    assert [rule for rule, _ in marks(decisions)] == ["+probe_fault", "-probe_fault"]


def test_what_a_rule_found_is_over_when_the_rule_is_taken_out_of_force() -> None:
    samples = class_samples(3.0, 3)
    (found,) = judge(RULES, samples)
    assert isinstance(found, Finding)
    without = rules_with({Rule.CLASS: {"enabled": False}})
    (cleared,) = decide(without, view_of(samples), {found.rule: found})
    assert isinstance(cleared, Cleared)
    assert cleared.reason_zh == "规则已停用"


def test_a_rule_for_silent_stations_that_is_switched_off_finds_none(registry: Registry) -> None:
    rule = UnheardRule(looks_for="unheard", enabled=False)
    assert rule.find(registry.stations["YX-S1"], START, START + timedelta(days=9)) is None
