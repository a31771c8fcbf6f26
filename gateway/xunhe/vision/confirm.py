"""When a thing is believed: seen often enough, long enough, surely enough, moving as things do.

What drifts with the current or came before our eyes needs less than what was always there: a
reflection or a stone scores the same on every frame, so that looking longer proves nothing.
"""

from enum import StrEnum
from statistics import median

from xunhe.domain.sight import SightKind
from xunhe.settings import VisionSettings
from xunhe.vision.drift import Motion
from xunhe.vision.stillness import SAME
from xunhe.vision.tracker import Track

_DRIFTING = {SightKind.LITTER: 0.4, SightKind.MAT: 0.45}
_ARRIVED = {SightKind.LITTER: 0.45, SightKind.MAT: 0.5}
_LYING = {SightKind.LITTER: 0.55, SightKind.MAT: 0.55}
_FOUND = 0.4  # of the looks; the zoom changes from look to look, and a tiny thing shows on one only
_VANISHED = 0.15  # of the looks, the most that what lies still may vanish


class Doubt(StrEnum):
    """Why a thing is not believed yet."""

    NONE = "believed"
    FEW = "seen too few times"
    SHORT = "not for long enough"
    MISSED = "missed on most looks"
    FAINT = "score too low"
    MOTION = "moves like nothing that floats"
    FLICKER = "looks different each time"
    OUTSIDE = "not in the water"


def doubt_of(track: Track, settings: VisionSettings) -> Doubt:
    """The first reason not to believe in a thing."""
    lasted_s, looks = _steadiness(track)
    lies = track.motion is Motion.STILL
    # Three glints may lie on a line by chance, and one may come back twice; at the full rate the
    # looks beyond `confirm_frames` cost no time.
    needed = settings.confirm_frames * 2 if lies else settings.confirm_frames + 1
    reasons = (
        (Doubt.OUTSIDE, not track.zone),
        (Doubt.FEW, looks < needed),
        (Doubt.SHORT, lasted_s < settings.dwell_s - 1e-6),
        (Doubt.MISSED, sum(track.hits) < _FOUND * len(track.hits)),
        (Doubt.FLICKER, lies and track.vanished > _VANISHED * track.looks),
        (Doubt.MOTION, track.motion in (Motion.AGAINST, Motion.ERRATIC)),
        (Doubt.FAINT, track.score < _needed(track)),
        (Doubt.FLICKER, bool(track.alike) and median(track.alike) < SAME),
    )
    return next((doubt for doubt, holds in reasons if holds), Doubt.NONE)


def limits() -> dict[str, float]:
    """By label: the median score from which a thing counts however it moves."""
    return {kind.value: score for kind, score in _LYING.items()}


def _steadiness(track: Track) -> tuple[float, int]:
    """For how long and on how many looks it was there.

    Of what lies still it counts anew whenever it vanishes: a bottle that ducks under a wave comes
    up further on, while glare and twigs come back where they were.
    """
    if track.motion is Motion.STILL:
        return track.last_s - track.steady_s, track.steady_looks
    return track.last_s - track.first_s, len(track.times_s)


def _needed(track: Track) -> float:
    if track.motion is Motion.WITH:
        return _DRIFTING[track.kind]
    return (_ARRIVED if track.from_gate else _LYING)[track.kind]
