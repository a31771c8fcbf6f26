"""Frames as HJ 212-2017 describes them, in the plainest way: Annex A step by step, one regex."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FRAME = re.compile(rb"##(\d{4})(.*?)([0-9A-Fa-f]{4})\r\n", re.DOTALL)
_FIELD = re.compile(r"([^=;,&]+)=([^;,&]*)")


def check_of(segment: bytes) -> int:
    """Annex A: the register's high byte, exclusive or the byte, eight shifts."""
    register = 0xFFFF
    for byte in segment:
        register = (register >> 8) ^ byte
        for _ in range(8):
            low_bit = register % 2
            register //= 2
            if low_bit:
                register ^= 0xA001
    return register


def packed(segment: str) -> bytes:
    """A segment as it goes over the line."""
    data = segment.encode()
    return b"##" + f"{len(data):04d}".encode() + data + f"{check_of(data):04X}".encode() + b"\r\n"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a frame said: `fields` of the head, `area` as text, `values` its fields by name."""

    fields: Mapping[str, str]
    area: str
    values: Mapping[str, str]

    @property
    def key(self) -> tuple[str, str, str]:
        """By which a platform tells repetitions: MN, CN, DataTime."""
        return self.fields["MN"], self.fields["CN"], self.values.get("DataTime", "")

    @property
    def wants_answer(self) -> bool:
        """The lowest bit of Flag."""
        return int(self.fields.get("Flag", "0")) & 1 == 1


def unpacked(segment: bytes) -> Heard:
    """Head and area of a segment."""
    head, _, area = segment.decode().partition("CP=&&")
    area = area[:-2]
    return Heard(dict(_FIELD.findall(head)), area, dict(_FIELD.findall(area)))


def taken(buffer: bytearray) -> Iterator[tuple[Heard | None, int]]:
    """Remove and yield the frames of a buffer with their sizes; None for one with a wrong check."""
    while (found := _FRAME.search(buffer)) is not None:
        size, segment, check = int(found[1]), bytes(found[2]), int(found[3], 16)
        is_good = len(segment) == size and check_of(segment) == check
        del buffer[: found.end()]
        yield (unpacked(segment) if is_good else None), found.end() - found.start()
