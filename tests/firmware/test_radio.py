"""The radio carrier and its queue: losses, the duty cycle, a gateway that is not there."""

import json
import random

import pytest
from uplink_fakes import DEVICE, KEY, NOW, Log, Settings

from xunhe_buoy import record
from xunhe_buoy.carriers.radio import RadioCarrier
from xunhe_buoy.links import LinkError
from xunhe_buoy.radio_frame import DOWN, UP, Assembler, Deframer, encode
from xunhe_buoy.radio_queue import HOUR_MS, PREAMBLE_MS, TRIES, AirTime, Outgoing
from xunhe_buoy.uplink import Uplink


class Air:
    """Two radios and the air between: bytes arrive after their time in it, or not at all.

    Time passes by sleeping. Both ends are machine.UART to whoever uses them.
    """

    def __init__(self, loss=0.0, bit_errors=0.0, seed=1):
        self.now_ms, self.loss, self.bit_errors = 0, loss, bit_errors
        self.dice = random.Random(seed)
        self.on_air = []  # (arrives at ms, end, bytes)
        self.inbox = {"buoy": bytearray(), "gateway": bytearray()}
        self.bytes_from = {"buoy": 0, "gateway": 0}

    def ticks_ms(self):
        return self.now_ms

    def ticks_diff(self, later, earlier):
        return later - earlier

    def sleep_ms(self, ms):
        self.now_ms += ms

    def uptime_s(self):
        return self.now_ms / 1000

    def jitter(self):
        return self.dice.random()

    def uart(self, name, baud):
        assert (name, baud) == ("radio", 9600)
        return End(self, "buoy", "gateway")

    def say(self, end, other, data):
        self.bytes_from[end] += len(data)
        if self.dice.random() < self.loss:
            return
        heard = bytearray(data)
        for i in range(len(heard)):
            if self.dice.random() < self.bit_errors:
                heard[i] ^= 1 << self.dice.randrange(8)
        arrives = self.now_ms + PREAMBLE_MS + len(data) * 8000 // 2400
        self.on_air.append((arrives, other, bytes(heard)))

    def hear(self, end):
        for message in list(self.on_air):
            if message[0] <= self.now_ms:
                self.on_air.remove(message)
                self.inbox[message[1]] += message[2]
        data, self.inbox[end] = bytes(self.inbox[end]), bytearray()
        return data


class End:
    def __init__(self, air, end, other):
        self._air, self._end, self._other = air, end, other
        self._data = b""

    def any(self):
        self._data += self._air.hear(self._end)
        return len(self._data)

    def read(self):
        data, self._data = self._data, b""
        return data

    def write(self, data):
        self._air.say(self._end, self._other, data)


class Gateway:
    """Receives, confirms and answers as the real one; `step` between the buoy's."""

    def __init__(self, air):
        self.end, self.air = End(air, "gateway", "buoy"), air
        self.deframer, self.assembler = Deframer(), Assembler()
        self.outgoing = Outgoing(DEVICE, air, AirTime(air, 2400, 1000))
        self.got, self.acknowledging = [], True

    def step(self):
        self.deframer.feed(self.end.read() if self.end.any() else b"")
        while (frame := self.deframer.take()) is not None:
            if frame.kind not in UP:
                self.outgoing.received(frame)
                continue
            self.end.write(encode(frame.receipt()))
            message = self.assembler.take(frame)
            if message is not None:
                self._take(frame.kind, message)
        data = self.outgoing.next(self.air.jitter())
        if data is not None:
            self.end.write(data)

    def _take(self, kind, message):
        self.got.append((kind, message))
        if kind == "readings" and self.acknowledging:
            head = record.parse_head(message)
            ack = record.Ack(head.boot, head.seq, head.count)
            self.outgoing.put("ack", record.encode_ack(DEVICE, ack, KEY))


class Wanted:
    baud, air_bps, duty_permille = 9600, 2400, 1000


def build(air, **wanted):
    carrier = RadioCarrier(air, DEVICE, type("Changed", (Wanted,), wanted))
    carrier.open()
    return carrier, Gateway(air)


def run(carrier, gateway, air, until_ms):
    found = []
    while air.now_ms < until_ms:
        message = carrier.poll(20)
        gateway.step()
        if message is not None:
            found.append(message)
        else:
            air.now_ms += 1
    return found


