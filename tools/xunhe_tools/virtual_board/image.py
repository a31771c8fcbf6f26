"""An image file for virtual boards: whole as Espressif's format goes, with nothing to run in it.

Layout as MicroPython's for the ESP32-S3: boot loader at 0, partition table at 0x8000, program at
0x10000. Format: "Firmware Image Format" in esptool's documentation.
"""

import hashlib
import struct
from functools import reduce
from operator import xor

_CHIP_ESP32S3 = 9
_LOAD_AT = 0x3FC88000  # data RAM
_PROGRAM_AT = 0x3C000020  # data in flash: the description of the program lies there
_CHECKSUM_SEED = 0xEF
_DESCRIPTION = "<IIII32s32s16s16s32s32s80s"  # esp_app_desc_t
_DESCRIPTION_MAGIC = 0xABCD5432
TABLE_AT, APP_AT = 0x8000, 0x10000
FLASH_4MB, FLASH_8MB = 0x20, 0x30  # in the header, over the frequency


def make_image(flash: int = FLASH_4MB, chip: int = _CHIP_ESP32S3) -> bytes:
    """All that is written at 0."""
    image = bytearray(b"\xff" * APP_AT)
    loader = _segments(flash, chip, [(_LOAD_AT, b"virtual boot loader ")])
    image[: len(loader)] = loader
    return bytes(image) + _segments(flash, chip, [(_PROGRAM_AT, _description())])


def _description() -> bytes:
    names = (b"1.29.0", b"micropython", b"00:00:00", b"Jan  1 2026", b"v5.5")
    return struct.pack(_DESCRIPTION, _DESCRIPTION_MAGIC, 0, 0, 0, *names, bytes(32), bytes(80))


def _segments(flash: int, chip: int, parts: list[tuple[int, bytes]]) -> bytes:
    """One image: header, segments, checksum, digest."""
    header = struct.pack("<BBBBI", 0xE9, len(parts), 0x02, flash | 0x0F, _LOAD_AT)
    header += struct.pack("<BBBBHBHHBBBBB", 0xEE, 0, 0, 0, chip, 0, 0, 0xFFFF, 0, 0, 0, 0, 1)
    body = b"".join(struct.pack("<II", at, len(data)) + data for at, data in parts)
    checksum = reduce(xor, b"".join(data for _, data in parts), _CHECKSUM_SEED)
    image = header + body
    image += bytes(15 - len(image) % 16) + bytes([checksum])
    return image + hashlib.sha256(image).digest()
