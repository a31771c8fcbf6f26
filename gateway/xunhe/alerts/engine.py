"""From a view of one station to the decisions of all rules on its newest sample. No state.

A rule that has found something stays active until it clears: a lasting plume is one finding. What
was found and has not cleared comes in with the call, so that a restart, or a sample that is late by
days, changes nothing.
"""

from collections.abc import Callable, Mapping

from xunhe.alerts.muting import Muted, Seen, inhibited
from xunhe.alerts.rulebook import RuleBook
from xunhe.alerts.rules.base import Departure, RuleBase
from xunhe.alerts.view import View
from xunhe.alerts.words import Words
from xunhe.domain.incident import Cleared, Finding

Decision = Finding | Cleared | Muted


def decide(book: RuleBook, view: View, active: Mapping[str, Finding]) -> list[Decision]:
    """The decisions of all rules, in their order in the book."""
    rules = {name: rule for name, rule in book.rules.items() if rule.applies_to(view.station)}
    cleared = {name: _over(rules.get(name), view, found) for name, found in active.items()}
    seen = [_still(found) for name, found in active.items() if cleared[name] is None]
    findings: list[Finding] = []
    for name, rule in rules.items():
        if name not in active and (departure := rule.look(view)):
            seen.append(Seen(name, departure.prop, departure.reason))
            if _has_held(rule, view):
                findings.append(_finding(name, rule, view, departure))
    over = [Cleared(n, view.station, view.at, "", *why) for n, why in cleared.items() if why]
    return [*over, *(inhibited(each, seen, book.inhibits) or each for each in findings)]


def _still(found: Finding) -> Seen:
    return Seen(found.rule, found.prop, Words(found.reason_zh, found.reason_en))


def _has_held(rule: RuleBase, view: View) -> bool:
    return _lasts(view, rule.hold_samples, rule.hold_s, lambda v: rule.look(v) is not None)


def _over(rule: RuleBase | None, view: View, found: Finding) -> Words | None:
    """Why a finding is over; that of a rule that is not in force any more is."""
    if rule is None:
        return Words("规则已停用", "its rule is not in force any more")

    def is_over(at: View) -> bool:
        return rule.over(at, found) is not None

    reason = rule.over(view, found)
    lasts = reason is not None and _lasts(view, rule.clear_samples, rule.clear_s, is_over)
    return reason if lasts else None


def _lasts(view: View, samples: int, span_s: float, holds: Callable[[View], bool]) -> bool:
    """Does it hold at each of the samples before the newest too, as many and as long as asked?"""
    count, earlier = 1, view
    while count < samples or view.at_s - earlier.at_s < span_s:
        before = earlier.back(1)
        if before is None or not holds(before):
            return False
        count, earlier = count + 1, before
    return True


def _finding(name: str, rule: RuleBase, view: View, departure: Departure) -> Finding:
    return Finding(
        rule=name,
        station=view.station,
        prop=departure.prop,
        at=view.at,
        severity=departure.severity,
        value=departure.value,
        baseline=departure.baseline,
        reason_zh=departure.reason.zh,
        reason_en=departure.reason.en,
        incident=rule.incident,
        detail=departure.detail,
    )
