"""What the uplink's tests share: a board whose time passes by sleeping, a log in RAM, a carrier."""

from xunhe_buoy import message, record
from xunhe_buoy.links import LinkError

NOW = 1_760_000_000
DEVICE = bytes.fromhex("02a1b2c3d4e5")
KEY = bytes(range(32))


class Board:
    """Wall time that passes by sleeping; the device's clock stands still."""

    def __init__(self):
        self.wall_ms = 0
        self.clock_s = NOW

    def ticks_ms(self):
        return self.wall_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        self.wall_ms += ms

    def uptime_s(self):
        return self.wall_ms / 1000

    def jitter(self):
        return 0.5


class Log:
    """The ring log's promises, in a list."""

    def __init__(self):
        self.waiting = []
        self.next_seq = 0

    @property
    def pending_count(self):
        return len(self.waiting)

    def fill(self, count, time_s=NOW, step_s=0):
        for i in range(count):
            values, flags = (1, 2, 3, 4, 5), (1, 1, 1, 1, 1)
            entry = record.Record(1, self.next_seq, time_s + i * step_s, values, flags)
            self.waiting.append(entry)
            self.next_seq += 1

    def newest(self):
        return self.waiting[-1] if self.waiting else None

    def pending(self, limit):
        run = self.waiting[:1]
        for entry in self.waiting[1:limit]:
            if not record.joinable(run[-1], entry):
                break
            run.append(entry)
        return run

    def acknowledge(self, boot, seq, count):
        before = len(self.waiting)
        self.waiting = [e for e in self.waiting if e.boot != boot or not seq <= e.seq < seq + count]
        return before - len(self.waiting)


class UplinkSettings:
    daily_bytes = 0


class Settings:
    station, batch, sample_interval_s, uplink = "S1", 3, 60, UplinkSettings
    device, key = DEVICE, KEY


class Carrier:
    """A carrier and the gateway behind it. `fails`: opening is an error."""

    max_batch, ack_timeout_ms, status_ms = 40, 8000, 5000

    def __init__(self, board):
        self._board = board
        self.fails = self.is_slow = False
        self.attempts, self.sent, self.inbox = [], [], []
        self.acknowledging = True
        self.used = 0
        self.closed = 0

    def open(self):
        self.attempts.append(self._board.wall_ms)
        if self.fails:
            raise LinkError("network", "no way")
        return not self.is_slow

    def close(self):
        self.closed += 1

    def drop(self):
        self.inbox = []

    def send(self, kind, payload):
        self.sent.append((kind, payload))
        self.used += len(payload)
        if kind == "readings" and self.acknowledging:
            head = record.parse_head(payload)
            ack = record.Ack(head.boot, head.seq, head.count, (), NOW + 5)
            self.inbox.append(("ack", record.encode_ack(DEVICE, ack, KEY)))

    def poll(self, wait_ms):
        if self.inbox:
            return self.inbox.pop(0)
        self._board.sleep_ms(wait_ms)
        return None

    def is_free(self):
        return True

    def is_exhausted(self):
        return False

    def memory(self):
        return 7

    def remember(self, kept):
        assert kept == 7

    def used_bytes(self):
        return self.used

    def batches(self):
        """Sequence numbers of each batch sent."""
        heads = [record.parse_head(payload) for kind, payload in self.sent if kind == "readings"]
        return [list(range(head.seq, head.seq + head.count)) for head in heads]

    def reports(self):
        frames = [payload for kind, payload in self.sent if kind == "report"]
        return [message.decode_report(frame, KEY) for frame in frames]
