"""The rule set. Each rule looks at one station's samples up to the newest and decides.

A rule that has found something stays active until it clears: a lasting plume is one finding.
The baseline is the median of a window that ends before the newest samples. Noise is estimated from
the differences between neighbours, so that the daily cycle does not count as noise.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from statistics import median

from xunhe.domain.classes import WaterClass
from xunhe.domain.incident import Cleared, Finding, Rule, Severity
from xunhe.domain.observation import Sample
from xunhe.settings import RuleSettings
from xunhe.water.classes import Judgement, single_factor

Decision = Finding | Cleared

_JUDGED = ("ph", "do_mg_l", "nh3n_mg_l")


def evaluate(
    samples: Sequence[Sample],
    target: WaterClass,
    active: Mapping[Rule, Finding],
    settings: RuleSettings,
) -> list[Decision]:
    """Decisions on the newest of `samples` (one station, time order, not empty).

    `samples` reach back `settings.baseline_from_s`; `active` was found and has not cleared.
    """

    def least_rise(baseline: float) -> float:
        return max(settings.step_rise_mg_l, settings.step_rise_fraction * baseline)

    def least_fall(_baseline: float) -> float:
        return settings.do_fall_mg_l

    decisions = (
        _silence(samples, active.get(Rule.SILENT)),
        _class(samples, target, active.get(Rule.CLASS), settings),
        _AMMONIA_STEP.decide(samples, active.get(Rule.AMMONIA_STEP), least_rise, settings),
        _OXYGEN_FALL.decide(samples, active.get(Rule.OXYGEN_FALL), least_fall, settings),
    )
    return [decision for decision in decisions if decision is not None]


def _silence(samples: Sequence[Sample], active: Finding | None) -> Decision | None:
    return Cleared(Rule.SILENT, samples[-1].station, samples[-1].time) if active else None


def _class(
    samples: Sequence[Sample], target: WaterClass, active: Finding | None, settings: RuleSettings
) -> Decision | None:
    newest = samples[-1]
    judged = [j for s in samples[-settings.class_hold_samples :] if (j := _judge(s))]
    if len(judged) < settings.class_hold_samples:
        return None
    if active is not None:
        over = all(j.water_class <= target for j in judged)
        return Cleared(Rule.CLASS, newest.station, newest.time) if over else None
    if not all(j.water_class > target for j in judged):
        return None
    last = judged[-1]
    prop = last.worst[0]
    value = newest.usable(prop)
    return Finding(
        Rule.CLASS,
        newest.station,
        prop,
        newest.time,
        _class_severity(last.water_class - target),
        value,
        None,
        f"连续{len(judged)}次{last.label}，劣于目标{target.label}类；{_NAMES_ZH[prop]} {value:.2f}",
        f"{len(judged)} samples in a row of class {last.water_class.label}, worse than the target"
        f" {target.label}; {_NAMES_EN[prop]} {value:.2f}",
    )


def _judge(sample: Sample) -> Judgement | None:
    usable = {prop: value for prop in _JUDGED if (value := sample.usable(prop)) is not None}
    return single_factor(usable)


def _class_severity(classes_worse: int) -> Severity:
    return (Severity.MINOR, Severity.MAJOR, Severity.SEVERE)[min(classes_worse, 3) - 1]


@dataclass(frozen=True, slots=True)
class _Level:
    """A property now and before: medians, and the noise (1 sigma) of the window before."""

    recent: float
    baseline: float
    noise: float


def _level(samples: Sequence[Sample], prop: str, settings: RuleSettings) -> _Level | None:
    newest = samples[-1]
    recent = [v for s in samples[-settings.recent_samples :] if (v := s.usable(prop)) is not None]
    if len(recent) < settings.recent_samples:
        return None
    since = newest.time - timedelta(seconds=settings.baseline_from_s)
    until = newest.time - timedelta(seconds=settings.baseline_until_s)
    before = [v for s in samples if since <= s.time <= until and (v := s.usable(prop)) is not None]
    if len(before) < settings.baseline_samples:
        return None
    return _Level(median(recent), median(before), _noise(before))


def _noise(values: Sequence[float]) -> float:
    """One sigma of white noise, robustly: 1.4826 · MAD of the differences / √2."""
    return 1.4826 * median(abs(b - a) for a, b in pairwise(values)) / sqrt(2)


@dataclass(frozen=True, slots=True)
class _Change:
    """A departure from the baseline in one direction: `sign` +1 up, -1 down."""

    rule: Rule
    prop: str
    sign: int
    severity: Severity
    words_zh: str
    words_en: str

    def decide(
        self,
        samples: Sequence[Sample],
        active: Finding | None,
        least: Callable[[float], float],
        settings: RuleSettings,
    ) -> Decision | None:
        """`least` gives the smallest change that counts, from the baseline."""
        newest = samples[-1]
        level = _level(samples, self.prop, settings)
        if level is None:
            return None
        if active is not None:
            baseline = level.baseline if active.baseline is None else active.baseline
            is_over = self.sign * (level.recent - baseline) <= least(baseline) / 2
            return Cleared(self.rule, newest.station, newest.time) if is_over else None
        threshold = max(least(level.baseline), settings.noise_factor * level.noise)
        if self.sign * (level.recent - level.baseline) < threshold:
            return None
        return Finding(
            self.rule,
            newest.station,
            self.prop,
            newest.time,
            self.severity,
            level.recent,
            level.baseline,
            self.words_zh.format(level.baseline, level.recent),
            self.words_en.format(level.baseline, level.recent),
        )


_AMMONIA_STEP = _Change(
    Rule.AMMONIA_STEP,
    "nh3n_mg_l",
    +1,
    Severity.MAJOR,
    "氨氮突升：由 {:.2f} 升至 {:.2f} mg/L",
    "ammonia step: from {:.2f} to {:.2f} mg/L",
)
_OXYGEN_FALL = _Change(
    Rule.OXYGEN_FALL,
    "do_mg_l",
    -1,
    Severity.MINOR,
    "溶解氧骤降：由 {:.2f} 降至 {:.2f} mg/L",
    "oxygen fall: from {:.2f} to {:.2f} mg/L",
)


_NAMES_ZH = {"ph": "pH", "do_mg_l": "溶解氧", "nh3n_mg_l": "氨氮"}
_NAMES_EN = {"ph": "pH", "do_mg_l": "dissolved oxygen", "nh3n_mg_l": "ammonia nitrogen"}
