"""When the telemetry's clock is off and the gimbal lies: both estimated from the pictures.

A point of the fixed ground that two pictures show must lie at one place. Moved by the wrong time
or turned by the wrong angle, the poses put it at two. The offset, three angles and the height are
the ones at which the second picture shows the points where the first one says (least squares with
Cauchy's weights, so that drifting water and wrong matches count little), each held to about what
it usually is. An offset shows only where speed or heading change; its standard deviation tells.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.pose import Measured, Pose
from xunhe.vision.georeference.axes import axes, on_water
from xunhe.vision.georeference.image_motion import Motion
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import WaterPlane
from xunhe.vision.georeference.track_arrays import TrackArrays

Array = NDArray[np.float64]

_LEAST_POINTS = 100
_SCALE_PX = 1.0  # a residual from which a point counts half
# Of time in s, yaw, pitch, roll in degrees, height in m: what is usual, and steps for derivatives.
_USUAL = np.array([1.5, 5.0, 2.0, 1.0, 1.0])
_STEPS = np.array([0.02, 0.05, 0.05, 0.05, 0.1])
_SEARCH_STEP_S = 0.25
_SEARCH_ROUNDS, _ROUNDS = 3, 15
_FEW = 8  # points of a pair of pictures


@dataclass(frozen=True, slots=True)
class Alignment:
    """What to add: `offset_s` to a picture's time to find its pose, the rest to the pose itself.

    `residual_px` is the median before and after, over `points`.
    """

    offset_s: Measured
    yaw_deg: Measured
    pitch_deg: Measured
    roll_deg: Measured
    height_m: Measured
    residual_px: tuple[float, float]
    points: int

    def corrected(self, pose: Pose) -> Pose:
        """A pose that was looked up at picture time plus `offset_s`."""
        return replace(
            pose,
            yaw_deg=_added(pose.yaw_deg, self.yaw_deg),
            pitch_deg=_added(pose.pitch_deg, self.pitch_deg),
            roll_deg=_added(pose.roll_deg, self.roll_deg),
            height_above_ground_m=_added(pose.height_above_ground_m, self.height_m),
            height_above_sea_m=_added(pose.height_above_sea_m, self.height_m),
        )


def align(
    poses: Sequence[Pose],
    motions: Iterable[Motion],
    lens: Lens,
    water: WaterPlane,
    most_s: float = 4.0,
) -> Alignment | None:
    """The alignment of poses with what the pictures show; offsets up to `most_s` are looked for.

    None where the poses are not complete or fewer than a hundred points were followed.
    """
    track = TrackArrays.of(poses, water)
    points = _Points.of(list(motions), lens)
    if track is None or len(points.before) < _LEAST_POINTS:
        return None
    fit = _Fit(track, points, lens.focal_px.value)
    rough = replace(fit, points=points.thinned())
    offsets = np.arange(-most_s, most_s + _SEARCH_STEP_S / 2, _SEARCH_STEP_S)
    started = (
        rough.improved(_at_offset(one), _SEARCH_ROUNDS, is_time_free=False) for one in offsets
    )
    best = fit.improved(min(started, key=rough.cost), _ROUNDS, is_time_free=True)
    residuals = (fit.median_px(np.zeros(len(_USUAL))), fit.median_px(best))
    pairs = zip(best.tolist(), fit.sd(best).tolist(), strict=True)
    offset, yaw, pitch, roll, height = (Measured(*pair) for pair in pairs)
    return Alignment(offset, yaw, pitch, roll, height, residuals, len(points.before))


@dataclass(frozen=True, slots=True)
class _Points:
    """One row a followed point: rays (N, 2) in both pictures, and the `pair` (N,) they are from.

    `times_s` (P, 2): when the two pictures of each pair were taken.
    """

    before: Array
    after: Array
    pair: NDArray[np.int64]
    times_s: Array

    @classmethod
    def of(cls, motions: Sequence[Motion], lens: Lens) -> "_Points":
        none = np.empty((0, 2))
        counts = [len(one.before) for one in motions]
        return cls(
            lens.rays(np.concatenate([none, *(one.before for one in motions)])),
            lens.rays(np.concatenate([none, *(one.after for one in motions)])),
            np.repeat(np.arange(len(counts)), counts),
            np.array([(one.before_s, one.after_s) for one in motions]),
        )

    def thinned(self) -> "_Points":
        """Few of each pair, spread over it: enough to choose where to begin."""
        step = max(1, len(self.pair) // (_FEW * len(self.times_s)))
        return replace(
            self, before=self.before[::step], after=self.after[::step], pair=self.pair[::step]
        )


@dataclass(frozen=True, slots=True)
class _Fit:
    track: TrackArrays
    points: _Points
    focal_px: float

    def residuals(self, errors: Array) -> Array:
        """(N, 2) in pixels of the second picture; a point off the water counts nothing."""
        first, second = (self._posed(times_s, errors) for times_s in self.points.times_s.T)
        pair = self.points.pair
        ground = on_water(self.points.before, _axes(first)[pair], first[pair, 2])
        moved = (first[:, :2] - second[:, :2])[pair]
        seen = np.column_stack([ground + moved, -second[pair, 2]])
        camera = np.einsum("nij,nj->ni", _axes(second)[pair], seen)
        with np.errstate(divide="ignore", invalid="ignore"):
            missed = (camera[:, :2] / camera[:, 2:] - self.points.after) * self.focal_px
        return np.asarray(np.nan_to_num(missed, nan=0.0, posinf=0.0, neginf=0.0))

    def cost(self, errors: Array) -> float:
        squares = (self.residuals(errors) ** 2).sum(axis=1)
        return float(np.log1p(squares / _SCALE_PX**2).sum() + ((errors / _USUAL) ** 2).sum())

    def median_px(self, errors: Array) -> float:
        return float(np.median(np.linalg.norm(self.residuals(errors), axis=1)))

    def improved(self, errors: Array, rounds: int, *, is_time_free: bool) -> Array:
        """Gauss and Newton's steps from here, those that make it worse halved."""
        cost = self.cost(errors)
        for _ in range(rounds):
            matrix, slope = self._normal(errors)
            free = slice(0 if is_time_free else 1, None)
            step = np.zeros_like(errors)
            step[free] = -np.linalg.solve(matrix[free, free], slope[free])
            while self.cost(errors + step) > cost and np.abs(step / _USUAL).max() > 1e-6:
                step /= 2
            errors, before = errors + step, cost
            cost = self.cost(errors)
            if before - cost < 1e-6:
                break
        return errors

    def sd(self, errors: Array) -> Array:
        """Standard deviations, from how sharp the minimum is.

        All points of a pair of pictures share the errors of its two poses: they count as one.
        """
        matrix, _ = self._normal(errors)
        usual = np.diag(1 / _USUAL**2)
        pairs = len(self.points.times_s)
        shared = (matrix - usual) * pairs / len(self.points.pair) + usual
        return np.asarray(np.sqrt(np.diag(np.linalg.inv(shared))))

    def _normal(self, errors: Array) -> tuple[Array, Array]:
        """(matrix, slope) of the weighted squares with what is usual."""
        missed = self.residuals(errors).ravel()
        weight = 1 / (_SCALE_PX**2 + np.repeat((missed.reshape(-1, 2) ** 2).sum(axis=1), 2))
        slopes = np.column_stack([self._slope(errors, i) for i in range(len(errors))])
        matrix = (slopes * weight[:, None]).T @ slopes + np.diag(1 / _USUAL**2)
        return matrix, (slopes * weight[:, None]).T @ missed + errors / _USUAL**2

    def _slope(self, errors: Array, i: int) -> Array:
        step = np.zeros_like(errors)
        step[i] = _STEPS[i]
        rise = self.residuals(errors + step) - self.residuals(errors - step)
        return np.asarray(rise.ravel() / (2 * _STEPS[i]))

    def _posed(self, times_s: Array, errors: Array) -> Array:
        """(N, 6) poses with the errors taken off."""
        posed = self.track.at(times_s + errors[0])
        posed[:, 2] += errors[4]
        posed[:, 3:] += errors[1:4]
        return posed


def _axes(posed: Array) -> Array:
    return axes(posed[:, 3], posed[:, 4], posed[:, 5])


def _at_offset(offset_s: float) -> Array:
    return np.array([offset_s, *np.zeros(len(_USUAL) - 1)])


def _added(value: Measured | None, more: Measured) -> Measured | None:
    """What the pictures say replaces how unsure the telemetry was."""
    return None if value is None else Measured(value.value + more.value, more.sd)
