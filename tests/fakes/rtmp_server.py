"""A small RTMP server: it plays an FLV file to each client that asks, and then hangs up.

Written after Adobe's Real Time Messaging Protocol 1.0; the numbers of sections are its.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_HANDSHAKE = 1536  # 5.2.3
_SET_CHUNK_SIZE, _COMMAND = 1, 20  # message types, 5.4.1 and 7.1.1
_CHUNK = 0xFFFFFF  # ours; the client's stays 128
_CLIENT_CHUNK = 128


@contextmanager
def rtmp_server(flv: bytes, playing: Callable[[], object] | None = None) -> Iterator[str]:
    """Run one on a free port; yields the address of its stream.

    With `playing`, which is called as each client's film begins, the film takes its own time.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, flv, playing))
        thread.start()
        port = listening.getsockname()[1]
        try:
            yield f"rtmp://127.0.0.1:{port}/live/river"
        finally:
            socket.create_connection(("127.0.0.1", port)).close()  # wakes the thread
            thread.join()


def _serve(listening: socket.socket, flv: bytes, playing: Callable[[], object] | None) -> None:
    while True:
        client, _ = listening.accept()
        with client, client.makefile("rb") as wire:
            try:
                if not wire.read(1):
                    return
                _play(client, wire, flv, playing)
            except (OSError, struct.error):
                pass  # the client has gone


def _play(client: socket.socket, wire, flv: bytes, playing: Callable[[], object] | None) -> None:
    first = wire.read(_HANDSHAKE)
    client.sendall(b"\3" + bytes(_HANDSHAKE) + first)
    wire.read(_HANDSHAKE)
    client.sendall(_message(_SET_CHUNK_SIZE, struct.pack(">I", _CHUNK), channel=2, stream=0))
    for name, number in _commands(wire):
        if name == b"connect":
            success = _object(level=b"status", code=b"NetConnection.Connect.Success")
            client.sendall(_reply(b"_result", number, _object() + success))
        elif name == b"createStream":
            client.sendall(_reply(b"_result", number, b"\5" + _number(1)))
        elif name == b"play":
            begun = _object(level=b"status", code=b"NetStream.Play.Start")
            client.sendall(_reply(b"onStatus", 0.0, b"\5" + begun, stream=1))
            _send(client, flv, playing)
            return


def _send(client: socket.socket, flv: bytes, playing: Callable[[], object] | None) -> None:
    if playing is None:
        client.sendall(b"".join(tag for _, tag in _tags(flv)))
        return
    playing()
    began_s = time.monotonic()
    for at_s, tag in _tags(flv):
        time.sleep(max(began_s + at_s - time.monotonic(), 0.0))
        client.sendall(tag)


def _tags(flv: bytes) -> Iterator[tuple[float, bytes]]:
    """The tags of an FLV file, each with its second, as messages of the same type and body."""
    place = 13
    while place + 11 <= len(flv):
        size = int.from_bytes(flv[place + 1 : place + 4])
        body = flv[place + 11 : place + 11 + size]
        at = flv[place + 4 : place + 7]
        message = _message(flv[place], body, channel=6, stream=1, at=at)
        yield int.from_bytes(at) / 1e3, message
        place += size + 15


def _commands(wire) -> Iterator[tuple[bytes, float]]:
    """Names and transaction numbers of the client's commands, out of its chunks (5.3.1)."""
    heads: dict[int, tuple[int, int]] = {}
    bodies: dict[int, bytes] = {}
    while basic := wire.read(1):
        kind, channel = basic[0] >> 6, basic[0] & 63
        head = wire.read((11, 7, 3, 0)[kind])
        if kind < 2:
            heads[channel] = int.from_bytes(head[3:6]), head[6]
        size, message = heads[channel]
        body = bodies.pop(channel, b"")
        body += wire.read(min(_CLIENT_CHUNK, size - len(body)))
        if len(body) < size:
            bodies[channel] = body
        elif message == _COMMAND:
            end = 3 + int.from_bytes(body[1:3])
            yield body[3:end], struct.unpack(">d", body[end + 1 : end + 9])[0]


def _message(kind: int, body: bytes, channel: int, stream: int, at: bytes = b"\0\0\0") -> bytes:
    head = at + len(body).to_bytes(3) + bytes([kind]) + stream.to_bytes(4, "little")
    return bytes([channel]) + head + body


def _reply(name: bytes, number: float, rest: bytes, stream: int = 0) -> bytes:
    return _message(_COMMAND, b"\2" + _text(name) + _number(number) + rest, 3, stream)


def _number(value: float) -> bytes:
    return b"\0" + struct.pack(">d", value)


def _text(value: bytes) -> bytes:
    return len(value).to_bytes(2) + value


def _object(**values: bytes) -> bytes:
    """An AMF 0 object whose values are texts."""
    inside = b"".join(_text(k.encode()) + b"\2" + _text(v) for k, v in values.items())
    return b"\3" + inside + b"\0\0\x09"
