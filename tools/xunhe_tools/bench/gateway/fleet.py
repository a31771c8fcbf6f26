"""Simulated buoys: they measure, send signed batches, and forget only what was acknowledged.

A buoy has one frame under way at a time. What it measures meanwhile waits and goes with the next
one, and a frame without an answer is sent again, as the firmware does.
"""

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from random import Random

from xunhe_tools.bench.gateway.frames import Reading, decode_ack, encode
from xunhe_tools.bench.gateway.ledger import Ledger
from xunhe_tools.bench.gateway.mqtt_wire import Connection

RESEND_S = 10.0  # as the firmware waits; the pause doubles, with jitter
_LONGEST_S = 60.0
_MOST = 100  # readings in a frame
_TICK_S = 0.004
_PAUSE_S = 0.5  # after a longer one, what was not sent meanwhile is not sent at once
_CALM = (1800, 7600, 7200, 35, 3900)  # scaled: 18 °C, pH 7.6, 7.2 and 0.35 mg/L, 3.9 V
_NOISE = (1, 3, 5, 1, 2)
_RISE, _TOP = 4, 320  # of ammonia in a second, up to 3.2 mg/L: faster would be a suspect jump
_LIMIT = 200  # above, the site's rule raises at once
_NH3N = 3  # its place among the values


@dataclass(slots=True)
class Buoy:
    """One device with its log of readings that are not yet acknowledged."""

    station: str
    address: bytes
    key: bytes
    boot: int = 1
    seq: int = 0
    waiting: deque[Reading] = field(default_factory=deque)
    is_under_way: bool = False  # a frame, not answered yet
    again_s: float = 0.0  # when the frame under way may be sent again
    tries: int = 0
    is_polluted: bool = False
    nh3n: int = _CALM[_NH3N]
    is_alone: bool = True  # no other station of its river is ever polluted

    @property
    def device(self) -> str:
        """The address as the store writes it."""
        return self.address.hex()

    def measure(self, time_s: int, rng: Random) -> Reading:
        """A reading of calm water, or of the front of a discharge: ammonia rises and stays."""
        self.seq += 1
        values = [
            calm + rng.randint(-noise, noise) for calm, noise in zip(_CALM, _NOISE, strict=True)
        ]
        if self.is_polluted:
            self.nh3n = min(_TOP, self.nh3n + _RISE)
            values[_NH3N] = self.nh3n
        reading = Reading(self.seq, time_s, tuple(values))
        self.waiting.append(reading)
        return reading

    def may_send(self, now_s: float) -> bool:
        """Is there something to send, and nothing under way that may still be answered?"""
        return bool(self.waiting) and (not self.is_under_way or now_s >= self.again_s)

    def frame(self, now_s: float, rng: Random, most: int) -> bytes:
        """What waits, signed, as much as fits."""
        batch = list(islice(self.waiting, most))
        pause_s = min(_LONGEST_S, RESEND_S * 2**self.tries)
        self.is_under_way, self.again_s = True, now_s + pause_s * rng.uniform(0.5, 1.5)
        self.tries += 1
        return encode(self.address, self.boot, batch, self.key)

    def forget(self, seqs: range) -> None:
        """Free what was acknowledged."""
        while self.waiting and self.waiting[0].seq < seqs.stop:
            self.waiting.popleft()
        self.send_anew()

    def send_anew(self) -> None:
        """What was under way is answered, or never will be."""
        self.is_under_way, self.tries = False, 0


