"""One-dimensional advection and dispersion along a way of the river.

Conservative finite volumes: d(A·C)/dt + d(Q·C)/dx = d(A·D·dC/dx)/dx - k·A·C with A = Q / v. Faces
after van Leer (1979, limiter of 1974) with Hancock's half step, so that a front neither smears nor
overshoots. Water that joins is clean; water that is taken out takes its share along.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xunhe.domain.network import Leg

Array = NDArray[np.float64]

_STABLE = 0.9  # of the share of a cell that a step may move, by flow and dispersion together


@dataclass(frozen=True, slots=True)
class Channel:
    """Cells of `cell_m` each, in the order of flow; the arrays have shape (cells,)."""

    cell_m: float
    velocity_m_s: Array
    dispersion_m2_s: Array
    discharge_m3_s: Array

    def cell_at(self, metres: float) -> int:
        """The cell at a distance from the channel's head."""
        return min(int(metres / self.cell_m), len(self.velocity_m_s) - 1)

    @property
    def step_s(self) -> float:
        """The longest stable step: the first cell disperses over one face and a half of another."""
        moved_per_s = self.velocity_m_s / self.cell_m + 3 * self.dispersion_m2_s / self.cell_m**2
        return _STABLE / float(np.max(moved_per_s))


def channel_of(legs: Sequence[Leg], velocities_m_s: Sequence[float], cells: int) -> Channel:
    """A way cut into equal cells, each with the values of the leg that its middle lies in.

    ValueError for a way without length.
    """
    ends_m = np.cumsum([leg.metres for leg in legs])
    length_m = float(ends_m[-1])
    if length_m <= 0:
        raise ValueError("a channel needs a length above 0 m")
    cell_m = length_m / cells
    middles_m = (np.arange(cells) + 0.5) * cell_m
    of_leg = np.searchsorted(ends_m, middles_m, side="right").clip(max=len(legs) - 1)
    return Channel(
        cell_m,
        np.array(velocities_m_s, np.float64)[of_leg],
        np.array([leg.reach.dispersion_m2_s for leg in legs], np.float64)[of_leg],
        np.array([leg.reach.discharge_m3_s for leg in legs], np.float64)[of_leg],
    )


def simulate(
    channel: Channel, inlet: Array, step_s: float, cells: Sequence[int], decay_per_s: float = 0.0
) -> Array:
    """Concentration at some cells: shape (len(inlet), len(cells)), in the inlet's unit.

    `inlet` is the concentration at the head of the channel, one value a step, from clean water on.
    Row n is the state at the end of step n. ValueError for a step that would not be stable.
    """
    if not 0 < step_s <= channel.step_s * (1 + 1e-9):
        raise ValueError(f"step_s {step_s:g} must be above 0 and at most {channel.step_s:g}")
    water = np.zeros(len(channel.velocity_m_s))
    seen = np.empty((len(inlet), len(cells)))
    fade = np.exp(-decay_per_s * step_s)
    for n, entering in enumerate(inlet):
        water = _step(channel, water, float(entering), step_s) * fade
        seen[n] = water[list(cells)]
    return seen


def _step(channel: Channel, water: Array, entering: float, step_s: float) -> Array:
    area_m2 = channel.discharge_m3_s / channel.velocity_m_s
    courant = channel.velocity_m_s * step_s / channel.cell_m
    before = np.concatenate(([entering], water[:-1]))
    after = np.concatenate((water[1:], water[-1:]))
    faces = water + 0.5 * (1 - courant) * _limited(water - before, after - water)
    out_g_s = channel.discharge_m3_s * faces
    # Where a reach carries less than the one above it, the rest was taken out on the way.
    kept = np.minimum(1.0, channel.discharge_m3_s[1:] / channel.discharge_m3_s[:-1])
    in_g_s = np.concatenate(([channel.discharge_m3_s[0] * entering], out_g_s[:-1] * kept))
    spread_g_s = _dispersed(channel, area_m2, water, entering)
    change = in_g_s - out_g_s + spread_g_s
    changed: Array = water + step_s * change / (area_m2 * channel.cell_m)
    return changed


def _limited(behind: Array, ahead: Array) -> Array:
    """Van Leer's slope: the harmonic mean of two differences of one sign, else 0."""
    product = behind * ahead
    total = np.where(product > 0, behind + ahead, 1.0)
    return np.where(product > 0, 2 * product / total, 0.0)


def _dispersed(channel: Channel, area_m2: Array, water: Array, entering: float) -> Array:
    """Net g/s that dispersion brings into each cell; nothing disperses out of the last one."""
    carried = area_m2 * channel.dispersion_m2_s / channel.cell_m
    between = np.minimum(carried[:-1], carried[1:]) * (water[:-1] - water[1:])
    head = 2 * carried[0] * (entering - water[0])  # half a cell from the inlet
    return np.concatenate(([head], between)) - np.concatenate((between, [0.0]))
