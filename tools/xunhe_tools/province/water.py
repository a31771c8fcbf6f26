"""Frames of simulated buoys: what a board would send, signed with its key."""

import random
from collections.abc import Iterator, Sequence

from xunhe_buoy import record as wire
from xunhe_tools.province.land import Buoy

_CLEAN = (18.0, 7.4, 7.6, 0.32, 3.9)  # temperature, pH, oxygen, ammonia, battery
_NOISE = (0.05, 0.02, 0.05, 0.01, 0.002)
_FOUL_NH3N_MG_L, _FOUL_DO_MG_L = 3.4, 4.2


def readings(
    chance: random.Random, times_s: Sequence[int], first_seq: int, *, is_foul: bool = False
) -> list[wire.Record]:
    """Readings at these instants (Unix seconds), of clean water or of a discharge."""
    return list(_readings(chance, times_s, first_seq, is_foul))


def batch(buoy: Buoy, records: list[wire.Record]) -> bytes:
    """The frame as the buoy sends it."""
    return wire.encode_batch(buoy.address, records, buoy.key)


def _readings(
    chance: random.Random, times_s: Sequence[int], first_seq: int, is_foul: bool
) -> Iterator[wire.Record]:
    divisors = [divisor for _, divisor in wire.RIVER.channels]
    for number, time_s in enumerate(times_s):
        values = [chance.gauss(mean, noise) for mean, noise in zip(_CLEAN, _NOISE, strict=True)]
        if is_foul:
            values[2], values[3] = _FOUL_DO_MG_L, _FOUL_NH3N_MG_L
        scaled = tuple(wire.scale(v, d) for v, d in zip(values, divisors, strict=True))
        flags = (wire.GOOD,) * len(scaled)
        yield wire.Record(1, first_seq + number, time_s, scaled, flags)
