"""The recorder's log, read back."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_HEAD = struct.Struct("<cIQQ")


class Kind(Enum):
    """What a process asked for; the letters are recorder.c's."""

    OPENED = b"O"
    WRITTEN = b"W"
    TRUNCATED = b"T"
    SYNCED = b"S"
    UNLINKED = b"U"
    FOLDER_SYNCED = b"D"
    SENT = b"N"


@dataclass(frozen=True, slots=True)
class Step:
    """One of its calls. `file` is a number that OPENED gives to a path, or a socket's."""

    kind: Kind
    file: int
    offset: int
    data: bytes


def read(path: Path) -> Iterator[Step]:
    """The calls in their order; a last one that is not whole is left out."""
    log = path.read_bytes()
    at = 0
    while at + _HEAD.size <= len(log):
        kind, file, offset, size = _HEAD.unpack_from(log, at)
        at += _HEAD.size + size
        if at > len(log):
            return
        yield Step(Kind(kind), file, offset, log[at - size : at])
