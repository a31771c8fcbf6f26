"""What a picture of the report shows: right, false and missed boxes at the thresholds."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from xunhe_models.data.pictures import IGNORE
from xunhe_models.evaluate.matching import FALSE, TRUE, matches
from xunhe_models.evaluate.tally import Sight


class Kind(StrEnum):
    """How a box is drawn."""

    TRUE = "true"
    FALSE = "false"
    MISSED = "missed"
    LEFT_OUT = "left-out"


@dataclass(frozen=True, slots=True)
class Mark:
    """A box in pixels of the picture; `score` is None for a labelled one."""

    kind: Kind
    label: str
    xyxy: tuple[float, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture with its marks."""

    sight: Sight
    marks: tuple[Mark, ...]

    def count(self, kind: Kind) -> int:
        """How many marks are of a kind."""
        return sum(mark.kind is kind for mark in self.marks)

    @property
    def badness(self) -> tuple[int, float]:
        """Wrong boxes, false and missed; then the score of the surest false one."""
        false = [m.score or 0.0 for m in self.marks if m.kind is Kind.FALSE]
        return len(false) + self.count(Kind.MISSED), max(false, default=0.0)


def worst_first(
    sights: Sequence[Sight], thresholds: Mapping[str, float], classes: Sequence[str]
) -> list[Shot]:
    """All pictures, the worst first. `classes` are the labelled ones; none: all boxes are false."""
    judged = {c: t for c, t in thresholds.items() if c in classes or not classes}
    shots = [Shot(sight, tuple(_marks(sight, judged))) for sight in sights]
    return sorted(shots, key=lambda shot: shot.badness, reverse=True)


def _marks(sight: Sight, thresholds: Mapping[str, float]) -> Iterator[Mark]:
    for label, threshold in thresholds.items():
        truth, found = sight.truth(label), sight.of(label)
        alarms = found.take(found.score >= threshold)
        at_half = matches(truth, alarms.xyxy)
        kinds = {TRUE: Kind.TRUE, FALSE: Kind.FALSE}
        for state, xyxy, score in zip(at_half.states[0], alarms.xyxy, alarms.score, strict=True):
            kind = kinds.get(int(state), Kind.LEFT_OUT)
            yield Mark(kind, label, tuple(xyxy.tolist()), float(score))
        for xyxy in truth.xyxy[truth.counted() & ~at_half.met[0]]:
            yield Mark(Kind.MISSED, label, tuple(xyxy.tolist()), None)
    for box in sight.picture.boxes:
        if box.label == IGNORE:
            yield Mark(Kind.LEFT_OUT, IGNORE, (box.x0, box.y0, box.x1, box.y1), None)
