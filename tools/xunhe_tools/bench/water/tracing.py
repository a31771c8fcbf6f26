"""How often tracing names the culprit among the first three, and when the plume comes below.

Each river is judged an hour after its first alarm, with what the desk has by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, islice

import numpy as np

from xunhe.water.arrival import Arrival, arrivals
from xunhe.water.change import change
from xunhe.water.evidence import Alarm, Evidence, Sight, Watch
from xunhe.water.graph import RiverGraph
from xunhe.water.series import Series
from xunhe.water.signature import LEAST_CHANGE
from xunhe.water.tracing import SuspectSource, rank_sources
from xunhe_tools.bench.water.landscape import INTERVAL_S
from xunhe_tools.bench.water.rivers import Seen, VirtualRiver, random_river

_JUDGED_AFTER_S = 3600.0
_RECENT, _BEFORE = 3, 18  # samples: half an hour and the three hours before
_LEAST_RISE_MG_L, _LEAST_RISE_SHARE, _NOISE_FACTOR = 0.35, 0.6, 6.0
_FIRST = 3


@dataclass(frozen=True, slots=True)
class Verdict:
    """One river judged; shares are of what lies below the first alarm and has not alarmed yet."""

    rank: int | None  # 1 = the likeliest; None: the culprit is not even among the suspects
    suspects: int
    sources: int
    covered: int
    awaited: int
    widths_s: float  # the intervals' together
    travels_s: float  # the likely travel times' together


def measure(seed: int, runs: int) -> dict[str, float]:
    """Shares over `runs` rivers whose plume was noticed, seeds from `seed` on; each in 0..1.

    `culprit_top3_random` ranks all sources at random; `culprit_top3_random_upstream` only those
    whose water reaches the alarm. `arrival_width_share` is the mean width of an interval over the
    likely travel time: an endless interval covers everything and says nothing.
    """
    judged = (judge(random_river(each)) for each in count(seed))
    verdicts = list(islice((verdict for verdict in judged if verdict is not None), runs))
    awaited = sum(v.awaited for v in verdicts)
    travels_s = sum(v.travels_s for v in verdicts)
    return {
        "culprit_top3": _mean(v.rank is not None and v.rank <= _FIRST for v in verdicts),
        "culprit_top3_random": _mean(min(1.0, _FIRST / v.sources) for v in verdicts),
        "culprit_top3_random_upstream": _mean(
            min(1.0, _FIRST / max(v.suspects, 1)) for v in verdicts
        ),
        "arrival_cover": sum(v.covered for v in verdicts) / max(awaited, 1),
        "arrival_width_share": sum(v.widths_s for v in verdicts) / max(travels_s, 1.0),
    }


def judge(river: VirtualRiver) -> Verdict | None:
    """Trace the plume of a river; None where no station noticed it."""
    alarms_s = {s.station: at_s for s in river.seen if (at_s := first_alarm_s(s)) is not None}
    if not alarms_s:
        return None
    now_s = min(alarms_s.values()) + _JUDGED_AFTER_S
    evidence = _evidence(river, {k: at_s for k, at_s in alarms_s.items() if at_s <= now_s}, now_s)
    graph = RiverGraph(river.registry)
    ranked = rank_sources(evidence, graph)
    told = [a for a in arrivals(evidence.alarms, graph, now_s) if a.kind != "reach"]
    return Verdict(
        rank=_rank(ranked, river.culprit),
        suspects=len(ranked),
        sources=len(river.registry.sources),
        covered=sum(_is_covered(arrival, river) for arrival in told),
        awaited=len(told),
        widths_s=sum(arrival.late_s - arrival.early_s for arrival in told),
        travels_s=sum(arrival.likely_s - evidence.first.from_s for arrival in told),
    )


def first_alarm_s(seen: Seen) -> float | None:
    """When a plain ammonia step shows: recent median against the three hours before and noise."""
    values = seen.values["nh3n_mg_l"]
    for i in range(_BEFORE + _RECENT, len(values) + 1):
        before, recent = values[i - _RECENT - _BEFORE : i - _RECENT], values[i - _RECENT : i]
        baseline = float(np.median(before))
        noise = 1.4826 * float(np.median(np.abs(np.diff(before)))) / np.sqrt(2)
        least = max(_LEAST_RISE_MG_L, _LEAST_RISE_SHARE * baseline, _NOISE_FACTOR * noise)
        if float(np.median(recent)) - baseline >= least:
            return float(seen.times_s[i - 1])
    return None


def _evidence(river: VirtualRiver, alarms_s: dict[str, float], now_s: float) -> Evidence:
    records = {seen.station: seen for seen in river.seen}
    alarms = [_alarm(records[code], at_s, now_s) for code, at_s in alarms_s.items()]
    watches = [
        Watch(seen.station, INTERVAL_S, seen.times_s[seen.times_s <= now_s])
        for seen in river.seen
        if seen.station not in alarms_s
    ]
    sights = [Sight(f.outfall, f.is_flowing, f.from_s, f.to_s) for f in river.filmed]
    ordered = tuple(sorted(alarms, key=lambda alarm: alarm.from_s))
    return Evidence(ordered, tuple(watches), tuple(sights))


def _alarm(seen: Seen, at_s: float, now_s: float) -> Alarm:
    from_s = at_s - (_RECENT + 1) * INTERVAL_S
    flags = np.ones(len(seen.times_s), np.int8)
    found = {
        prop: change(Series(seen.times_s, seen.values[prop], flags), at_s - INTERVAL_S, now_s)
        for prop in LEAST_CHANGE
    }
    changes = {prop: value for prop, value in found.items() if value is not None}
    return Alarm(seen.station, from_s, at_s, None, changes)


def _rank(ranked: tuple[SuspectSource, ...], culprit: str) -> int | None:
    return next((i for i, s in enumerate(ranked, 1) if s.source == culprit), None)


def _is_covered(arrival: Arrival, river: VirtualRiver) -> bool:
    true_s = river.arrival_s.get(arrival.place)
    return true_s is not None and arrival.early_s <= true_s <= arrival.late_s


def _mean(values: Iterator[float] | list[float]) -> float:
    kept = list(values)
    return float(np.mean(kept)) if kept else 0.0
