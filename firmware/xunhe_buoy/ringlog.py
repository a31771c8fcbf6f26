"""Ring log of records on raw NOR flash: an appended record survives any power cut.

Partition: MicroPython's block protocol as esp32.Partition has it. `readblocks(block, buf, offset)`,
`writeblocks(block, buf, offset)` (NOR program: clears bits only), `ioctl(4)` number of blocks,
`ioctl(5)` their size, `ioctl(6, block)` erase. What stands in them: log_sector.py.

Rules
    1. Sectors are used in physical order; the greatest serial is the newest. An unreadable header
       means that the sector is not part of the log: it is erased before use.
    2. A sector is erased only when the writer needs it. Before the erase an intent in the newest
       header says how many pending records go: that byte pair is the commit, and a mount that
       finds it treats the k-th sector behind as gone, however much of it is still there.
       So `dropped` is exact over any cut (after eleven torn intents in a row it would not be).
    3. A slot that is neither blank nor whole is torn: passed over and counted.
    4. Sequence and boot numbers only grow, so the newest whole record has the last of both.
    5. A mount passes over a sector whose header says that all of it is freed; it says so only
       after every mark in it is on flash.
"""

import errno
import struct

from xunhe_buoy import flash_entry, log_sector, record, visiting
from xunhe_buoy.log_sector import (
    BLANK,
    FREED_AT,
    HEADER_SIZE,
    INTENTS_AT,
    MARK_AT,
    SNAPSHOT,
    read_header,
    slot_at,
)

_TRIES = 8  # slots that may fail to take a record before append gives up
_COUNT, _SIZE, _ERASE = 4, 5, 6  # ioctl numbers of the block protocol


