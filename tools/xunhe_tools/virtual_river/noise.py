"""Randomness without state: every value is a hash of the seed and of what it is for.

So two readers, a restart or another order of reading see the same river.
"""

from __future__ import annotations

import math
from dataclasses import replace
from hashlib import blake2b

from xunhe_tools.virtual_river.chemistry import Water

_SCALE = 2.0**-64


def random_bytes(seed: int, *key: object) -> bytes:
    """16 bytes that depend on nothing but the arguments."""
    return blake2b(repr((seed, *key)).encode(), digest_size=16).digest()


def uniform(seed: int, *key: object) -> float:
    """A value in [0, 1)."""
    return int.from_bytes(random_bytes(seed, *key)[:8], "big") * (1 - 2.0**-53) * _SCALE


def gauss(seed: int, *key: object) -> float:
    """A standard normal value (Box-Muller)."""
    raw = random_bytes(seed, *key)
    first = (int.from_bytes(raw[:8], "big") + 1) * _SCALE  # in (0, 1]: its logarithm exists
    second = int.from_bytes(raw[8:], "big") * _SCALE
    return math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)


def slow(seed: int, name: str, t_s: float, period_s: float = 4 * 3600) -> float:
    """A smooth wandering value in [-1, 1]: random points every `period_s`, cosines between."""
    step = math.floor(t_s / period_s)
    before, after = (2 * uniform(seed, name, i) - 1 for i in (step, step + 1))
    weight = (1 - math.cos(math.pi * (t_s / period_s - step))) / 2
    return before + (after - before) * weight


def sensed(water: Water, seed: int, station: str, t_s: float) -> Water:
    """`water` as noisy sensors at `station` feel it; constant within one second of river time.

    One sigma: temperature 0.03 °C, pH 0.02, DO 0.05 mg/L, ammonia 4 % of the value + 0.02 mg/L.
    """

    def error(channel: str) -> float:
        return gauss(seed, station, channel, math.floor(t_s))

    return replace(
        water,
        water_temp_c=water.water_temp_c + 0.03 * error("water_temp_c"),
        ph=water.ph + 0.02 * error("ph"),
        do_mg_l=max(0.0, water.do_mg_l + 0.05 * error("do_mg_l")),
        nh3n_mg_l=max(0.0, water.nh3n_mg_l + (0.04 * water.nh3n_mg_l + 0.02) * error("nh3n_mg_l")),
    )
