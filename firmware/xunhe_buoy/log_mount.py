"""What the flash holds when the ring log begins, found by its rules (ringlog.py). Reads only."""

import struct

from xunhe_buoy import flash_entry, log_sector
from xunhe_buoy.log_sector import (
    BLANK,
    MARK_AT,
    SNAPSHOT,
    SNAPSHOT_SIZE,
    read_header,
    slot_at,
)


def mount(partition, sectors, sector_size, snapshot):
    """(fields of a snapshot, intents carried out, pending records of each sector).

    `snapshot`: what RingLog.snapshot gave before a deep sleep; it spares the search.
    """
    found = _Found(partition, sectors, sector_size)
    if not found.resume(snapshot):
        found = _Found(partition, sectors, sector_size)
        found.search()
    return found.fields, found.intents, found.pending


class _Found:
    def __init__(self, partition, sectors, sector_size):
        self._flash = partition
        self._sectors = sectors
        self._sector_size = sector_size
        self._slots = log_sector.slots_in(sector_size)
        self._here, self._serial = sectors - 1, 0  # the newest sector; serial 0: the log is empty
        self._slot = self._slots  # an empty log begins behind a full sector that is not there
        self._next_seq = self._last_boot = self._dropped = self._torn = self._erases = 0
        self.intents = 0
        self.pending = bytearray(sectors)

    @property
    def fields(self):
        """As in a snapshot, without the number of sectors."""
        where = (self._here, self._slot, self._serial, self._next_seq, self._last_boot)
        return where + (self._dropped, self._torn, self._erases)

    def resume(self, snapshot):
        """True where the snapshot is of this flash as it is now."""
        if not SNAPSHOT_SIZE <= len(snapshot) <= SNAPSHOT_SIZE + self._sectors:
            return False
        fields = struct.unpack(SNAPSHOT, snapshot[:SNAPSHOT_SIZE])
        sectors, self._here, self._slot, self._serial, self._next_seq = fields[:5]
        self._last_boot, self._dropped, self._torn, self._erases = fields[5:]
        if sectors != self._sectors or self._here >= sectors or self._slot > self._slots:
            return False
        return self._is_as_left() and self._is_counted(snapshot[SNAPSHOT_SIZE:])

    def _is_as_left(self):
        head = read_header(self._flash, self._here)
        if head is None or head.serial != self._serial or _intents(head, self._sectors):
            return False
        slot = bytearray(log_sector.SLOT_SIZE)
        if self._slot < self._slots:
            self._flash.readblocks(self._here, slot, slot_at(self._slot))
        return self._slot == self._slots or slot == BLANK

    def _is_counted(self, pending):
        self.pending[: len(pending)] = pending  # without the zeros at its end
        for sector in range(len(pending)):
            if pending[sector] and read_header(self._flash, sector) is None:
                return False
        return True

    def search(self):
        """Look at every sector."""
        buf = bytearray(self._sector_size)
        newest = None
        for sector in range(self._sectors):
            head = read_header(self._flash, sector)
            if head is None:
                continue
            self._erases = max(self._erases, head.erases)
            if not head.is_freed and self._is_read(sector, buf):
                self._index(sector, memoryview(buf))
            if head.serial > self._serial:
                self._here, self._serial, newest = sector, head.serial, head
        if newest is not None and self._is_read(self._here, buf):
            self._slot = _first_free(memoryview(buf), self._slots)
            self._carry_out(newest)
            self._find_last(buf)

    def _is_read(self, sector, buf):
        try:
            self._flash.readblocks(sector, buf, 0)
        except OSError:
            return False
        return True

    def _index(self, sector, view):
        for slot in range(self._slots):
            entry = view[slot_at(slot) : slot_at(slot + 1)]
            if entry[MARK_AT] != 0xFF or entry == BLANK:
                continue
            if flash_entry.is_whole(entry):
                self.pending[sector] += 1
            else:
                self._torn += 1

    def _carry_out(self, newest):
        """Do what the newest header says was begun."""
        self._dropped = newest.dropped
        for pending in _intents(newest, self._sectors):
            self.intents += 1
            self._dropped += pending
            self.pending[(self._here + self.intents) % self._sectors] = 0

    def _find_last(self, buf):
        """The last sequence and boot number, freed or not: of the newest whole record."""
        for i in range(self._sectors):
            sector = (self._here - i) % self._sectors
            if read_header(self._flash, sector) is None or not self._is_read(sector, buf):
                continue
            for slot in range(self._slots - 1, -1, -1):
                found = log_sector.whole(memoryview(buf)[slot_at(slot) : slot_at(slot + 1)])
                if found is not None:
                    self._next_seq, self._last_boot = found[0].seq + 1, found[0].boot
                    return


def _intents(head, sectors):
    """Pending counts of the sectors behind that were given up, in their order."""
    marks = head.marks
    pairs = range(0, len(marks), 2)
    return [marks[at] for at in pairs if marks[at] ^ marks[at + 1] == 0xFF][: sectors - 1]


def _first_free(view, slots):
    """The slot behind the last one that is not blank."""
    slot = slots
    while slot and view[slot_at(slot - 1) : slot_at(slot)] == BLANK:
        slot -= 1
    return slot
