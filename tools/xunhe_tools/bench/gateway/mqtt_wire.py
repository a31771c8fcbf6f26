"""As much of MQTT 3.1.1 as a fleet of simulated buoys speaks, over one plain socket.

Frames go up with QoS 1, so that the broker hands them to the gateway with QoS 1; its PUBACKs mean
nothing to a buoy and are passed over. Acknowledgements come down with QoS 0.
"""

import socket
import struct
from collections.abc import Iterator

_CONNECT, _CONNACK, _PUBLISH, _SUBSCRIBE = 0x10, 0x20, 0x30, 0x82
_QOS_1, _QOS = 0x02, 0x06
_READ = 1 << 16


class Connection:
    """A client of a broker on this machine. Single-threaded."""

    def __init__(self, port: int, client_id: str, topic_filter: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 10)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray()
        self._packet_id = 0
        head = struct.pack(">H4sBBH", 4, b"MQTT", 4, 0x02, 0)  # clean session, no keep-alive
        self._socket.sendall(_packet(_CONNECT, head + _text(client_id)))
        if self._socket.recv(4) != bytes((_CONNACK, 2, 0, 0)):
            raise ConnectionError(f"the broker on port {port} refused {client_id}")
        self._socket.sendall(_packet(_SUBSCRIBE, b"\0\1" + _text(topic_filter) + b"\0"))

    def publish(self, messages: list[tuple[str, bytes]]) -> None:
        """Send messages (topic, payload), all in one write."""
        packets = bytearray()
        for topic, payload in messages:
            self._packet_id = self._packet_id % 65535 + 1
            packet_id = self._packet_id.to_bytes(2, "big")
            packets += _packet(_PUBLISH | _QOS_1, _text(topic) + packet_id + payload)
        self._socket.settimeout(10)
        self._socket.sendall(packets)

    def received(self, wait_s: float) -> Iterator[tuple[str, bytes]]:
        """Messages (topic, payload) that have come; waits at most so long for the first byte."""
        self._socket.settimeout(max(wait_s, 0.0005))
        try:
            data = self._socket.recv(_READ)
        except TimeoutError:
            return
        if not data:
            raise ConnectionError("the broker closed the connection")
        self._buffer += data
        yield from publishes(self._buffer)

    def close(self) -> None:
        """Leave without a word."""
        self._socket.close()


def publishes(buffer: bytearray) -> Iterator[tuple[str, bytes]]:
    """Remove the whole packets of a stream; yields (topic, payload) of its messages."""
    while (cut := _cut(buffer)) is not None:
        begin, end = cut
        if buffer[0] & 0xF0 == _PUBLISH:
            size = int.from_bytes(buffer[begin : begin + 2], "big")
            topic = buffer[begin + 2 : begin + 2 + size].decode()
            has_id = buffer[0] & _QOS
            yield topic, bytes(buffer[begin + 2 + size + (2 if has_id else 0) : end])
        del buffer[:end]


def _cut(buffer: bytearray) -> tuple[int, int] | None:
    """Where the body of the first packet begins and ends; None while it is not whole."""
    length, shift = 0, 0
    for at in range(1, min(len(buffer), 5)):
        length |= (buffer[at] & 0x7F) << shift
        shift += 7
        if not buffer[at] & 0x80:
            end = at + 1 + length
            return (at + 1, end) if end <= len(buffer) else None
    return None


def _packet(lead: int, body: bytes) -> bytes:
    size, length = bytearray(), len(body)
    while True:
        length, seven = length >> 7, length & 0x7F
        size.append(seven | (0x80 if length else 0))
        if not length:
            return bytes((lead,)) + bytes(size) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data
