"""The bench's gateway: one MQTT 3.1.1 connection at a time, and a ledger of what arrived.

As much of a broker as one buoy needs, so that every byte on the wire is counted and nothing of the
code under test judges itself.
"""

import json
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xunhe_tools.bench.firmware.wire import (
    Reading,
    acknowledgement,
    command,
    open_batch,
    open_report,
)

_CONNECT, _PUBLISH, _SUBSCRIBE, _PINGREQ, _DISCONNECT = 1, 3, 8, 12, 14
_CONNACK = b"\x20\x02\x00\x00"
_PINGRESP = b"\xd0\x00"
_SEGMENT = 40  # bytes of IPv4 and TCP headers (RFC 791 3.1, RFC 9293 3.1)
_HANDSHAKE = 7  # segments that open and close a TCP connection


@dataclass(slots=True)
class Ledger:
    """What arrived. Only what was acknowledged counts as stored."""

    readings: list[Reading] = field(default_factory=list)  # in the order of their first arrival
    known: set[tuple[int, int]] = field(default_factory=set)  # (boot, seq)
    frames: list[tuple[int, int]] = field(default_factory=list)  # (bytes, readings) of batches
    reports: list[dict[str, Any]] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)
    connections: int = 0
    commands: int = 0  # sent so far
    air_bytes: int = 0  # both ways, headers of TCP and IP included

    def add(self, reading: Reading) -> None:
        """Once, however often it comes."""
        if (reading.boot, reading.seq) not in self.known:
            self.known.add((reading.boot, reading.seq))
            self.readings.append(reading)


class Gateway:
    """Listens on `port` until closed; `clock` tells the time that acknowledgements carry."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.ledger = Ledger()
        self.is_open = True  # False: who calls is turned away
        self.commands: list[dict[str, Any]] = []  # sent to whoever subscribes, once
        self._clock = clock
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up."""
        self._closing.set()
        self._thread.join()
        self._server.close()

    def wait_for(self, condition: Callable[[Ledger], bool], seconds: float) -> bool:
        """True as soon as the ledger satisfies; False when the time is up."""
        end = time.monotonic() + seconds
        while not condition(self.ledger):
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def _serve(self) -> None:
        while not self._closing.is_set():
            if select.select([self._server], [], [], 0.05)[0]:
                connection, _ = self._server.accept()
                with connection:
                    if self.is_open:
                        self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.ledger.connections += 1
        self.ledger.air_bytes += _HANDSHAKE * _SEGMENT
        session = _Session(self.ledger, self._clock, connection, self.commands)
        while not self._closing.is_set():
            if not select.select([connection], [], [], 0.05)[0]:
                continue
            try:
                if not session.take(connection.recv(4096)):
                    return
            except OSError:  # the buoy's power went
                return


class _Session:
    """One connection's packets."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Callable[[], float],
        connection: socket.socket,
        commands: list[dict[str, Any]],
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._connection = connection
        self._commands = commands
        self._buf = b""
        self._prefix = ""

    def take(self, data: bytes) -> bool:
        """False where the buoy has hung up."""
        self._ledger.air_bytes += len(data) + 2 * _SEGMENT  # a segment and its acknowledgement
        self._buf += data
        while (packet := self._packet()) is not None:
            if packet[0] >> 4 == _DISCONNECT:
                return False
            self._answer(*packet)
        return bool(data)

    def _packet(self) -> tuple[int, bytes] | None:
        """(first byte, body) of the next whole packet; its length comes in groups of 7 bits."""
        head = next((n for n in range(2, 6) if self._buf[n - 1 : n] < b"\x80"), 5)
        if len(self._buf) < head:
            return None
        groups = enumerate(self._buf[1:head])
        end = head + sum((byte & 0x7F) << 7 * n for n, byte in groups)
        if len(self._buf) < end:
            return None
        first, body = self._buf[0], self._buf[head:end]
        self._buf = self._buf[end:]
        return first, body

    def _answer(self, first: int, body: bytes) -> None:
        kind = first >> 4
        if kind == _CONNECT:
            self._send(_CONNACK)
        elif kind == _SUBSCRIBE:
            topics = _topics(body)
            self._prefix = topics[0].rpartition("/")[0] + "/"
            self._send(bytes((0x90, 2 + len(topics))) + body[:2] + b"\x01" * len(topics))
            while self._commands:
                self._ledger.commands += 1
                self._publish("command", command(self._ledger.commands, self._commands.pop(0)))
        elif kind == _PINGREQ:
            self._send(_PINGRESP)
        elif kind == _PUBLISH:
            self._take_publish(first, body)

    def _take_publish(self, first: int, body: bytes) -> None:
        end = 2 + int.from_bytes(body[:2], "big")
        topic = body[2:end].decode()
        if first & 0x06:
            self._send(b"\x40\x02" + body[end : end + 2])
            end += 2
        level, payload = topic.rpartition("/")[2], body[end:]
        if level == "readings":
            self._take_readings(payload)
        elif level == "report":
            receipt, content = open_report(payload)
            self._ledger.reports.append(content)
            self._publish("ack", receipt)
        elif level == "status":
            self._ledger.status = json.loads(payload)

    def _take_readings(self, payload: bytes) -> None:
        batch = open_batch(payload)
        self._ledger.frames.append((len(payload), len(batch.readings)))
        for reading in batch.readings:
            self._ledger.add(reading)
        self._publish("ack", acknowledgement(batch, int(self._clock())))

    def _publish(self, level: str, payload: bytes) -> None:
        topic = (self._prefix + level).encode()
        body = len(topic).to_bytes(2, "big") + topic + payload  # QoS 0: the wire is local
        self._send(b"\x30" + bytes((len(body),)) + body)

    def _send(self, data: bytes) -> None:
        self._ledger.air_bytes += len(data) + 2 * _SEGMENT
        self._connection.sendall(data)


def _topics(body: bytes) -> list[str]:
    """Of a SUBSCRIBE, after its packet id: length, topic, QoS of each."""
    topics, at = [], 2
    while at < len(body):
        size = int.from_bytes(body[at : at + 2], "big")
        topics.append(body[at + 2 : at + 2 + size].decode())
        at += size + 3
    return topics
