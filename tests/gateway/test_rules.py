"""The rule set on synthetic water: quiet days stay quiet, a discharge is found once and clears."""

import math
import random
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.gateway.conftest import START, minutes
from xunhe.alerts.rules import Decision, evaluate
from xunhe.alerts.silence import find_silence
from xunhe.domain.classes import WaterClass
from xunhe.domain.incident import Cleared, Finding, Rule, Severity
from xunhe.domain.observation import GOOD, SUSPECT, Sample
from xunhe.domain.registry import Registry
from xunhe.settings import RuleSettings

STEP_MIN = 2


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


def judge(samples: list[Sample]) -> list[Decision]:
    """All decisions on a series, each sample judged when it comes."""
    active: dict[Rule, Finding] = {}
    decisions: list[Decision] = []
    for i, newest in enumerate(samples):
        past = [s for s in samples[max(0, i - 100) : i + 1] if newest.time - s.time <= minutes(180)]
        for decision in evaluate(past, WaterClass.III, active, RuleSettings()):
            decisions.append(decision)
            if isinstance(decision, Finding):
                active[decision.rule] = decision
            else:
                del active[decision.rule]
    return decisions


def run(seed: int, hours: float, plume: Callable[[float], float] = lambda _: 0.0) -> list[Decision]:
    rng = random.Random(seed)
    times = [START + minutes(i * STEP_MIN) for i in range(int(hours * 60 / STEP_MIN))]
    return judge([water("YX-S1", at, rng, plume) for at in times])


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
    step = next(d for d in decisions if isinstance(d, Finding) and d.rule is Rule.AMMONIA_STEP)
    assert "氨氮突升" in step.reason_zh
    assert "ammonia step" in step.reason_en
    assert step.severity is Severity.MAJOR
    assert step.baseline == pytest.approx(0.35, abs=0.05)


def test_flagged_values_are_not_judged() -> None:
    rng = random.Random(3)
    samples = [water("YX-S1", START + minutes(2 * i), rng) for i in range(120)]
    for i in range(60, 120):
        values = {**samples[i].values, "nh3n_mg_l": (30.0, SUSPECT)}
        samples[i] = Sample("YX-S1", samples[i].time, values)
    assert judge(samples) == []


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
    found = [d.severity for d in judge(class_samples(nh3n, n)) if isinstance(d, Finding)]
    assert found == ([severity] if severity else [])


def test_a_station_is_silent_only_after_the_set_number_of_intervals(registry: Registry) -> None:
    station, settings = registry.stations["YX-S1"], RuleSettings(silent_intervals=15)
    assert find_silence(station, START, START + minutes(30), settings) is None
    found = find_silence(station, START, START + minutes(30.1), settings)
    assert found is not None
    assert "30分钟" in found.reason_zh


def test_a_silent_station_clears_with_its_next_sample(registry: Registry) -> None:
    found = find_silence(registry.stations["YX-S1"], START, START + minutes(60), RuleSettings())
    assert found is not None
    sample = water("YX-S1", START + minutes(61), random.Random(1))
    cleared = evaluate([sample], WaterClass.III, {Rule.SILENT: found}, RuleSettings())
    assert cleared == [Cleared(Rule.SILENT, "YX-S1", sample.time)]
