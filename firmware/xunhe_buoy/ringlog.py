"""Ring log of records on raw NOR flash: an appended record survives any power cut.

Partition: MicroPython's block protocol as esp32.Partition has it. `readblocks(block, buf, offset)`,
`writeblocks(block, buf, offset)` (NOR program: clears bits only), `ioctl(4)` number of blocks,
`ioctl(5)` their size, `ioctl(6, block)` erase.

    sector   4096 bytes: header, then 127 slots
    header   magic, serial, erase count, dropped in all, CRC-32   20 bytes
             six intents (pending, its complement)                12 bytes
    slot     record.pack_slot, blank up to byte 31, then the mark: FF pending, else freed

Rules
    1. Sectors are used in physical order; the greatest serial is the newest. An unreadable header
       means that the sector is not part of the log: it is erased before use.
    2. A sector is erased only when the writer needs it. Before the erase an intent in the newest
       header says how many pending records go: that byte pair is the commit, and a mount that
       finds it treats the k-th sector behind as gone, however much of it is still there.
       So `dropped` is exact over any cut (after six torn intents in a row it would not be).
    3. A slot that is neither blank nor whole is torn: passed over and counted.
    4. Sequence and boot numbers only grow, so the newest whole record has the last of both.
"""

import array
import binascii
import errno
import struct

from xunhe_buoy import record

SECTOR_SIZE = 4096
HEADER_SIZE = 32
SLOTS = (SECTOR_SIZE - HEADER_SIZE) // record.SLOT_SIZE

_MAGIC = b"XHL1"
_FIELDS = ">4sIII"
_CRC_AT = 16
_INTENTS_AT = 20
_MARK_AT = record.SLOT_SIZE - 1
_BLANK = b"\xff" * record.SLOT_SIZE
_TRIES = 8  # slots that may fail to take a record before append gives up
_COUNT, _SIZE, _ERASE = 4, 5, 6  # ioctl numbers of the block protocol


