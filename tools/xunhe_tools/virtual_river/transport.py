"""Advection and dispersion of a discharge along one uniform channel, solved analytically.

Ogata and Banks 1961 (USGS Professional Paper 411-A), with first-order decay as in
van Genuchten and Alves 1982: concentration 1 is kept at x = 0 from t = 0 on.
"""

from __future__ import annotations

import math

from xunhe_tools.virtual_river.network import Way


def _scaled_erfc(z: float) -> float:
    """exp(z²)·erfc(z) for z >= 0, also where erfc alone underflows."""
    if z < 25:
        return math.exp(z * z) * math.erfc(z)
    square = z * z
    return (1 - 1 / (2 * square) + 3 / (4 * square * square)) / (z * math.sqrt(math.pi))


def step_response(x_m: float, t_s: float, v_m_s: float, d_m2_s: float, decay_s: float) -> float:
    """Share of the inlet concentration at x > 0, time t after the inlet was switched on.

    Units m, s, m/s, m²/s, 1/s; the result lies in 0..1.
    """
    if t_s < 1e-6:  # also keeps the division below away from zero width
        return 0.0
    gamma = math.sqrt(1 + 4 * decay_s * d_m2_s / v_m_s**2)
    width_m = 2 * math.sqrt(d_m2_s * t_s)
    slope = v_m_s * x_m / (2 * d_m2_s)
    ahead, behind = (x_m - v_m_s * gamma * t_s) / width_m, (x_m + v_m_s * gamma * t_s) / width_m
    # exp(slope·(1+gamma))·erfc(behind) overflows for long reaches. As behind² - ahead² is
    # 2·slope·gamma, it equals exp(slope·(1-gamma) - ahead²)·erfcx(behind), which cannot.
    fade = slope * (1 - gamma)
    return 0.5 * (
        math.exp(fade) * math.erfc(ahead) + math.exp(fade - ahead * ahead) * _scaled_erfc(behind)
    )


def pulse_response(way: Way, t_s: float, duration_s: float, decay_s: float = 0.0) -> float:
    """Share of the mixed inlet concentration at the end of `way`, t after a pulse began.

    The inlet is on for `duration_s`: a step on minus a step off. Confluences have diluted it.
    """
    if way.length_m == 0:
        return way.dilution if 0 <= t_s < duration_s else 0.0
    on, off = (
        step_response(way.length_m, since_s, way.velocity_m_s, way.dispersion_m2_s, decay_s)
        for since_s in (t_s, t_s - duration_s)
    )
    return way.dilution * max(0.0, on - off)