class Fleet:
    """All buoys, over one connection each for sending and hearing. Single-threaded."""

    def __init__(self, buoys: Iterable[Buoy], port: int, seed: int, most: int = _MOST) -> None:
        """`most`: readings in a frame."""
        self.buoys = {buoy.station: buoy for buoy in buoys}
        self.ledger = Ledger()
        self.messages = 0  # frames sent
        self._most = most
        self._rng = Random(seed)  # noqa: S311  weather, not secrets
        self._turn = deque(self.buoys.values())
        self._port = port
        self.connect()
        self._owed = 0.0  # messages due and not yet sent
        self._paid_s = time.monotonic()

    def connect(self) -> None:
        """Go to the broker, or to its successor: what is not acknowledged is sent anew."""
        self._link = Connection(self._port, "fleet", "xunhe/v1/+/ack")
        for buoy in self.buoys.values():
            buoy.send_anew()

    def measure(self, readings: int) -> None:
        """Every buoy measures so often, one second after the other, and sends nothing."""
        for buoy in self.buoys.values():
            self._measure(buoy, readings)

    def run(self, seconds: float, messages_per_s: float, readings: int = 1) -> None:
        """Measure and send at this rate; a message has `readings` new readings."""
        end_s = time.monotonic() + seconds
        while (now_s := time.monotonic()) < end_s:
            self._owed += min(now_s - self._paid_s, _PAUSE_S) * messages_per_s
            self._paid_s = now_s
            self._send(int(self._owed), readings, now_s)
            self._owed %= 1
            self.hear(_TICK_S)

    def settle(self, seconds: float) -> bool:
        """Measure nothing more; send again until all is acknowledged. False where it is not."""
        end_s = time.monotonic() + seconds
        while (now_s := time.monotonic()) < end_s:
            late = [buoy for buoy in self.buoys.values() if buoy.may_send(now_s)]
            self._publish([(buoy, buoy.frame(now_s, self._rng, self._most)) for buoy in late])
            if not any(buoy.waiting for buoy in self.buoys.values()):
                return True
            self.hear(0.05)
        return False

    def pollute(self) -> str:
        """Another river gets its discharge; the station that sees it. Of each one station only."""
        clean = [b for b in self.buoys.values() if b.is_alone and not b.is_polluted]
        chosen = self._rng.choice(clean)
        chosen.is_polluted = True
        return chosen.station

    def hear(self, wait_s: float) -> int:
        """Take acknowledgements; how many readings they free."""
        before = self.ledger.acknowledged
        for topic, payload in self._link.received(wait_s):
            self._take(self.buoys[topic.split("/")[2]], payload)
        return self.ledger.acknowledged - before

    def close(self) -> None:
        """Leave the broker."""
        self._link.close()

    def _send(self, count: int, readings: int, now_s: float) -> None:
        ready = []
        for _ in range(count):
            buoy = self._turn[0]
            self._turn.rotate(-1)
            self._measure(buoy, readings)
            if buoy.may_send(now_s):
                ready.append((buoy, buoy.frame(now_s, self._rng, self._most)))
        self._publish(ready)

    def _measure(self, buoy: Buoy, readings: int) -> None:
        now_s = int(time.time())
        last_s = buoy.waiting[-1].time_s if buoy.waiting else now_s - readings
        for n in range(readings):
            time_s = max(last_s + 1, now_s - readings + 1 + n)
            last_s = time_s
            reading = buoy.measure(time_s, self._rng)
            if reading.scaled[_NH3N] > _LIMIT:
                self.ledger.polluted.setdefault(buoy.station, time.monotonic())
            self.ledger.readings[buoy.device, buoy.boot, reading.seq] = reading

    def _publish(self, frames: list[tuple[Buoy, bytes]]) -> None:
        if frames:
            self._link.publish([(f"xunhe/v1/{b.station}/readings", frame) for b, frame in frames])
            self.messages += len(frames)

    def _take(self, buoy: Buoy, payload: bytes) -> None:
        ack = decode_ack(payload, buoy.address, buoy.key)
        if ack is None:
            raise ValueError(f"an acknowledgement that is not signed for {buoy.station}")
        for seq in ack.seqs:
            told = self.ledger.refused if seq in ack.refused else self.ledger.accepted
            told.add((buoy.device, ack.boot, seq))
        buoy.forget(ack.seqs)
