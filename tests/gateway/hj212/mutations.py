"""Frames that a bad line made: cut, doubled, flipped, stuffed, run together."""

import random
from collections.abc import Iterator

from tests.gateway.hj212.vectors import SEGMENTS
from xunhe.codecs.hj212 import area
from xunhe.codecs.hj212.deframing import MAX_SEGMENT, Deframer, Frame, frame
from xunhe.codecs.hj212.segment import Packet, read

_FRAMES = [frame(segment) for segment in SEGMENTS]
_SIGNS = b"#0123456789ABCDEFabcdef&=;,-\r\n QNCPMFlag\x00\xff/"


def mutated(chance: random.Random) -> bytes:
    """A frame with one to four changes; about one in five keeps a right length and check."""
    segment = bytearray(chance.choice(SEGMENTS))
    if chance.random() < 0.2:
        _change(segment, chance)
        return frame(bytes(segment[:MAX_SEGMENT]))
    wire = bytearray(chance.choice(_FRAMES))
    for _ in range(chance.randint(1, 4)):
        _change(wire, chance)
    return bytes(wire)


def _change(data: bytearray, chance: random.Random) -> None:
    at, end = sorted((chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)))
    match chance.randrange(5):
        case 0:
            data[at : at + 1] = bytes([chance.choice(_SIGNS)])
        case 1:
            del data[at : min(end, at + 8)]
        case 2:
            data[at:at] = data[at : min(end, at + 64)]
        case 3:
            data[at:at] = bytes(chance.choices(_SIGNS, k=chance.randint(1, 6)))
        case 4 if data:
            data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)


def chunks(count: int, chance: random.Random) -> Iterator[bytes]:
    """A stream of so many mutated frames, cut anywhere."""
    held = b""
    for _ in range(count):
        held += mutated(chance)
        cut = chance.randrange(len(held) + 1)
        yield held[:cut]
        held = held[cut:]
    yield held


def survived(count: int, seed: int) -> tuple[int, int]:
    """How many packets were read and how many things rejected; any exception is a failure."""
    chance = random.Random(seed)
    deframer, packets, rejected = Deframer(), 0, 0
    for chunk in chunks(count, chance):
        for event in deframer.feed(chunk):
            packet = read(event) if isinstance(event, Frame) else None
            if isinstance(packet, Packet):
                packets += 1
                area.factors(packet.cp)
                assert packet.flag is None or 0 <= packet.flag.number <= 255
            else:
                rejected += 1
        assert len(deframer._buffer) <= MAX_SEGMENT + 12
    return packets, rejected
