"""Views of one station as the rules get them, from samples."""

from collections.abc import Mapping, Sequence

from xunhe.alerts.engine import Decision, decide
from xunhe.alerts.rulebook import RuleBook
from xunhe.alerts.view import Hours, View
from xunhe.domain.classes import WaterClass
from xunhe.domain.incident import Cleared, Finding
from xunhe.domain.observation import Sample
from xunhe.water.series import Series
from xunhe.water.warning import Context

NOW = Context(8 * 3600.0, None, False)


def view_of(samples: Sequence[Sample], maintained: frozenset[str] = frozenset()) -> View:
    """The newest of samples of one station, as they are: no quality control, no hours before."""
    props = dict.fromkeys(prop for sample in samples for prop in sample.values)
    recent = {prop: Series.of(samples, prop) for prop in props}
    times_s = next(iter(recent.values())).times_s
    return View(
        station=samples[-1].station,
        target=WaterClass.III,
        times_s=times_s,
        recent=recent,
        usable={prop: series.usable_values for prop, series in recent.items()},
        hours=Hours({}),
        context=NOW,
        maintained=maintained,
        newest=len(times_s) - 1,
    )


def judge(
    book: RuleBook, samples: Sequence[Sample], active: Mapping[str, Finding] | None = None
) -> list[Decision]:
    """All decisions on a series, each sample judged when it comes."""
    found = dict(active or {})
    decisions: list[Decision] = []
    for i in range(len(samples)):
        for decision in decide(book, view_of(samples[max(0, i - 100) : i + 1]), found):
            decisions.append(decision)
            if isinstance(decision, Finding):
                found[decision.rule] = decision
            elif isinstance(decision, Cleared):
                del found[decision.rule]
    return decisions
