"""Discharges in the frames of a video as they come: two seconds kept, verdicts steadied.

A verdict is asked for at most twice a second; frames between share the last one. A thing's score is
the median of its last three, so that one gust or one passer-by is no discharge.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from statistics import median

import numpy as np

from xunhe_models.boxes import iou
from xunhe_models.detector import MIN_SCORE
from xunhe_models.discharge.finder import Finder, Found
from xunhe_models.images import Frame

_EVERY_S = 0.45
_APART_S = 0.2  # frames that are kept; closer ones say little more
_ROUNDS = 3
_SAME_IOU = 0.3


def followed(finder: Finder, frames: Iterable[Frame]) -> Iterator[tuple[Frame, list[Found]]]:
    """Every frame of one source with what flows on it; a frame without a time is a still.

    The first frames wait until two seconds are there, and share their verdict.
    """
    rest = iter(frames)
    first = list(islice(rest, 1))
    if not first or first[0].time_s is None:
        for frame in chain(first, rest):
            yield frame, finder.still(frame.bgr)
        return
    watch = _Watch(finder)
    waiting: list[Frame] = []
    for frame in chain(first, rest):
        watch.keep(frame)
        waiting.append(frame)
        if watch.is_filled or len(waiting) > _MOST_WAITING:
            found = watch.verdict()
            yield from ((one, found) for one in waiting)
            waiting.clear()
    if waiting:
        found = watch.verdict()
        yield from ((one, found) for one in waiting)


_MOST_WAITING = 64


class _Watch:
    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._kept: deque[tuple[float, Frame]] = deque()
        self._rounds: deque[list[Found]] = deque(maxlen=_ROUNDS)
        self._found: list[Found] = []
        self._judged_s: float | None = None
        self._span_s = finder.span_s
        self.is_filled = False

    def keep(self, frame: Frame) -> None:
        """Add a frame; forget those that are too old, or of another size."""
        time_s = frame.time_s or 0.0
        if self._kept and (
            self._kept[-1][1].bgr.shape != frame.bgr.shape or time_s < self._kept[-1][0]
        ):
            self._kept.clear()
        if len(self._kept) >= 2 and time_s - self._kept[-2][0] < _APART_S:
            self._kept.pop()
        self._kept.append((time_s, frame))
        while time_s - self._kept[0][0] > self._span_s * 1.1:
            self._kept.popleft()
        self.is_filled = self.is_filled or time_s - self._kept[0][0] >= self._span_s * 0.9

    def verdict(self) -> list[Found]:
        """What flows now; a new look only where the last one is old enough."""
        now_s = self._kept[-1][0]
        if self._judged_s is None or not 0 <= now_s - self._judged_s < _EVERY_S:
            frames = [frame.bgr for _, frame in self._kept]
            self._rounds.append(self._finder.stack(frames, [time_s for time_s, _ in self._kept]))
            self._judged_s, self._found = now_s, self._steadied()
        return self._found

    def _steadied(self) -> list[Found]:
        limits = dict(zip(self._finder.labels, self._finder.thresholds, strict=True))
        found = []
        for one in self._rounds[-1]:
            score = median([_best(one, earlier) for earlier in self._rounds])
            if score >= MIN_SCORE:
                found.append(one._replace(score=score, alarm=score >= limits[one.label]))
        return sorted(found, key=lambda one: -one.score)


def _best(one: Found, among: list[Found]) -> float:
    """The score that the same thing has there, 0 where it is not."""
    same = [other for other in among if other.label == one.label]
    if not same:
        return 0.0
    boxes = np.array([other.xyxy for other in same], np.float32)
    overlap = iou(np.array([one.xyxy], np.float32), boxes)[0]
    scores = [o.score for o, share in zip(same, overlap, strict=True) if share >= _SAME_IOU]
    return max(scores, default=0.0)