class RingLog:
    """Mounts on construction, whatever the flash holds.

    RAM: 9 bytes a sector, and one sector's buffer while mounting.
    """

    def __init__(self, partition):
        self._flash = partition
        self._sectors = partition.ioctl(_COUNT, 0)
        if partition.ioctl(_SIZE, 0) != SECTOR_SIZE or self._sectors < 2:
            raise ValueError("a ring log needs at least 2 sectors of %d bytes" % SECTOR_SIZE)
        self._serial = array.array("I", bytes(4 * self._sectors))  # 0: not part of the log
        self._erases = array.array("I", bytes(4 * self._sectors))
        self._pending = bytearray(self._sectors)
        self._slot_buf = bytearray(record.SLOT_SIZE)
        self.pending_count = 0
        self.dropped = 0
        self.torn = 0
        self.next_seq = 0
        self.last_boot = 0
        self._mount()

    # -- using it

    def append(self, entry):
        """Store a record; it is on flash when this returns. OSError(EIO) where flash is worn."""
        data = record.pack_slot(entry)
        data += _BLANK[len(data) :]
        for _ in range(_TRIES):
            if self._slot == SLOTS:
                self._open_next_sector()
            at = _slot_at(self._slot)
            self._slot += 1
            self._flash.writeblocks(self._here, data[:_MARK_AT], at)
            self._flash.readblocks(self._here, self._slot_buf, at)
            if self._slot_buf == data:
                self._count_pending(self._here, 1)
                self._remember(entry)
                return
            self.torn += 1
        raise OSError(errno.EIO)

    def pending(self, limit):
        """Up to `limit` pending records, oldest first, that fit into one batch."""
        run = []
        for sector in self._oldest_first():
            for slot in range(SLOTS):
                entry = self._pending_at(sector, slot)
                if entry is None:
                    continue
                if run and not record.joinable(run[-1], entry):
                    return run
                run.append(entry)
                if len(run) >= limit:
                    return run
        return run

    def acknowledge(self, boot, seq, count):
        """Free records seq … seq + count - 1 of a boot; returns how many were pending."""
        freed = 0
        for sector in self._oldest_first():
            for slot in range(SLOTS):
                entry = self._pending_at(sector, slot)
                if entry is None:
                    continue
                if entry.seq >= seq + count:
                    return freed
                if entry.boot == boot and entry.seq >= seq:
                    self._flash.writeblocks(sector, b"\x00", _slot_at(slot) + _MARK_AT)
                    self._count_pending(sector, -1)
                    freed += 1
        return freed

    def erase_counts(self):
        """(smallest, greatest) erase count of the sectors in use; wear for the status."""
        used = [n for n in self._erases if n] or [0]
        return min(used), max(used)

    # -- reading

    def _oldest_first(self):
        """Sectors with pending records in the order of their writing."""
        for i in range(1, self._sectors + 1):
            sector = (self._here + i) % self._sectors
            if self._pending[sector]:
                yield sector

    def _pending_at(self, sector, slot):
        buf = self._slot_buf
        self._flash.readblocks(sector, buf, _slot_at(slot))
        return _pending_record(buf)

    def _count_pending(self, sector, change):
        self._pending[sector] += change
        self.pending_count += change

    def _remember(self, entry):
        self.next_seq = max(self.next_seq, entry.seq + 1)
        self.last_boot = max(self.last_boot, entry.boot)

    # -- writing

    def _open_next_sector(self):
        """Recycle the oldest sector; one that does not take its header is passed over."""
        for k in range(1, self._sectors):
            sector = (self._here + k) % self._sectors
            if k > self._intents:
                self._intend(self._pending[sector])
            self._forget(sector)
            self._flash.ioctl(_ERASE, sector)
            if self._write_header(sector):
                self._here, self._slot, self._intents = sector, 0, 0
                return
        raise OSError(errno.EIO)

    def _intend(self, pending):
        """Commit to losing the next sector with its pending records."""
        self.dropped += pending
        self._intents += 1
        if not self._serial[self._here]:
            return  # an empty log has no header to write into
        pair = bytearray(2)
        for at in range(_INTENTS_AT, HEADER_SIZE, 2):
            self._flash.readblocks(self._here, pair, at)
            if pair == b"\xff\xff":
                self._flash.writeblocks(self._here, bytes((pending, pending ^ 0xFF)), at)
                return

    def _forget(self, sector):
        self._count_pending(sector, -self._pending[sector])
        self._serial[sector] = 0

    def _write_header(self, sector):
        serial = self._serial[self._here] + 1
        known = self._erases[sector]  # 0 where its header went with a power cut
        erases = known + 1 if known else max(self._erases) or 1
        head = struct.pack(_FIELDS, _MAGIC, serial, erases, self.dropped)
        head += struct.pack(">I", _crc32(head))
        self._flash.writeblocks(sector, head, 0)
        written = bytearray(len(head))
        self._flash.readblocks(sector, written, 0)
        if written != head:
            return False
        self._serial[sector], self._erases[sector] = serial, erases
        return True

    # -- mounting

    def _mount(self):
        buf = bytearray(SECTOR_SIZE)
        for sector in range(self._sectors):
            if self._read_sector(sector, buf):
                self._index(sector, memoryview(buf))
        self._here = self._newest()
        self._intents = 0
        self._slot = SLOTS  # an empty log begins behind a full sector that is not there
        if self._serial[self._here] and self._read_sector(self._here, buf):
            self._slot = _first_free(memoryview(buf))
            self._carry_out_intents(buf)
            self._find_last(buf)

    def _newest(self):
        newest = self._sectors - 1
        for sector in range(self._sectors):
            if self._serial[sector] > self._serial[newest]:
                newest = sector
        return newest

    def _read_sector(self, sector, buf):
        try:
            self._flash.readblocks(sector, buf, 0)
        except OSError:  # a sector that cannot be read is not part of the log
            return False
        return True

    def _index(self, sector, view):
        head = _parse_header(view)
        if head is None:
            return
        self._serial[sector], self._erases[sector], _ = head
        for slot in range(SLOTS):
            at = _slot_at(slot)
            entry = view[at : at + record.SLOT_SIZE]
            if entry[_MARK_AT] != 0xFF or entry == _BLANK:
                continue
            found = _pending_record(entry)
            if found is None:
                self.torn += 1
            else:
                self._count_pending(sector, 1)
                self._remember(found)

    def _carry_out_intents(self, buf):
        self.dropped = _parse_header(memoryview(buf))[2]
        for at in range(_INTENTS_AT, HEADER_SIZE, 2):
            if buf[at] ^ buf[at + 1] == 0xFF and self._intents < self._sectors - 1:
                self._intents += 1
                self.dropped += buf[at]
                self._forget((self._here + self._intents) % self._sectors)

    def _find_last(self, buf):
        """The last sequence and boot number, freed or not: of the newest whole record."""
        for i in range(self._sectors):
            sector = (self._here - i) % self._sectors
            if not self._serial[sector] or not self._read_sector(sector, buf):
                continue
            for slot in range(SLOTS - 1, -1, -1):
                found = _whole_record(memoryview(buf)[_slot_at(slot) : _slot_at(slot + 1)])
                if found is not None:
                    self._remember(found)
                    return


def _slot_at(slot):
    return HEADER_SIZE + slot * record.SLOT_SIZE


def _crc32(data):
    return binascii.crc32(data) & 0xFFFFFFFF


def _parse_header(view):
    """(serial, erase count, dropped) or None where the header is blank, torn or damaged."""
    magic, serial, erases, dropped = struct.unpack(_FIELDS, view[:_CRC_AT])
    (crc,) = struct.unpack(">I", view[_CRC_AT:_INTENTS_AT])
    if magic != _MAGIC or serial == 0 or _crc32(view[:_CRC_AT]) != crc:
        return None
    return serial, erases, dropped


def _first_free(view):
    """The slot behind the last one that is not blank."""
    slot = SLOTS
    while slot and view[_slot_at(slot - 1) : _slot_at(slot)] == _BLANK:
        slot -= 1
    return slot


def _pending_record(slot):
    return None if slot[_MARK_AT] != 0xFF else _whole_record(slot)


def _whole_record(slot):
    if slot == _BLANK:
        return None
    try:
        return record.unpack_slot(slot)
    except record.FrameError:
        return None
