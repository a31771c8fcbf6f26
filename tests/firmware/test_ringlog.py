"""The ring log over power cuts: a record whose append returned is there, once, unchanged."""

import random

import pytest
from nor import Nor, PowerCut

from xunhe_buoy import record
from xunhe_buoy.ringlog import SLOTS, RingLog


def entry(seq, boot=1, time_s=None):
    scaled = (seq % 30000, 7000, 8000, 50, None)
    flags = (record.GOOD, record.GOOD, record.SUSPECT, record.GOOD, record.MISSING)
    return record.Record(
        boot, seq, 1_700_000_000 + 60 * seq if time_s is None else time_s, scaled, flags
    )


def drain(log):
    """Every pending record in order, freeing nothing: read with a fresh index."""
    found = []
    for sector in log._oldest_first():
        for slot in range(SLOTS):
            item = log._pending_at(sector, slot)
            if item is not None:
                found.append(item)
    return found


def fill(log, first, count, boot=1):
    for seq in range(first, first + count):
        log.append(entry(seq, boot))


def test_an_empty_flash_mounts_as_an_empty_log():
    log = RingLog(Nor(2))
    assert (log.pending_count, log.next_seq, log.last_boot, log.dropped, log.torn) == (
        0,
        0,
        0,
        0,
        0,
    )
    assert log.pending(10) == []


def test_what_was_appended_is_pending_oldest_first_also_after_a_mount():
    flash = Nor(4)
    fill(RingLog(flash), 0, 200)
    log = RingLog(flash)
    assert [r.seq for r in log.pending(300)] == list(range(200))
    assert log.pending(3) == [entry(0), entry(1), entry(2)]
    assert (log.next_seq, log.last_boot, log.pending_count) == (200, 1, 200)


def test_pending_stops_where_records_do_not_join():
    log = RingLog(Nor(4))
    log.append(entry(0))
    log.append(entry(1, boot=2))
    log.append(entry(2, boot=2, time_s=5))
    assert [r.seq for r in log.pending(10)] == [0]
    log.acknowledge(1, 0, 1)
    assert [r.seq for r in log.pending(10)] == [1]


def test_acknowledged_records_stay_freed_and_numbers_go_on():
    flash = Nor(4)
    log = RingLog(flash)
    fill(log, 0, 10)
    assert log.acknowledge(1, 0, 4) == 4
    assert log.acknowledge(1, 0, 4) == 0
    assert log.acknowledge(2, 4, 4) == 0  # another boot's records are not ours
    assert log.acknowledge(1, 4, 6) == 6
    again = RingLog(flash)
    assert (again.pending_count, again.next_seq, again.last_boot) == (0, 10, 1)


@pytest.mark.parametrize("records", [SLOTS * 3 - 1, SLOTS * 3, SLOTS * 3 + 1, SLOTS * 7 + 5])
def test_overflow_drops_the_oldest_and_counts_them_exactly(records):
    flash = Nor(3)
    log = RingLog(flash)
    fill(log, 0, records)
    for view in (log, RingLog(flash)):
        kept = [r.seq for r in drain(view)]
        assert kept == list(range(records - len(kept), records))
        assert view.dropped == records - len(kept)
        assert len(kept) > SLOTS


def test_acknowledged_records_are_not_counted_as_dropped():
    flash = Nor(2)
    log = RingLog(flash)
    fill(log, 0, SLOTS * 2)
    log.acknowledge(1, 0, 100)
    fill(log, SLOTS * 2, 1)
    assert log.dropped == SLOTS - 100
    assert RingLog(flash).dropped == SLOTS - 100


def test_wear_is_spread_over_all_sectors():
    flash = Nor(8)
    fill(RingLog(flash), 0, SLOTS * 8 * 10)
    assert max(flash.erases) - min(flash.erases) <= 1
    assert RingLog(flash).erase_counts() == (min(flash.erases), max(flash.erases))


def test_a_mount_survives_random_bytes():
    rng = random.Random(5)
    for _ in range(30):
        flash = Nor(3)
        flash.data = bytearray(rng.randbytes(len(flash.data)))
        log = RingLog(flash)
        assert log.pending_count == 0
        log.append(entry(7))
        assert RingLog(flash).pending(1) == [entry(7)]


