"""Which frames to look at: as few as show every place in several of them.

Key frames are cheap to decode, so they are taken wherever they come often enough; only where the
drone flies too far between two of them, frames in between are asked for.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from xunhe.vision.findings.sighting import inside
from xunhe.vision.georeference.earth import offset_m
from xunhe.vision.georeference.placing import View

OVERLAP = 0.65  # a place is then seen about three times
LONGEST_S = 5.0  # over water that stands still in the picture, things drift by
_PROBES = (16, 20)  # across and down a picture
_FINEST_S = 0.2

Moment = tuple[float, View]


def overlap(before: View, after: View) -> float:
    """The share of the ground in a picture that an earlier one shows too, 0 to 1."""
    width, height = after.lens.width_px, after.lens.height_px
    across, down = ((np.arange(n) + 0.5) / n for n in _PROBES)
    probes = np.stack(np.meshgrid(across * width, down * height), axis=-1).reshape(-1, 2)
    ground = after.ground_m(probes)
    ground = ground[~np.isnan(ground).any(axis=1)]
    if not len(ground):
        return 0.0
    shift = np.array(offset_m(after.pose.lon_lat, before.pose.lon_lat))
    return float(inside(before.pixels(ground + shift), before).mean())


def chosen(
    keys_s: Sequence[float], view_at: Callable[[float], View | None], least: float = OVERLAP
) -> Iterator[float]:
    """Times in ascending order, of key frames (`keys_s`, ascending) and between them.

    Neighbours overlap by at least `least` and lie at most `LONGEST_S` apart, where there are poses
    and frames for that.
    """
    posed = [(time_s, view) for time_s in keys_s if (view := view_at(time_s)) is not None]
    last: Moment | None = None
    i = 0
    while i < len(posed):
        farthest = _farthest(last, posed, i, least)
        if last is None or farthest >= i:
            last, i = posed[farthest], farthest + 1
        else:
            last = _between(last, posed[i], view_at, least)
            i += last[0] == posed[i][0]
        yield last[0]


def _farthest(last: Moment | None, posed: Sequence[Moment], i: int, least: float) -> int:
    """Of the last key frame from the i-th on that still overlaps enough; below i without one."""
    if last is None:
        return i
    while (
        i < len(posed)
        and posed[i][0] - last[0] <= LONGEST_S
        and overlap(last[1], posed[i][1]) >= least
    ):
        i += 1
    return i - 1


def _between(
    last: Moment, key: Moment, view_at: Callable[[float], View | None], least: float
) -> Moment:
    """A time so early that it overlaps; the key frame's own where there is none."""
    time_s, view = key
    while overlap(last[1], view) < least and time_s - last[0] > 2 * _FINEST_S:
        time_s = (last[0] + time_s) / 2
        found = view_at(time_s)
        if found is None:
            return key
        view = found
    return time_s, view
