"""Frames spoilt at random, for every parser of a wire: `pytest -m million` is the long form."""

import random

import pytest

LONG = [pytest.mark.slow, pytest.mark.million, pytest.mark.timeout(7200)]
MILLION = pytest.param(1_000_000, marks=LONG)
COUNTS = [5_000, MILLION]


def mutations(seeds, count, seed):
    """Frames with bits flipped, bytes dropped, doubled, cut off, spliced or put in."""
    dice = random.Random(seed)
    for _ in range(count):
        frame = bytearray(dice.choice(seeds))
        for _ in range(dice.randrange(1, 4)):
            _spoil(frame, seeds, dice)
        yield bytes(frame)


def _spoil(frame, seeds, dice):
    at = dice.randrange(len(frame) + 1)
    kind = dice.randrange(6)
    if kind == 0 and at < len(frame):
        frame[at] ^= 1 << dice.randrange(8)
    elif kind == 1:
        del frame[at : at + dice.randrange(1, 4)]
    elif kind == 2:
        frame[at:at] = frame[at : at + dice.randrange(1, 9)]
    elif kind == 3:
        del frame[at:]
    elif kind == 4:
        frame[at:at] = dice.choice(seeds)
    else:
        frame[at:at] = dice.randbytes(dice.randrange(1, 5))
