"""Advection and dispersion on cells, against the analytic solution of another module."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.domain.network import Leg
from xunhe.domain.registry import Registry
from xunhe.water.transport import Channel, channel_of, simulate
from xunhe_tools.virtual_river.transport import step_response

LENGTH_M = 3000.0


def uniform(cells: int, velocity_m_s: float = 0.6, dispersion_m2_s: float = 6.0) -> Channel:
    whole = np.ones(cells)
    return Channel(LENGTH_M / cells, velocity_m_s * whole, dispersion_m2_s * whole, 5.0 * whole)


def front(
    channel: Channel, x_m: float, until_s: float, decay_per_s: float = 0.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times and concentrations at the middle of the cell at x, the inlet on from 0 s."""
    step_s = channel.step_s
    steps = int(until_s / step_s)
    inlet = np.ones(steps)
    seen = simulate(channel, inlet, step_s, [channel.cell_at(x_m)], decay_per_s)[:, 0]
    return (np.arange(steps) + 1) * step_s, seen


@pytest.mark.parametrize(("velocity", "dispersion"), [(0.3, 2.0), (0.6, 6.0), (1.0, 25.0)])
@pytest.mark.parametrize("decay_per_s", [0.0, 5e-5])
def test_a_step_agrees_with_ogata_and_banks(
    velocity: float, dispersion: float, decay_per_s: float
) -> None:
    channel = uniform(150, velocity, dispersion)
    x_m = (channel.cell_at(2000.0) + 0.5) * channel.cell_m
    times_s, seen = front(channel, x_m, 2 * x_m / velocity, decay_per_s)
    exact = [step_response(x_m, t, velocity, dispersion, decay_per_s) for t in times_s]
    assert np.max(np.abs(seen - np.array(exact))) < 0.02


def test_halving_the_cells_at_least_halves_the_error() -> None:
    errors = []
    for cells in (60, 120):
        channel = uniform(cells, 0.6, 12.0)
        x_m = (channel.cell_at(1500.0) + 0.5) * channel.cell_m
        times_s, seen = front(channel, x_m, 5000.0)
        exact = np.array([step_response(x_m, t, 0.6, 12.0, 0.0) for t in times_s])
        errors.append(float(np.mean(np.abs(seen - exact))))
    assert errors[0] / errors[1] > 1.9


def test_a_pulse_keeps_its_mass_and_never_overshoots() -> None:
    channel = uniform(150)
    step_s = channel.step_s
    inlet = np.where(np.arange(int(15000 / step_s)) * step_s < 1800, 1.0, 0.0)
    seen = simulate(channel, inlet, step_s, [20, 149])
    assert seen.min() >= -1e-12
    assert seen.max() <= 1 + 1e-12
    entered, passed = inlet.sum(), seen[:, 1].sum()
    assert passed == pytest.approx(entered, rel=0.02)  # dispersion at the inlet brings a little


def test_a_peak_without_dispersion_moves_with_the_water() -> None:
    channel = uniform(300, 0.5, 0.0)
    step_s = channel.step_s
    times_s = (np.arange(int(8000 / step_s)) + 1) * step_s
    inlet = np.exp(-(((times_s - 1500) / 400) ** 2))
    seen = simulate(channel, inlet, step_s, [200])[:, 0]
    arrived_s = times_s[int(np.argmax(seen))]
    assert arrived_s == pytest.approx(1500 + 2005 / 0.5, abs=30)
    assert seen.max() > 0.98


def test_water_that_joins_dilutes_and_water_taken_out_takes_its_share() -> None:
    channel = uniform(100)
    for below, share in ((10.0, 0.5), (2.0, 1.0)):
        flows = np.where(np.arange(100) < 50, 5.0, below)
        joined = replace(channel, discharge_m3_s=flows)
        seen = simulate(joined, np.ones(2500), joined.step_s, [40, 90])
        assert seen[-1] == pytest.approx([1.0, share], abs=0.02)


def test_a_step_that_would_not_be_stable_is_refused() -> None:
    channel = uniform(100)
    with pytest.raises(ValueError, match="must be above 0 and at most"):
        simulate(channel, np.ones(3), 1.01 * channel.step_s, [0])
    with pytest.raises(ValueError, match="must be above 0"):
        simulate(channel, np.ones(3), 0.0, [0])
    simulate(channel, np.ones(3), channel.step_s, [0])


def test_a_way_becomes_cells_with_the_values_of_its_legs(registry: Registry) -> None:
    legs = [Leg(registry.reaches["BJ-1"], 500.0), Leg(registry.reaches["YX-2"], 1500.0)]
    channel = channel_of(legs, [0.5, 0.6], 20)
    assert channel.cell_m == 100
    assert list(channel.discharge_m3_s) == [1.5] * 5 + [7.5] * 15
    assert list(channel.velocity_m_s) == [0.5] * 5 + [0.6] * 15
    assert channel.cell_at(2000.0) == 19
    with pytest.raises(ValueError, match="length above 0"):
        channel_of([Leg(registry.reaches["BJ-1"], 0.0)], [0.5], 4)


def test_spread_grows_as_the_theory_says() -> None:
    """Variance of arrival 2DL/v³ in the far field."""
    channel = uniform(200, 0.5, 5.0)
    step_s = channel.step_s
    times_s = (np.arange(int(20000 / step_s)) + 1) * step_s
    inlet = np.where(times_s < 400, 1.0, 0.0)
    cell = channel.cell_at(2500.0)
    seen = simulate(channel, inlet, step_s, [cell])[:, 0]
    mean_s = float((times_s * seen).sum() / seen.sum())
    spread_s = math.sqrt(float(((times_s - mean_s) ** 2 * seen).sum() / seen.sum()))
    x_m = (cell + 0.5) * channel.cell_m
    own_s2 = 400**2 / 12
    assert spread_s == pytest.approx(math.sqrt(2 * 5 * x_m / 0.5**3 + own_s2), rel=0.05)
