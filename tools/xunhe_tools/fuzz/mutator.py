"""Spoils bytes: the plain way, without a look at the code that will read them."""

from collections.abc import Callable, Sequence
from random import Random

MOST_BYTES = 8192
_EDGES = (b"\0", b"\xff", b"\x7f", b"\x80", b"-1", b"99999999999999999999", b"NaN", b"1e999", b"%")


def spoilt(drawn: Random, corpus: Sequence[bytes]) -> bytes:
    """One of the corpus with one to eight changes; at most MOST_BYTES."""
    data = bytearray(drawn.choice(corpus))
    for _ in range(1 << drawn.randrange(4)):
        drawn.choice(_WAYS)(drawn, data)
    if drawn.random() < 0.05:
        other = drawn.choice(corpus)
        data[drawn.randint(0, len(data)) :] = other[drawn.randint(0, len(other)) :]
    return bytes(data[:MOST_BYTES])


def _flip(drawn: Random, data: bytearray) -> None:
    if data:
        data[drawn.randrange(len(data))] ^= 1 << drawn.randrange(8)


def _set(drawn: Random, data: bytearray) -> None:
    if data:
        data[drawn.randrange(len(data))] = drawn.randrange(256)


def _insert(drawn: Random, data: bytearray) -> None:
    at = drawn.randint(0, len(data))
    data[at:at] = drawn.choice((*_EDGES, drawn.randbytes(drawn.randint(1, 8))))


def _remove(drawn: Random, data: bytearray) -> None:
    at = drawn.randint(0, len(data))
    del data[at : at + drawn.randint(1, 16)]


def _repeat(drawn: Random, data: bytearray) -> None:
    at = drawn.randint(0, len(data))
    part = data[at : at + drawn.randint(1, 32)]
    data[at:at] = part * drawn.choice((1, 2, 50))


def _cut(drawn: Random, data: bytearray) -> None:
    del data[drawn.randint(0, len(data)) :]


_WAYS: tuple[Callable[[Random, bytearray], None], ...] = (
    _flip,
    _flip,
    _set,
    _set,
    _insert,
    _remove,
    _repeat,
    _cut,
)
