"""From the film to what is in it: decode, look, join; kept as it goes, so that it can go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from xunhe.adapters.drone.film import Film
from xunhe.adapters.drone.looking_ahead import Looked, looked
from xunhe.vision.findings.choosing import chosen
from xunhe.vision.findings.film_chart import STEP_S
from xunhe.vision.findings.film_survey import FilmSurvey
from xunhe.vision.findings.looking import DebrisDetector
from xunhe.vision.findings.ribbon import Ribbon
from xunhe.vision.findings.survey import Survey
from xunhe_tools.patrol.report.checkpoint import Kept, restore, save
from xunhe_tools.patrol.report.poses import Poses

Mask = NDArray[np.uint8]
Progress = Callable[[int, int], None]  # frames done, of so many

_WATERSIDE_M = 8.0  # beside the water, where a thing's picture and position may lie
_SAVED_EVERY = 40  # frames


class Analysis(Protocol):
    """What the frames of a film are made into."""

    @property
    def ribbon(self) -> Ribbon | None:
        """What is kept beside the frames' detections."""

    def times_s(self) -> list[float]:
        """The frames to look at, in ascending order."""

    def water_at(self, time_s: float) -> Mask | None:
        """Where to look, as `look` wants it."""

    def take(self, frame: Looked) -> Kept:
        """A frame, after all before it."""

    def resume(self, kept: Sequence[Kept]) -> list[Kept]:
        """Frames that an earlier run took; returns those that need not be taken again."""


@dataclass(slots=True)
class PosedAnalysis:
    """Of a film whose poses are known."""

    survey: Survey
    poses: Poses

    @property
    def ribbon(self) -> Ribbon:
        return self.survey.ribbon

    def times_s(self) -> list[float]:
        return list(chosen(self.poses.film.keys_s, self.poses.view_at))

    def water_at(self, time_s: float) -> Mask | None:
        view = self.poses.view_at(time_s)
        if view is None:
            return np.zeros((1, 1), np.uint8)
        return self.survey.water.mask(view, _WATERSIDE_M)

    def take(self, frame: Looked) -> Kept:
        kept = Kept(frame.time_s, frame.seen)
        view = self.poses.view_at(frame.time_s)
        if view is not None:
            self.ribbon.take(frame.bgr, view)
            self.survey.take(frame.time_s, view, frame.seen)
        return kept

    def resume(self, kept: Sequence[Kept]) -> list[Kept]:
        for one in kept:
            view = self.poses.view_at(one.time_s)
            if view is not None:
                self.survey.take(one.time_s, view, one.seen)
        return list(kept)


@dataclass(slots=True)
class FilmAnalysis:
    """Of a film alone."""

    film: Film
    survey: FilmSurvey = field(init=False)

    def __post_init__(self) -> None:
        self.survey = FilmSurvey(self.film.width_px)

    @property
    def ribbon(self) -> None:
        return None

    def times_s(self) -> list[float]:
        return np.arange(0.0, self.film.lasts_s + STEP_S / 2, STEP_S).tolist()

    def water_at(self, _time_s: float) -> None:
        return None

    def take(self, frame: Looked) -> Kept:
        self.survey.take(frame.time_s, frame.bgr, frame.seen)
        return Kept(frame.time_s, frame.seen)

    def resume(self, _kept: Sequence[Kept]) -> list[Kept]:
        """None: how a frame lies on the one before it, only its picture tells."""
        return []


def analyse(
    film: Film,
    analysis: Analysis,
    detectors: Sequence[DebrisDetector],
    progress: Progress,
    checkpoint: tuple[Path, str],
) -> int:
    """The whole film; returns how many frames were looked at. `checkpoint`: file and key.

    What was looked at is kept, also where somebody breaks it off.
    """
    path, key = checkpoint
    kept = analysis.resume(restore(path, key, analysis.ribbon))
    since_s = kept[-1].time_s if kept else -1.0
    times = analysis.times_s()
    left = [time_s for time_s in times if time_s > since_s + 1e-3]
    done = len(times) - len(left)
    progress(done, len(times))
    try:
        for frame in looked(film.pictures(left), detectors, analysis.water_at):
            kept.append(analysis.take(frame))
            done += 1
            progress(min(done, len(times)), len(times))
            if len(kept) % _SAVED_EVERY == 0:  # a power cut comes without a word
                save(path, key, kept, analysis.ribbon)
        progress(len(times), len(times))
    finally:
        save(path, key, kept, analysis.ribbon)
    return len(kept)
