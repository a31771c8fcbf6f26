"""The ring log: a record whose append returned is there, once, unchanged, over any power cut."""

import random

import pytest
from nor import Nor

from xunhe_buoy import flash_entry, record
from xunhe_buoy.log_sector import HEADER_SIZE, SLOTS
from xunhe_buoy.ringlog import RingLog
from xunhe_tools.bench.firmware import ringlog_cuts


def entry(seq, boot=1, time_s=None):
    scaled = (seq % 30000, 7000, 8000, 50, None)
    flags = (record.GOOD, record.GOOD, record.SUSPECT, record.GOOD, record.MISSING)
    return record.Record(
        boot, seq, 1_700_000_000 + 60 * seq if time_s is None else time_s, scaled, flags
    )


def drain(log):
    """Every pending record in order, freeing nothing."""
    return list(log.every_pending())


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
    log.acknowledge(1, 0, 60)
    fill(log, SLOTS * 2, 1)
    assert log.dropped == SLOTS - 60
    assert RingLog(flash).dropped == SLOTS - 60


def test_wear_is_spread_over_all_sectors():
    flash = Nor(8)
    fill(RingLog(flash), 0, SLOTS * 8 * 10)
    assert max(flash.erases) - min(flash.erases) <= 1
    assert max(flash.erases) <= 1.2 * min(flash.erases)
    assert RingLog(flash).erases == max(flash.erases)


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


def test_two_mebibytes_hold_thirty_days_at_one_a_minute():
    flash = Nor(512)
    log = RingLog(flash)
    fill(log, 0, 43_200)
    assert (log.pending_count, log.dropped) == (43_200, 0)
    fill(log, 43_200, 21_600)  # fifteen days more without a link
    kept = drain(RingLog(flash))
    assert [r.seq for r in kept] == list(range(64_800 - len(kept), 64_800))
    assert log.dropped == 64_800 - len(kept)
    assert len(kept) >= 43_200


def test_the_live_reading_is_freed_though_the_backlog_before_it_waits():
    flash = Nor(4)
    log = RingLog(flash)
    fill(log, 0, 2 * SLOTS + 10)
    newest = log.newest()
    assert newest.seq == 2 * SLOTS + 9
    assert log.acknowledge(1, newest.seq, 1) == 1
    assert log.newest().seq == newest.seq - 1
    assert log.acknowledge(1, SLOTS + 3, 5) == 5
    waiting = [r.seq for r in drain(RingLog(flash))]
    assert waiting == [s for s in range(newest.seq) if not SLOTS + 3 <= s < SLOTS + 8]
    assert log.acknowledge(1, 0, newest.seq + 1) == len(waiting)
    assert log.newest() is RingLog(flash).newest() is None


def test_raw_values_stay_with_a_record_after_it_was_freed():
    flash = Nor(3)
    log = RingLog(flash)
    for seq in range(SLOTS + 20):
        log.append(entry(seq), (seq, -1773, None, 55, 3950))
    log.acknowledge(1, 0, SLOTS + 20)
    found = list(RingLog(flash).kept(SLOTS - 2, SLOTS + 1))
    assert found == [(entry(s), (s, -1773, None, 55, 3950)) for s in range(SLOTS - 2, SLOTS + 2)]
    assert list(log.kept(SLOTS + 20, SLOTS + 30)) == []


def test_a_mount_reads_no_slot_of_a_sector_that_is_freed(monkeypatch):
    flash = Nor(16)
    log = RingLog(flash)
    fill(log, 0, 12 * SLOTS + 5)
    log.acknowledge(1, 0, 12 * SLOTS)
    looked = []
    real = flash_entry.is_whole
    monkeypatch.setattr(flash_entry, "is_whole", lambda slot: looked.append(1) or real(slot))
    again = RingLog(flash)
    assert (again.pending_count, again.next_seq) == (5, 12 * SLOTS + 5)
    assert len(looked) < 10


def state_of(log):
    numbers = (log.pending_count, log.dropped, log.next_seq, log.last_boot, log.erases)
    return numbers, [r.seq for r in drain(log)]


@pytest.mark.parametrize("records", [0, 1, SLOTS, 2 * SLOTS + 7, 9 * SLOTS])
def test_a_log_goes_on_from_its_snapshot_as_from_a_mount(records):
    flash = Nor(4)
    log = RingLog(flash)
    fill(log, 0, records)
    log.acknowledge(1, records - 5, 3)
    resumed = RingLog(flash, log.snapshot())
    assert state_of(resumed) == state_of(RingLog(flash)) == state_of(log)
    fill(resumed, records, SLOTS + 3)
    assert state_of(RingLog(flash)) == state_of(resumed)


def test_a_snapshot_of_another_time_or_flash_is_not_believed():
    flash = Nor(4)
    log = RingLog(flash)
    fill(log, 0, 30)
    old = log.snapshot()
    fill(log, 30, 1)
    for snapshot in (old, old[:-1], b"", bytes(len(old)), b"\xff" * len(old)):
        assert state_of(RingLog(flash, snapshot)) == state_of(log)
    fill(log, 31, SLOTS)
    assert state_of(RingLog(flash, old)) == state_of(log)


def test_bad_sectors_cost_room_and_no_record():
    class Worn(Nor):
        def writeblocks(self, block, buf, offset=0):
            bad = block in (3, 11)
            super().writeblocks(block, bytes(len(buf)) if bad else buf, offset)

    flash = Worn(16)
    log = RingLog(flash)
    fill(log, 0, 20 * SLOTS)
    kept = [r.seq for r in drain(RingLog(flash))]
    assert kept == list(range(20 * SLOTS - len(kept), 20 * SLOTS))
    assert log.dropped == 20 * SLOTS - len(kept)
    assert len(kept) > 12 * SLOTS


def test_no_cut_at_any_byte_of_any_operation_loses_doubles_or_alters_a_record():
    outcome = ringlog_cuts.sweep(3000, seed=1)
    assert (outcome.losses, outcome.mount_failures) == (0, 0), outcome
    assert outcome.cuts >= 3000


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(2, 7))
def test_no_cut_of_125_000_loses_doubles_or_alters_a_record(seed):
    outcome = ringlog_cuts.sweep(25_000, seed)
    assert (outcome.losses, outcome.mount_failures) == (0, 0), outcome


def test_the_sweep_fails_for_a_log_that_does_not_commit_to_what_it_drops(monkeypatch):
    monkeypatch.setattr(RingLog, "_intend", lambda log, pending: None)
    assert ringlog_cuts.sweep(300).broken["dropped"] > 0


def test_the_sweep_fails_for_a_log_that_believes_torn_slots(monkeypatch):
    monkeypatch.setattr(flash_entry, "is_whole", lambda slot: slot[0] >> 3 & 7 < 6)
    outcome = ringlog_cuts.sweep(600)
    assert outcome.losses + outcome.mount_failures > 0


def test_the_header_leaves_room_for_every_slot():
    assert HEADER_SIZE + SLOTS * flash_entry.SIZE == 4096
