from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import numpy as np

from xunhe_models.discharge.finder import Finder, Found
from xunhe_models.discharge.textures import Image
from xunhe_models.discharge.watch import followed
from xunhe_models.images import Frame

HERE = (10.0, 10.0, 30.0, 40.0)


class Scripted:
    """A finder that says what a script says, look by look."""

    labels, thresholds, span_s = ("flowing",), (0.5,), 2.0

    def __init__(self, scores: list[float]) -> None:
        self._scores = iter(scores)
        self.looks: list[float] = []
        self.card = SimpleNamespace(frames=5)

    def stack(self, frames: Sequence[Image], times_s: Sequence[float]) -> list[Found]:
        assert len(frames) == len(times_s)
        self.looks.append(times_s[-1])
        score = next(self._scores, 0.0)
        return [Found("flowing", score, HERE, score >= 0.5)] if score else []

    def still(self, _bgr: Image) -> list[Found]:
        return [Found("flowing", 0.9, HERE, True)]


def frame(time_s: float | None, side: int = 64) -> Frame:
    return Frame(np.zeros((side, side, 3), np.uint8), side, side, 0, time_s)


def alarms(finder: Scripted, times: list[float]) -> list[bool]:
    told = followed(cast("Finder", finder), [frame(time_s) for time_s in times])
    return [any(one.alarm for one in found) for _, found in told]


def test_every_frame_is_told_once_and_in_order() -> None:
    times = [0.5 * k for k in range(9)]
    told = list(followed(cast("Finder", Scripted([])), [frame(time_s) for time_s in times]))
    assert [one.time_s for one, _ in told] == times


def test_the_first_two_seconds_share_their_verdict() -> None:
    assert alarms(Scripted([0.9] * 9), [0.5 * k for k in range(6)]) == [True] * 6


def test_a_video_shorter_than_two_seconds_is_told_at_its_end() -> None:
    assert alarms(Scripted([0.9]), [0.0, 0.5, 1.0]) == [True] * 3


def test_one_gust_is_no_discharge() -> None:
    scores = [0.02, 0.02, 0.02, 0.95, 0.02, 0.02, 0.02]
    assert not any(alarms(Scripted(scores), [0.5 * k for k in range(11)]))


def test_many_frames_a_second_are_looked_at_twice_a_second() -> None:
    finder = Scripted([0.9] * 999)
    alarms(finder, [k / 25 for k in range(25 * 6)])
    assert 6 <= len(finder.looks) <= 11


def test_pictures_without_a_time_are_stills() -> None:
    told = list(followed(cast("Finder", Scripted([])), [frame(None)]))
    assert [one.score for one in told[0][1]] == [0.9]


def test_a_change_of_size_starts_anew() -> None:
    finder = Scripted([0.9] * 99)
    frames = [frame(0.5 * k, 64 if k < 6 else 48) for k in range(12)]
    assert len(list(followed(cast("Finder", finder), frames))) == 12
