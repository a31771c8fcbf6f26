"""A sector of the ring log as it stands on flash: header and slots. Pure; rules in ringlog.py.

sector   4096 bytes: header, then 92 slots; 512 of them, 2 MiB, hold 47,012 records
header   magic, serial, erase count, dropped in all, first seq, CRC-32   24 bytes
         00 once all is freed, spare                                      2 bytes
         eleven intents (pending, its complement)                        22 bytes
slot     flash_entry.pack, blank up to the last byte, the mark: FF pending, else freed
"""

import binascii
import struct

from xunhe_buoy import flash_entry

SIZE = 4096  # of an ESP32's flash; tests use smaller ones
HEADER_SIZE = 48
FREED_AT = 24
INTENTS_AT = 26
SLOT_SIZE = flash_entry.SIZE
MARK_AT = SLOT_SIZE - 1
SLOTS = (SIZE - HEADER_SIZE) // SLOT_SIZE
BLANK = b"\xff" * SLOT_SIZE

SNAPSHOT = ">HHHIIHIII"  # sectors, newest, slot, serial, next seq, boot, dropped, torn, erases
SNAPSHOT_SIZE = 28

_MAGIC = b"XHL2"
_FIELDS = ">4sIIII"
_CRC_AT = 20


class Header:
    """A sector's header as it stands on flash."""

    def __init__(self, fields, buf):
        self.serial, self.erases, self.dropped, self.first_seq = fields
        self.is_freed = buf[FREED_AT] == 0
        self.marks = buf[INTENTS_AT:]


def slots_in(size):
    """How many a sector of so many bytes holds."""
    return (size - HEADER_SIZE) // SLOT_SIZE


def read_header(flash, sector):
    """As parse_header; None also where the sector cannot be read: it is not part of the log."""
    buf = bytearray(HEADER_SIZE)
    try:
        flash.readblocks(sector, buf, 0)
    except OSError:
        return None
    return parse_header(buf)


def parse_header(buf):
    """The header, or None where it is blank, torn or damaged."""
    magic, *fields = struct.unpack(_FIELDS, buf[:_CRC_AT])
    (crc,) = struct.unpack(">I", buf[_CRC_AT:FREED_AT])
    if magic != _MAGIC or fields[0] == 0 or _crc32(buf[:_CRC_AT]) != crc:
        return None
    return Header(fields, buf)


def pack_header(serial, erases, dropped, first_seq):
    """The bytes of a header without its marks."""
    head = struct.pack(_FIELDS, _MAGIC, serial, erases, dropped, first_seq)
    return head + struct.pack(">I", _crc32(head))


def slot_at(slot):
    """Offset of a slot in its sector."""
    return HEADER_SIZE + slot * SLOT_SIZE


def _crc32(data):
    return binascii.crc32(data) & 0xFFFFFFFF


def whole(slot):
    """(record, raw integers) of a slot, freed or not; None where it is blank, torn or damaged."""
    if slot == BLANK or not flash_entry.is_whole(slot):
        return None
    return flash_entry.unpack(slot)
