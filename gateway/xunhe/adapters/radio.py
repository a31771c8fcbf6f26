"""Radio ports: buoys without MQTT. Parts come in, whole messages go to the intake, answers go back.

A buoy is answered on the port that heard it last. A part is confirmed when it is heard, which says
nothing about its message: as with MQTT, only the signed acknowledgement after the COMMIT does.
"""

import collections
import logging
import random
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import serial

from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest, Reply
from xunhe.adapters.intake import Intake
from xunhe.settings import RadioPortSettings
from xunhe_buoy.radio_frame import OVERHEAD, UP, Assembler, Deframer, Frame, encode
from xunhe_buoy.radio_queue import AirTime, Clock, Outgoing

log = logging.getLogger(__name__)

_READ_S = 0.05
_SILENCE_MS = 500
_DEVICES = 500  # remembered on a port; a port with noise must not fill the memory
_DOWN_WAITING = 20  # messages to one buoy


class _MonotonicClock(Clock):
    """Milliseconds of this machine."""

    def ticks_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000

    def ticks_diff(self, later: int, earlier: int) -> int:
        return later - earlier


@dataclass(frozen=True, slots=True)
class _Received:
    """A whole message, and the port it came by."""

    message: Message
    device: bytes
    port: "RadioPort"


class _Peer:
    """A buoy on a port: what comes from it in parts, what waits for it."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.assembler = Assembler()
        self.outgoing = outgoing


class RadioPort:
    """One radio on a serial port. `step` runs in a thread of its own, `send` in any."""

    def __init__(
        self,
        settings: RadioPortSettings,
        take: Callable[["RadioPort", bytes, str, bytes], None],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = settings.port
        self._settings = settings
        self._take = take
        self._jitter = jitter
        self._clock = _MonotonicClock()
        self._air = AirTime(self._clock, settings.air_bps, settings.duty_permille)
        self._deframer = Deframer()
        self._heard_ms = self._busy_until_ms = 0
        self._peers: collections.OrderedDict[bytes, _Peer] = collections.OrderedDict()
        self._lock = threading.Lock()  # over the peers' outgoing messages
        self._serial: serial.Serial | None = None

    def step(self) -> None:
        """Read what is there, say what is due. OSError where the port fails: opened anew then."""
        try:
            self._listen(self._open())
            self._talk(self._open())
        except OSError:
            self.close()
            raise

    def send(self, device: bytes, kind: str, frame: bytes) -> None:
        """Queue a message to a buoy that was heard here."""
        with self._lock:
            peer = self._peers.get(device)
            if peer is None or peer.outgoing.waiting() >= _DOWN_WAITING:
                log.warning("port=%s device=%s %s not sent", self.name, device.hex(), kind)
                return
            peer.outgoing.put(kind, frame)

    def close(self) -> None:
        """Let the port go."""
        if self._serial is not None:
            self._serial.close()
            self._serial = None

    def _open(self) -> serial.Serial:
        if self._serial is None:
            self._serial = serial.Serial(self.name, self._settings.baud, timeout=_READ_S)
            log.info("radio on port=%s baud=%d", self.name, self._settings.baud)
        return self._serial

    def _listen(self, port: serial.Serial) -> None:
        now_ms = self._clock.ticks_ms()
        if data := port.read(max(1, port.in_waiting)):
            self._deframer.feed(data)
            self._heard_ms = now_ms
        is_silent = now_ms - self._heard_ms > _SILENCE_MS
        while (frame := self._deframer.take(is_silent)) is not None:
            self._hear(port, frame)

    def _hear(self, port: serial.Serial, frame: Frame) -> None:
        peer = self._peer(frame.device)
        if frame.kind not in UP:
            with self._lock:
                peer.outgoing.received(frame)
            return
        if self._air.allows(OVERHEAD):
            self._air.spend(OVERHEAD)
            port.write(encode(frame.receipt()))
        message = peer.assembler.take(frame)
        if message is not None:
            self._take(self, frame.device, frame.kind, message)

    def _talk(self, port: serial.Serial) -> None:
        """One packet at a time: the next one waits until this one can have been confirmed."""
        now_ms = self._clock.ticks_ms()
        if now_ms < self._busy_until_ms:
            return
        with self._lock:
            due = (peer.outgoing.next(self._jitter()) for peer in self._peers.values())
            data = next((data for data in due if data is not None), None)
        if data is not None:
            port.write(data)
            both_ms = self._air.cost_ms(len(data)) + self._air.cost_ms(OVERHEAD)
            self._busy_until_ms = now_ms + both_ms

    def _peer(self, device: bytes) -> _Peer:
        with self._lock:
            if device not in self._peers:
                number = int(self._jitter() * 256)
                self._peers[device] = _Peer(Outgoing(device, self._clock, self._air, number))
            self._peers.move_to_end(device)
            if len(self._peers) > _DEVICES:
                self._peers.popitem(last=False)
            return self._peers[device]


class Radio:
    """All ports. `station_of` a device's address, None where it is not enrolled."""

    def __init__(
        self,
        ports: Iterable[RadioPortSettings],
        station_of: Callable[[str], str | None],
        publish_values: Callable[[Reply], None],
    ) -> None:
        self._station_of = station_of
        self._publish_values = publish_values
        self._intake: Intake[_Received] = Intake(self._answer)
        self._last_port: dict[bytes, RadioPort] = {}
        self.ports = [RadioPort(settings, self._take) for settings in ports]

    def pump(self, ingest: Ingest, committed: Callable[[], None]) -> None:
        """Take one batch of waiting messages in, then answer it: see Intake."""
        self._intake.pump(ingest, committed, wait_s=0)

    def _take(self, port: RadioPort, device: bytes, kind: str, payload: bytes) -> None:
        station = self._station_of(device.hex()) or device.hex()
        message = Message(f"xunhe/v1/{station}/{kind}", payload, len(payload))
        self._intake.put(_Received(message, device, port))

    def _answer(self, part: Sequence[_Received], reply: Reply) -> None:
        self._last_port.update({received.device: received.port for received in part})
        for _, frame in reply.acks:
            self._send("ack", frame)
        for down in reply.down:
            self._send(down.level, down.frame)
        self._publish_values(reply)

    def _send(self, kind: str, frame: bytes) -> None:
        device = frame[1:7]  # every frame to a device names it there: record.py, message.py
        if (port := self._last_port.get(device)) is not None:
            port.send(device, kind, frame)