class RingLog:
    """Mounts on construction, whatever the flash holds.

    `snapshot`: what `snapshot` gave before a deep sleep; nothing else may have written since.
    RAM: a byte a sector, and one sector's buffer while mounting.
    """

    def __init__(self, partition, snapshot=b""):
        self._flash = partition
        self._sectors = partition.ioctl(_COUNT, 0)
        sector_size = partition.ioctl(_SIZE, 0)
        self._slots = log_sector.slots_in(sector_size)
        if self._sectors < 2 or not 0 < self._slots < 256:
            raise ValueError("a ring log needs at least 2 sectors of up to 8 KiB")
        self._slot_buf = bytearray(log_sector.SLOT_SIZE)
        fields, self._intents, self._pending = visiting.call(
            "log_mount", "mount", partition, self._sectors, sector_size, snapshot
        )
        # The newest sector, its next slot and its serial; serial 0: the log is empty.
        self._here, self._slot, self._serial, self.next_seq, self.last_boot = fields[:5]
        self.dropped, self.torn, self.erases = fields[5:]  # erases of the most worn sector
        self.pending_count = sum(self._pending)

    # -- using it

    def append(self, entry, raw=None):
        """Store a record; it is on flash when this returns. OSError(EIO) where flash is worn.

        `raw`: the raw integers behind its channels, None where there are none.
        """
        data = flash_entry.pack(entry, raw or (None,) * len(entry.scaled))
        data += BLANK[len(data) :]
        for _ in range(_TRIES):
            if self._slot == self._slots:
                self._open_next_sector(entry.seq)
            at = slot_at(self._slot)
            self._slot += 1
            self._flash.writeblocks(self._here, data[:MARK_AT], at)
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
        for entry in self.every_pending():
            if run and not record.joinable(run[-1], entry):
                break
            run.append(entry)
            if len(run) >= limit:
                break
        return run

    def every_pending(self):
        """All pending records, oldest first, as a generator."""
        for sector in self._oldest_first():
            for slot in range(self._slots):
                entry = self._pending_at(sector, slot)
                if entry is not None:
                    yield entry

    def newest(self):
        """The newest pending record, or None."""
        for sector in self._newest_first():
            for slot in range(self._slots - 1, -1, -1):
                entry = self._pending_at(sector, slot)
                if entry is not None:
                    return entry
        return None

    def acknowledge(self, boot, seq, count):
        """Free records seq … seq + count - 1 of a boot; returns how many were pending."""
        sectors = self._holding(seq, seq + count)
        freed = 0
        for sector in sectors:
            freed += self._free(sector, boot, seq, count)
        return freed

    def kept(self, first, last):
        """(record, raw integers) of the records seq first … last that are still on flash."""
        for i in range(1, self._sectors + 1):
            sector = (self._here + i) % self._sectors
            head = read_header(self._flash, sector)
            if head is None or head.first_seq > last or self._is_before(sector, first):
                continue
            for slot in range(self._slots):
                found = log_sector.whole(self._read_slot(sector, slot))
                if found is not None and first <= found[0].seq <= last:
                    yield found

    def snapshot(self):
        """What spares the next mount its search, for the RTC memory over a deep sleep."""
        fields = (self._sectors, self._here, self._slot, self._serial, self.next_seq)
        fields += (self.last_boot, self.dropped, self.torn, self.erases)
        return struct.pack(SNAPSHOT, *fields) + bytes(self._pending).rstrip(b"\x00")

    # -- reading

    def _oldest_first(self):
        """Sectors with pending records in the order of their writing."""
        for i in range(1, self._sectors + 1):
            sector = (self._here + i) % self._sectors
            if self._pending[sector]:
                yield sector

    def _newest_first(self):
        for i in range(self._sectors):
            sector = (self._here - i) % self._sectors
            if self._pending[sector]:
                yield sector

    def _holding(self, seq, end):
        """Sectors with pending records that may have some of seq … end - 1."""
        head = read_header(self._flash, self._here)
        if self._pending[self._here] and head is not None and head.first_seq <= seq:
            yield self._here  # the live reading, however long the backlog is
            return
        for sector in self._oldest_first():
            head = read_header(self._flash, sector)
            if head is not None and head.first_seq >= end:
                return
            if not self._is_before(sector, seq):
                yield sector

    def _read_slot(self, sector, slot):
        self._flash.readblocks(sector, self._slot_buf, slot_at(slot))
        return self._slot_buf

    def _pending_at(self, sector, slot):
        buf = self._read_slot(sector, slot)
        found = log_sector.whole(buf) if buf[MARK_AT] == 0xFF else None
        return found and found[0]

    def _is_before(self, sector, seq):
        """True where a later sector begins at or before `seq`: this one holds older records."""
        after = read_header(self._flash, (sector + 1) % self._sectors)
        return sector != self._here and after is not None and after.first_seq <= seq

    def _count_pending(self, sector, change):
        self._pending[sector] += change
        self.pending_count += change

    def _remember(self, entry):
        self.next_seq = max(self.next_seq, entry.seq + 1)
        self.last_boot = max(self.last_boot, entry.boot)

    # -- writing

    def _free(self, sector, boot, seq, count):
        freed = 0
        for slot in range(self._slots):
            buf = self._read_slot(sector, slot)
            its_boot, its_seq = record.slot_identity(buf)
            is_meant = its_boot == boot and seq <= its_seq < seq + count
            if is_meant and buf[MARK_AT] == 0xFF and flash_entry.is_whole(buf):
                self._flash.writeblocks(sector, b"\x00", slot_at(slot) + MARK_AT)
                self._count_pending(sector, -1)
                freed += 1
        if sector != self._here:
            self._note_freed(sector)
        return freed

    def _note_freed(self, sector):
        if not self._pending[sector]:
            self._flash.writeblocks(sector, b"\x00", FREED_AT)

    def _open_next_sector(self, first_seq):
        """Recycle the oldest sector; one that does not take its header is passed over."""
        if self._serial:
            self._note_freed(self._here)
        for k in range(1, self._sectors):
            sector = (self._here + k) % self._sectors
            if k > self._intents:
                self._intend(self._pending[sector])
            self._count_pending(sector, -self._pending[sector])
            head = read_header(self._flash, sector)
            # Unreadable on a new flash or after a cut: as worn as the most worn.
            erases = max(1, self.erases) if head is None else head.erases + 1
            self._flash.ioctl(_ERASE, sector)
            if self._write_header(sector, erases, first_seq):
                self._here, self._slot, self._intents = sector, 0, 0
                return
        raise OSError(errno.EIO)

    def _intend(self, pending):
        """Commit to losing the next sector with its pending records."""
        self.dropped += pending
        self._intents += 1
        if not self._serial:
            return  # an empty log has no header to write into
        pair = bytearray(2)
        for at in range(INTENTS_AT, HEADER_SIZE, 2):
            self._flash.readblocks(self._here, pair, at)
            if pair == b"\xff\xff":
                self._flash.writeblocks(self._here, bytes((pending, pending ^ 0xFF)), at)
                return

    def _write_header(self, sector, erases, first_seq):
        serial = self._serial + 1
        head = log_sector.pack_header(serial, erases, self.dropped, first_seq)
        self._flash.writeblocks(sector, head, 0)
        written = bytearray(len(head))
        self._flash.readblocks(sector, written, 0)
        if written != head:
            return False
        self._serial = serial
        self.erases = max(self.erases, erases)
        return True
