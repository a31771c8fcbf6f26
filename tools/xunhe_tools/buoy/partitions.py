"""The buoy's partition table, in the binary form that the chip reads.

Source: "Partition Tables" of the ESP-IDF programming guide 5.5. A stock MicroPython image gives all
that its program leaves to the file system; the buoy's ring log needs a part of that.
"""

import hashlib
import struct
from dataclasses import dataclass

TABLE_AT = 0x8000
PROGRAM_END = 0x200000  # MicroPython's images for the ESP32-S3 end before it
_TABLE_SIZE = 0xC00
_MIB = 1 << 20
_APP, _DATA = 0, 1
_FACTORY, _PHY, _NVS, _UNDEFINED, _FAT = 0x00, 0x01, 0x02, 0x06, 0x81


@dataclass(frozen=True, slots=True)
class Partition:
    """A part of the flash; `offset` and `size` in bytes."""

    name: str
    kind: int
    subtype: int
    offset: int
    size: int


def layout(flash_bytes: int) -> list[Partition]:
    """The partitions for a flash of 4 MiB or more; ValueError below.

    8 MiB hold 47,000 readings (32 days at one a minute), 4 MiB a quarter of that. The file system
    has to take two slots of 0.65 MiB and a bundle: littlefs gives each file 4 KiB at least.
    """
    if flash_bytes < 4 * _MIB:
        raise ValueError(f"flash of {flash_bytes // _MIB} MiB, at least 4 MiB are needed")
    is_large = flash_bytes >= 8 * _MIB
    files, log = (4 * _MIB, 2 * _MIB) if is_large else (_MIB * 3 // 2, _MIB // 2)
    return [
        Partition("nvs", _DATA, _NVS, 0x9000, 0x6000),
        Partition("phy_init", _DATA, _PHY, 0xF000, 0x1000),
        Partition("factory", _APP, _FACTORY, 0x10000, PROGRAM_END - 0x10000),
        Partition("vfs", _DATA, _FAT, PROGRAM_END, files),  # the type says fat, it holds littlefs
        Partition("ringlog", _DATA, _UNDEFINED, PROGRAM_END + files, log),
    ]


def table(partitions: list[Partition]) -> bytes:
    """As it stands at TABLE_AT, with its MD5."""
    rows = b"".join(
        struct.pack(
            "<2sBBII16sI", b"\xaa\x50", p.kind, p.subtype, p.offset, p.size, p.name.encode(), 0
        )
        for p in partitions
    )
    rows += b"\xeb\xeb" + b"\xff" * 14 + hashlib.md5(rows, usedforsecurity=False).digest()
    return rows.ljust(_TABLE_SIZE, b"\xff")


def with_table(image: bytes, flash_bytes: int) -> bytes:
    """A whole image with the buoy's table in the place of its own. ValueError where it is none."""
    if len(image) <= 0x10000 or len(image) > PROGRAM_END:
        raise ValueError(f"image of {len(image)} bytes: give the whole one, which starts at 0")
    return image[:TABLE_AT] + table(layout(flash_bytes)) + image[TABLE_AT + _TABLE_SIZE :]
