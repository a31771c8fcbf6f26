"""Whether film and telemetry agree, by the film's own pictures; corrected where they do not."""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from xunhe.adapters.drone.film import luma
from xunhe.domain.pose import Measured
from xunhe.vision.georeference.aligned_track import AlignedTrack
from xunhe.vision.georeference.alignment import Alignment, align
from xunhe.vision.georeference.image_motion import Motion, motions
from xunhe.vision.georeference.lens import Lens
from xunhe_tools.patrol.report.poses import Note, Poses

_PAIRS, _APART_S = 40, 0.5
_WIDTH_PX = 960
_BETTER = 0.5  # of the residual before: less gain is no reason to believe an estimate
_SURE_S = 0.3  # of the offset: an unsure one would do more harm than good


def aligned(poses: Poses) -> Poses:
    """The poses with the estimated offset and gimbal error, where these explain the pictures."""
    found = _estimated(poses)
    if found is None:
        return poses
    before_px, after_px = found.residual_px
    if after_px > _BETTER * before_px or found.offset_s.sd > _SURE_S:
        return poses
    track = AlignedTrack(poses.track.track, found)
    return replace(poses, track=track, notes=(*poses.notes, _note(found)))


def _estimated(poses: Poses) -> Alignment | None:
    begins = np.linspace(0, max(poses.film.lasts_s - _APART_S, 0), _PAIRS + 2)[1:-1].tolist()
    views = [(begin, poses.view_at(begin)) for begin in begins]
    posed = [(begin, view) for begin, view in views if view is not None]
    if not posed:
        return None
    lens = _smaller(posed[0][1].lens, _WIDTH_PX / poses.film.width_px)
    moved = list(_motions(poses, [begin for begin, _ in posed], lens))
    return align(poses.track.track.poses, moved, lens, poses.water)


def _motions(poses: Poses, begins: list[float], lens: Lens) -> Iterator[Motion]:
    """Of pairs of pictures, at the telemetry's times."""
    times = [time_s for begin in begins for time_s in (begin, begin + _APART_S)]
    size = (lens.width_px, lens.height_px)
    lumas = (
        (time_s + poses.offset_s, np.asarray(cv2.resize(luma(picture), size), np.uint8))
        for time_s, picture in poses.film.pictures(times)
    )
    for pair in zip(lumas, lumas, strict=False):
        yield from motions(pair)


def _smaller(lens: Lens, scale: float) -> Lens:
    focal = Measured(lens.focal_px.value * scale, lens.focal_px.sd * scale)
    width, height = round(lens.width_px * scale), round(lens.height_px * scale)
    return Lens(width, height, focal, (width / 2, height / 2))


def _note(found: Alignment) -> Note:
    before_px, after_px = found.residual_px
    offset, yaw, pitch = (
        f"{one.value:+.1f} ± {one.sd:.1f}"
        for one in (found.offset_s, found.yaw_deg, found.pitch_deg)
    )
    residuals = f"{before_px:.1f} → {after_px:.1f} px"
    return (
        f"由画面估计并校正：时间差 {offset} s，方位 {yaw}°，俯仰 {pitch}°（残差 {residuals}）",
        f"estimated from the pictures and corrected: clock {offset} s, yaw {yaw}°,"
        f" pitch {pitch}° (residual {residuals})",
    )
