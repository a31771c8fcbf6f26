"""The rules in plain words, Chinese first, as `xunhe rules explain` prints them."""

from collections.abc import Iterator

from xunhe.alerts.rulebook import Inhibit, RuleBook
from xunhe.alerts.rules.base import RuleBase
from xunhe.alerts.rules.fault import FaultRule
from xunhe.alerts.rules.step import StepRule
from xunhe.alerts.rules.threshold import ThresholdRule
from xunhe.alerts.rules.unheard import UnheardRule
from xunhe.alerts.rules.water_class import ClassRule
from xunhe.alerts.words import Words, name_of


def explained(book: RuleBook) -> Iterator[tuple[str, Words]]:
    """The name of every rule and inhibition with what it does."""
    for name, rule in book.rules.items():
        yield name, _and(_what(rule), _when(rule), _where(rule))
    for name, inhibit in book.inhibits.items():
        yield f"inhibit.{name}", _inhibit(inhibit)
    grouping = book.grouping
    yield (
        "grouping",
        Words(
            f"流达时间的 {grouping.earliest:g}–{grouping.latest:g} 倍（前后各加"
            f" {_span(grouping.slack_s).zh}）之内到达下一见证者的，是同一股水；"
            f"停歇不超过 {_span(grouping.quiet_s).zh}仍是同一事件",
            f"the same water reaches the next witness within {grouping.earliest:g} to"
            f" {grouping.latest:g} times the travel time, give or take"
            f" {_span(grouping.slack_s).en}; a pause of up to {_span(grouping.quiet_s).en} is still"
            " the same incident",
        ),
    )
    hours = book.ticket.hours
    yield "ticket", Words(f"工单时限 {hours:g} 小时", f"a ticket is due after {hours:g} h")


def _what(rule: RuleBase) -> Words:
    if isinstance(rule, ClassRule):
        zh, en = _names(rule.indicators)
        return Words(
            f"{zh}的单因子类别劣于河段目标", f"class by {en} worse than the reach's target"
        )
    if isinstance(rule, StepRule):
        return _step(rule)
    if isinstance(rule, ThresholdRule):
        measured = name_of(rule.indicator)
        limit, clearing = measured.shown(rule.limit), measured.shown(rule.clearing)
        is_high = rule.above is not None
        return Words(
            f"{measured.zh}{'高于' if is_high else '低于'} {limit}，回到 {clearing} 解除",
            f"{measured.en} {'above' if is_high else 'below'} {limit}, over at {clearing}",
        )
    if isinstance(rule, FaultRule):
        zh, en = _names(rule.indicators)
        n = rule.unusable_samples
        return Words(
            f"{zh}之一连续 {n} 次没有可用数值", f"{n} samples without a usable value of {en}"
        )
    if isinstance(rule, UnheardRule):
        return Words(
            f"{rule.intervals:g} 个采样间隔没有数据", f"no data for {rule.intervals:g} intervals"
        )
    return Words(
        "多项指标联合偏离各自的昼夜规律", "several indicators together leave their daily course"
    )


def _step(rule: StepRule) -> Words:
    measured = name_of(rule.indicator)
    least = measured.shown(rule.least)
    zh, en = f"至少 {least}", f"at least {least}"
    if rule.least_fraction:
        zh += f" 且为基线的 {rule.least_fraction:.0%}"
        en += f" and {rule.least_fraction:.0%} of the baseline"
    window_zh = f"{_span(rule.baseline_from_s).zh}至{_span(rule.baseline_until_s).zh}前"
    window_en = f"{_span(rule.baseline_from_s).en} to {_span(rule.baseline_until_s).en} ago"
    n, k = rule.recent_samples, rule.noise_factor
    way = Words("高出", "above") if rule.direction == "up" else Words("低出", "below")
    return Words(
        f"{measured.zh}最近 {n} 次的中位数比基线（{window_zh}）{way.zh}{zh}、噪声的 {k:g} 倍",
        f"median of the last {n} of {measured.en} {way.en} the baseline (median of {window_en}) by"
        f" {en} and {k:g} times the noise",
    )


def _when(rule: RuleBase) -> Words:
    """How long it must last; a rule of the first sample says nothing."""
    zh, en = [], []
    for samples, span_s, words in (
        (rule.hold_samples, rule.hold_s, Words("才报警", "to raise it")),
        (rule.clear_samples, rule.clear_s, Words("才解除", "to clear it")),
    ):
        if samples > 1:
            zh.append(f"连续 {samples} 次{words.zh}")
            en.append(f"{samples} samples in a row {words.en}")
        if span_s:
            zh.append(f"持续 {_span(span_s).zh}{words.zh}")
            en.append(f"{_span(span_s).en} {words.en}")
    return Words("，".join(zh), ", ".join(en))


def _where(rule: RuleBase) -> Words:
    if not rule.enabled:
        return Words("已停用", "switched off")
    stations = ", ".join(rule.stations)
    return Words(f"仅 {stations}", f"only {stations}") if stations else Words("", "")


def _inhibit(inhibit: Inhibit) -> Words:
    kinds = ", ".join(inhibit.mutes)
    if inhibit.where == "downstream":
        return Words(
            f"同一股水流到下游的 {kinds} 并入上游事件，不再另行报警",
            f"{kinds} further down, of the same water, join the incident upstream without an alarm",
        )
    same = (
        Words("的同一指标", " about the same property") if inhibit.same_indicator else Words("", "")
    )
    return Words(
        f"{inhibit.by} 成立时，本站{same.zh}不报 {kinds}",
        f"while {inhibit.by} holds, its station raises no {kinds}{same.en}",
    )


def _names(props: tuple[str, ...]) -> Words:
    names = [name_of(prop) for prop in props]
    return Words("、".join(n.zh for n in names), ", ".join(n.en for n in names))


def _span(seconds: float) -> Words:
    if seconds % 3600 == 0:
        return Words(f"{seconds / 3600:g} 小时", f"{seconds / 3600:g} h")
    return Words(f"{seconds / 60:g} 分钟", f"{seconds / 60:g} min")


def _and(*parts: Words) -> Words:
    return Words("；".join(p.zh for p in parts if p.zh), "; ".join(p.en for p in parts if p.en))