def test_a_message_of_every_kind_arrives_whole():
    air = Air()
    carrier, gateway = build(air)
    gateway.acknowledging = False
    for kind in UP:
        carrier.send(kind, kind.encode() * 60)
    for kind in DOWN:
        gateway.outgoing.put(kind, kind.encode() * 150)
    down = run(carrier, gateway, air, 60_000)
    assert gateway.got == [(kind, kind.encode() * 60) for kind in UP]
    assert down == [(kind, kind.encode() * 150) for kind in DOWN]


@pytest.mark.parametrize(("loss", "bit_errors"), [(0.3, 0.0), (0.0, 0.002), (0.15, 0.001)])
def test_every_reading_gets_through_a_lossy_air_once(loss, bit_errors):
    air, ring, said = Air(loss, bit_errors), Log(), []
    carrier, gateway = build(air)
    uplink = Uplink(air, ring, Settings, carrier, dict, said.append, boot=1)
    ring.fill(60)
    while ring.pending_count and air.now_ms < HOUR_MS:
        uplink.service(20, NOW)
        gateway.step()
        air.now_ms += 1
    assert ring.pending_count == 0
    heads = [record.parse_head(m) for kind, m in gateway.got if kind == "readings"]
    seen = {head.seq + i for head in heads for i in range(head.count)}
    assert seen == set(range(60))
    assert heads[0].seq == 59  # the live reading first


def test_nobody_there_is_an_error_after_the_last_try():
    air = Air(loss=1.0)
    carrier, gateway = build(air)
    gateway.acknowledging = False
    carrier.send("readings", b"x" * 300)
    with pytest.raises(LinkError, match="nobody"):
        run(carrier, gateway, air, 120_000)
    assert air.bytes_from["buoy"] == TRIES * 216
    carrier.drop()
    air.loss = 0.0
    carrier.send("readings", b"again")
    run(carrier, gateway, air, air.now_ms + 5000)
    assert gateway.got == [("readings", b"again")]


def test_the_duty_cycle_is_kept_over_any_hour():
    air = Air()
    carrier, gateway = build(air, duty_permille=10)
    gateway.acknowledging = False
    sent_ms = []
    while air.now_ms < 3 * HOUR_MS:
        if carrier.is_free():
            carrier.send("readings", bytes(192))
        before = air.bytes_from["buoy"]
        carrier.poll(50)
        gateway.step()
        if air.bytes_from["buoy"] > before:
            cost = PREAMBLE_MS + (air.bytes_from["buoy"] - before) * 8000 // 2400
            sent_ms.append((air.now_ms, cost))
        air.now_ms += 500
    last = [cost for at, cost in sent_ms if at > 2 * HOUR_MS]
    assert 0.8 * 36_000 < sum(last) <= 36_000 * 1.02
    first_two = sum(cost for at, cost in sent_ms if at <= 2 * HOUR_MS)
    assert first_two <= 2.1 * 36_000


@pytest.mark.parametrize(("left_ms", "may"), [(-1, False), (0, True), (1, True)])
def test_a_frame_goes_only_where_the_bucket_has_room_for_it(left_ms, may):
    air = Air()
    budget = AirTime(air, 8000, 10)  # begins with 3600 ms
    size = 3600 - 2 * PREAMBLE_MS - left_ms - 16  # 1 ms a byte
    budget.spend(size)
    assert budget.allows(16) is may


def test_a_duty_cycle_that_leaves_no_room_for_a_frame_is_refused():
    AirTime(Air(), 501, 1)
    with pytest.raises(ValueError, match="raise either"):
        AirTime(Air(), 480, 1)


def test_the_duty_cycle_outlives_a_deep_sleep():
    air = Air()
    carrier, _ = build(air, duty_permille=10)
    for _ in range(4):
        carrier._air.spend(216)
    assert carrier.is_exhausted()
    kept = json.loads(json.dumps(carrier.memory()))
    air.now_ms += 1000
    woken, _ = build(air, duty_permille=10)
    assert not woken.is_exhausted()
    woken.remember(kept)
    assert woken.is_exhausted()
    air.now_ms += HOUR_MS // 10
    later, _ = build(air, duty_permille=10)
    later.remember(kept)
    assert not later.is_exhausted()


def test_a_frame_for_another_buoy_is_neither_confirmed_nor_taken():
    air = Air()
    carrier, gateway = build(air)
    stranger = Outgoing(bytes(6), air, AirTime(air, 2400, 1000))
    stranger.put("command", b"not for us")
    gateway.end.write(stranger.next(0.5))
    assert run(carrier, gateway, air, 2000) == []
    assert air.bytes_from["buoy"] == 0
