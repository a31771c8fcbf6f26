"""Uplink: what goes to the gateway next, and what its signed words do. The carrier is injected.

Rules
    1. A record is freed by a valid acknowledgement of the application and by nothing else: the
       gateway signs it after its COMMIT. A PUBACK frees nothing. Refused records are freed too,
       the gateway keeps them with the reason.
    2. One batch is in flight. Without acknowledgement in the carrier's time the link counts as
       dead: reconnect and send again. Twice delivered is once stored, by (device, boot, seq).
    3. agenda.py says which records go next. An urgent one also cuts a pause short.
    4. After a failure the pause doubles, with jitter (retry.py). Only an acknowledgement resets it.
    5. Beyond the daily budget no status is told.

Times are wall milliseconds: wires are real.
"""

import json

from xunhe_buoy import message, record
from xunhe_buoy.agenda import Agenda
from xunhe_buoy.data_budget import DataBudget
from xunhe_buoy.links import LinkError
from xunhe_buoy.reports import Reports
from xunhe_buoy.retry import Retry

LINGER_MS = 700  # a command may follow the acknowledgement
WAKE_TRIES = 3  # failures after which a buoy had better sleep than wait

R_NO_ACK = "no ack"


def _ignore(*_):
    return None


class Uplink:
    """`describe` returns the status as a dict; `say` prints one line; `is_up`: a connection stands.

    Hooks: `on_command(content)` → (ok, reason) or None for no answer, content["counter"] is the
    frame's; `on_chunk(release, offset, data)`; `on_acknowledged(boot)` after records were freed;
    `on_time(unix_s, waited_s)`, waited_s from the sending of the batch to its acknowledgement.
    """

    def __init__(self, board, ring, settings, carrier, describe, say, boot=0):
        self._board, self._ring, self._settings = board, ring, settings
        self._carrier, self._describe, self._say, self._boot = carrier, describe, say, boot
        self.is_up = False
        self._flight = None
        self._retry = Retry(board)
        self._now_s = 0
        self._heard_ms = self._status_ms = board.ticks_ms()
        self._status_of = None  # (next_seq, pending) the last status told
        self.reports = Reports(board)
        self.budget = DataBudget(settings.uplink.daily_bytes)
        self._agenda = Agenda(ring, settings, self.budget)
        self.on_command = self.on_chunk = self.on_acknowledged = self.on_time = _ignore
        names = ("acknowledged", "refused", "bad_acks", "connects", "failures", "sent_bytes")
        self.counters = dict.fromkeys(names, 0)

    # -- what main calls

    def service(self, wait_ms, now_s):
        """Do what is due and listen for up to `wait_ms`; returns early when something happened."""
        self._now_s = now_s
        try:
            if self.is_up:
                self._exchange(wait_ms)
            elif self._retry.left_ms() == 0 and self._is_wanted():
                self._connect(wait_ms)
            else:
                self._board.sleep_ms(min(wait_ms, self._retry.left_ms() or wait_ms))
        except LinkError as error:
            self._go_down(error.reason)
        self.budget.count(self._carrier.used_bytes(), now_s)

    def urgent(self):
        """The newest record that waits goes at once; where none waits, the next one."""
        self._agenda.urgent()
        self._retry.hurry()

    def report(self, content):
        """Queue a report; False where the queue is full. ValueError: longer than a frame."""
        return self.reports.add(content)

    def idle(self):
        """Nothing is in flight, due or about to arrive, or the link is of no use for now."""
        if not self.is_up:
            is_hopeless = self._retry.failures >= WAKE_TRIES and self._retry.left_ms() > 0
            return is_hopeless or not self._is_wanted()
        return (
            self._flight is None
            and (self._carrier.is_exhausted() or not self._is_wanted())
            and not self.reports.is_expecting(self._carrier.ack_timeout_ms)
            and self._since(self._heard_ms) > LINGER_MS
        )

    def memory(self):
        """What must outlive a deep sleep, as JSON values."""
        return {
            "reports": self.reports.memory(),
            "budget": self.budget.memory(),
            "failures": self._retry.failures,
            "carrier": self._carrier.memory(),
        }

    def remember(self, kept):
        """Go on from what `memory` gave; None after anything but a deep sleep."""
        if kept:
            self.reports.remember(kept["reports"])
            self.budget.remember(kept["budget"])
            self._retry.failures = kept["failures"]
            self._carrier.remember(kept["carrier"])

    def close(self):
        """Say goodbye and switch the link off, before a sleep."""
        self._carrier.close()
        self.is_up, self._flight = False, None

    # -- link

    def _connect(self, wait_ms):
        if not self._carrier.open():
            self._board.sleep_ms(wait_ms)
            return
        self.is_up = True
        self._heard_ms = self._board.ticks_ms()
        self.counters["connects"] += 1
        self.reports.reconnected()
        self._say("link up")
        self._publish_status()

    def _go_down(self, reason):
        self._carrier.drop()
        self.is_up, self._flight = False, None
        self._retry.failed()
        self.counters["failures"] += 1
        self._say("link down %s" % reason)

    # -- up

    def _exchange(self, wait_ms):
        if self._carrier.is_free():
            self._send_next()
        received = self._carrier.poll(wait_ms)
        if received is None:  # nothing is left to read: the acknowledgement is not among it
            self._check_flight()
        else:
            self._heard_ms = self._board.ticks_ms()
            self._take(*received)

    def _send_next(self):
        batch = []
        if self._flight is None:
            batch = self._agenda.next_batch(self._now_s, self._carrier.max_batch)
        report = self.reports.next_due()
        if batch:
            self._send_batch(batch)
        elif report is not None:
            self._send_report(report)
        else:
            self._tell_status()

    def _is_wanted(self):
        return self._agenda.is_due(self._now_s) or self.reports.is_calling()

    def _send_batch(self, batch):
        frame = record.encode_batch(self._settings.device, batch, self._settings.key)
        self._send("readings", frame)
        self._agenda.sent(self._now_s)
        self._flight = _Flight(batch, self._board)

    def _send_report(self, report):
        device, key = self._settings.device, self._settings.key
        frame = message.encode_report(device, self._boot, report.number, report.body, key)
        self._send("report", frame)
        self.reports.sent(report)

    def _send(self, kind, payload):
        self._carrier.send(kind, payload)
        self.counters["sent_bytes"] += len(payload)

    def _tell_status(self):
        news = (self._ring.next_seq, self._ring.pending_count)
        is_time = self._since(self._status_ms) > self._carrier.status_ms
        if is_time and news != self._status_of and not self.budget.is_spent(self._now_s):
            self._publish_status()

    def _publish_status(self):
        status = self._describe()
        status["online"] = True
        self._carrier.send("status", json.dumps(status).encode())
        self._status_ms = self._board.ticks_ms()
        self._status_of = (self._ring.next_seq, self._ring.pending_count)

    # -- down

    def _check_flight(self):
        if self._flight and self._since(self._flight.sent_ms) > self._carrier.ack_timeout_ms:
            raise LinkError(R_NO_ACK, "no acknowledgement")

    def _take(self, kind, frame):
        try:
            if kind == "command":
                self._take_command(frame)
            elif kind == "update":
                self._take_update(frame)
            elif message.kind_of(frame) == message.KIND_RECEIPT:
                self._take_receipt(frame)
            else:
                self._take_ack(frame)
        except record.FrameError as error:
            self.counters["bad_acks"] += 1
            self._say("%s ignored %s" % (kind, error.reason))

    def _take_command(self, frame):
        device, key = self._settings.device, self._settings.key
        counter, body = message.decode_command(frame, device, key)
        content = message.from_body(body)
        content["counter"] = counter
        answer = self.on_command(content)
        if answer is not None:
            ok, reason = answer
            self.report({"type": "answer", "counter": counter, "ok": ok, "reason": reason})

    def _take_update(self, frame):
        device, key = self._settings.device, self._settings.key
        self.on_chunk(*message.decode_chunk(frame, device, key))

    def _take_receipt(self, frame):
        boot, number = message.decode_receipt(frame, self._settings.device, self._settings.key)
        if boot == self._boot:
            self.reports.received(number)

    def _take_ack(self, frame):
        ack = self._decoded(frame)
        try:
            freed = self._ring.acknowledge(ack.boot, ack.seq, ack.count)
        except OSError as error:
            self._say("flash %s" % error)  # the records stay pending and are sent again
            return
        flight = self._flight if self._flight and self._flight.is_in(ack) else None
        if flight:
            self._flight = None
        if not freed:
            return  # heard before
        self._count_freed(ack, freed)
        if flight and ack.time_s:
            self.on_time(ack.time_s, self._board.uptime_s() - flight.sent_uptime_s)
        self.on_acknowledged(ack.boot)

    def _decoded(self, frame):
        return record.decode_ack(frame, self._settings.device, self._settings.key)

    def _count_freed(self, ack, freed):
        self._retry.succeeded()
        self._agenda.freed(ack)
        self.counters["acknowledged"] += freed
        self.counters["refused"] += len(ack.refused)
        refused = ",".join("%d" % seq for seq in ack.refused) or "-"
        fields = (ack.boot, ack.seq, ack.count, refused)
        self._say("acked boot=%d first=%d count=%d refused=%s" % fields)

    def _since(self, start):
        return self._board.ticks_diff(self._board.ticks_ms(), start)


class _Flight:
    """A batch on its way."""

    def __init__(self, batch, board):
        self._boot, self._first, self._end = batch[0].boot, batch[0].seq, batch[-1].seq + 1
        self.sent_ms, self.sent_uptime_s = board.ticks_ms(), board.uptime_s()

    def is_in(self, ack):
        """The acknowledgement speaks of a record of this batch."""
        end = ack.seq + ack.count
        return ack.boot == self._boot and ack.seq < self._end and self._first < end