def test_a_mount_survives_damage_anywhere_and_alters_nothing():
    rng = random.Random(6)
    for _ in range(60):
        flash = Nor(3)
        fill(RingLog(flash), 0, 300)
        for _ in range(20):
            flash.data[rng.randrange(len(flash.data))] ^= 1 << rng.randrange(8)
        for found in drain(RingLog(flash)):
            assert found == entry(found.seq)


class Story:
    """What a buoy does until the power goes, and what must hold afterwards."""

    def __init__(self, sectors, seed):
        self.flash = Nor(sectors, random=random.Random(seed))
        self.stored = {}  # seq → record, append returned and not acknowledged
        self.maybe = {}  # seq → record, append or acknowledge was cut
        self.boot = 0
        self.dropped = 0

    def live(self, appends):
        """Mount, check, then append and acknowledge; PowerCut comes out of it anywhere."""
        log = RingLog(self.flash)
        self.check(log)
        self.boot = max(self.boot, log.last_boot) + 1
        for i in range(appends):
            item = entry(log.next_seq, self.boot)
            self.maybe[item.seq] = item
            log.append(item)
            self.stored[item.seq] = self.maybe.pop(item.seq)
            if i % 10 == 9 and (i // 50) % 2:  # slower than they come: the log overflows
                self.acknowledge(log)

    def acknowledge(self, log):
        run = log.pending(4)
        for item in run:
            self.stored.pop(item.seq, None)
            self.maybe[item.seq] = item
        log.acknowledge(run[0].boot, run[0].seq, len(run))
        for item in run:
            del self.maybe[item.seq]

    def check(self, log):
        found = drain(log)
        assert len(found) == log.pending_count
        assert len({r.seq for r in found}) == len(found), "a record was doubled"
        for item in found:
            known = self.stored.get(item.seq) or self.maybe.get(item.seq)
            assert item == known, "a record was altered"
        lost = set(self.stored) - {r.seq for r in found}
        oldest = min((r.seq for r in found if r.seq in self.stored), default=1 << 32)
        assert all(seq < oldest for seq in lost), "a record was lost from the middle"
        # Lost are exactly those that the overflow counted, give or take what was cut in between.
        counted = log.dropped - self.dropped
        assert len(lost) <= counted <= len(lost) + len(self.maybe), "dropped is not exact"
        self.dropped = log.dropped
        self.stored = {r.seq: r for r in found}
        self.maybe = {}


def operations_of(sectors, appends, lives):
    story = Story(sectors, 0)
    for _ in range(lives):
        story.live(appends)
    return story.flash.operations


def sweep(sectors, appends, cuts, seed):
    """Cut at each operation in `cuts`, then cut the recovery too, then look."""
    for cut in cuts:
        story = Story(sectors, seed + cut)
        story.flash.cut_at = cut
        for again in (1, 2, 5, 40, 0):
            try:
                story.live(appends)
            except PowerCut:
                story.flash.cut_at = story.flash.operations + again if again else 0
        story.flash.cut_at = 0
        story.live(3)
        story.check(RingLog(story.flash))


def test_no_cut_loses_doubles_or_alters_a_record():
    total = operations_of(2, 3 * SLOTS, 1)
    near_recycling = [n for n in range(1, total) if n % SLOTS in range(8)]
    sweep(2, 3 * SLOTS, near_recycling + list(range(1, total, 5)), seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_no_cut_at_any_operation_loses_doubles_or_alters_a_record(seed):
    for sectors in (2, 3):
        total = operations_of(sectors, 4 * SLOTS, 1)
        sweep(sectors, 4 * SLOTS, range(1, total + 1), seed=1000 * seed)


def test_the_sweep_can_fail(monkeypatch):
    """Negative control: a log that erases before it commits to dropping miscounts."""
    monkeypatch.setattr(RingLog, "_intend", lambda log, pending: None)
    with pytest.raises(AssertionError, match="dropped"):
        sweep(2, 3 * SLOTS, range(2 * SLOTS, 2 * SLOTS + 60, 7), seed=3)
