"""溯源: which sources upstream can have made a plume, the likeliest first, each with its reasons.

The weights of a source's reasons add up to its score; scores make shares that sum to one over the
suspects. Nothing here proves anything: a person goes there and looks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from xunhe.domain.riverside import Source
from xunhe.water.evidence import Evidence
from xunhe.water.graph import RiverGraph
from xunhe.water.reasons import Candidate, Reason, reasons_of


@dataclass(frozen=True, slots=True)
class SuspectSource:
    """A source, its share of suspicion, and when it would have let the water go.

    `released_from_s` to `released_to_s` (s since 1970) are for looking through recordings.
    """

    source: str
    share: float
    score: float
    metres: float
    released_from_s: float
    released_to_s: float
    reasons: tuple[Reason, ...]


def rank_sources(
    evidence: Evidence, graph: RiverGraph, confirmed: Mapping[str, int] | None = None
) -> tuple[SuspectSource, ...]:
    """Every registered source whose water reaches an alarm, the likeliest first.

    `confirmed` counts, by source, the incidents that people have confirmed, beside those in its
    file.
    """
    candidates = [
        found
        for source in graph.registry.sources.values()
        if (found := _find(source, evidence, graph))
    ]
    earlier = confirmed or {}
    weighed = [
        (candidate, tuple(reasons_of(candidate, evidence, graph, earlier)))
        for candidate in candidates
    ]
    scores = [sum(reason.weight for reason in reasons) for _, reasons in weighed]
    shares = _shares(scores)
    ranked = [
        _suspect(candidate, reasons, score, share)
        for (candidate, reasons), score, share in zip(weighed, scores, shares, strict=True)
    ]
    return tuple(sorted(ranked, key=lambda suspect: (-suspect.score, suspect.source)))


def _find(source: Source, evidence: Evidence, graph: RiverGraph) -> Candidate | None:
    for alarm in evidence.alarms:
        travel = graph.travel(source.code, alarm.place)
        if travel is not None:
            released = alarm.from_s - travel.late_s, alarm.to_s - travel.early_s
            return Candidate(source, alarm, travel, *released)
    return None


def _suspect(
    candidate: Candidate, reasons: tuple[Reason, ...], score: float, share: float
) -> SuspectSource:
    return SuspectSource(
        source=candidate.source.code,
        share=share,
        score=score,
        metres=candidate.travel.metres,
        released_from_s=candidate.released_from_s,
        released_to_s=candidate.released_to_s,
        reasons=tuple(sorted(reasons, key=lambda reason: -abs(reason.weight))),
    )


def _shares(scores: list[float]) -> list[float]:
    highest = max(scores, default=0.0)
    parts = [exp(score - highest) for score in scores]
    total = sum(parts)
    return [part / total for part in parts]
