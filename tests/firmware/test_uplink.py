"""When the uplink sends, and that a link which stays down is not stormed."""

from nor import Nor

from xunhe_buoy import record
from xunhe_buoy.ringlog import RingLog
from xunhe_buoy.uplink import Uplink

NOW = 1_760_000_000


class Board:
    """Wall time that passes by sleeping; no way to the broker."""

    def __init__(self):
        self.wall_ms = 0
        self.attempts = []

    def ticks_ms(self):
        return self.wall_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        self.wall_ms += ms

    def jitter(self):
        return 0.5

    def network_connect(self, host, port, timeout_ms):
        self.attempts.append(self.wall_ms)
        raise OSError(113)


class Broker:
    host, port, user, password = "127.0.0.1", 1883, None, None


class Settings:
    station, batch, sample_interval_s, broker = "S1", 3, 60, Broker


def build():
    board, ring, said = Board(), RingLog(Nor(2)), []
    return board, ring, Uplink(board, ring, Settings, dict, said.append), said


def append(ring, time_s):
    entry = record.Record(1, ring.next_seq, time_s, (1, 2, 3, 4, 5), (1, 1, 1, 1, 1))
    ring.append(entry)


def test_nothing_pending_means_no_connection():
    board, _, uplink, _ = build()
    uplink.service(1000, NOW)
    assert board.attempts == []
    assert board.wall_ms == 1000


def test_a_batch_is_due_when_full_or_old_or_of_an_alien_clock():
    _, ring, uplink, _ = build()
    append(ring, NOW)
    assert not uplink._is_due(NOW + 179)
    assert uplink._is_due(NOW + 180)
    assert uplink._is_due(NOW - 1)
    append(ring, NOW + 60)
    assert not uplink._is_due(NOW + 60)
    append(ring, NOW + 120)
    assert uplink._is_due(NOW + 120)


def test_the_age_is_that_of_the_record_that_is_pending_now():
    _, ring, uplink, _ = build()
    append(ring, NOW)
    assert not uplink._is_due(NOW)
    ring.acknowledge(1, 0, 1)
    append(ring, NOW + 1000)
    assert not uplink._is_due(NOW + 1000)


def test_pauses_double_up_to_a_minute():
    board, ring, uplink, said = build()
    append(ring, NOW - 1000)
    while board.wall_ms < 600_000:
        uplink.service(200, NOW)
    pauses = [b - a for a, b in zip(board.attempts, board.attempts[1:], strict=False)]
    assert pauses[:4] == [500, 1000, 2000, 4000]
    assert max(pauses) == 60_000
    assert len(board.attempts) < 20
    assert set(said) == {"link down network"}
