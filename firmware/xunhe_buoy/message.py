"""Signed messages beside the readings: reports up; receipts, commands and chunks down. Pure.

    report    lead, device 6, boot 2, number 4,            JSON of at most 900 bytes, MAC 12
    receipt   lead, device 6, boot 2, number 4,                                       MAC 12
    command   lead, device 6, counter 4,                   JSON of at most 900 bytes, MAC 12
    chunk     lead, device 6, release 4, offset 4,         1 to 1024 bytes of data,   MAC 12

The lead byte is version << 4 | kind, the MAC that of record.py; all integers are big-endian.
A report's key is (device, boot, number). The gateway signs a receipt after it has stored the
report: the device keeps an event until then. A command's counter only grows: the device refuses
one that it has seen, so that nobody plays an old command again.

Errors
    ValueError           the caller's mistake: a value outside its range
    └── record.FrameError   the wire's; `reason` "length", "version", "kind", "mac" or "json"
"""

import json
import struct

from xunhe_buoy import record

KIND_REPORT = 3
KIND_COMMAND = 4
KIND_CHUNK = 5
KIND_RECEIPT = 6

MAX_BODY = 900  # bytes of JSON
MAX_DATA = 1024  # bytes of an update in one chunk

R_JSON = "json"

_REPORT_HEAD = ">B6sHI"
_REPORT_HEAD_SIZE = 13
_COMMAND_HEAD = ">B6sI"
_COMMAND_HEAD_SIZE = 11
_CHUNK_HEAD = ">B6sII"
_CHUNK_HEAD_SIZE = 15


class Report:
    """What a device says of itself; `body` is the JSON as it came."""

    def __init__(self, device: bytes, boot: int, number: int, body: bytes) -> None:
        self.device = device
        self.boot = boot
        self.number = number
        self.body = body


def kind_of(frame: bytes) -> int:
    """The kind of a frame by its first byte; 0 for an empty one."""
    return frame[0] & 0x0F if frame else 0


def to_body(content: dict[str, object]) -> bytes:
    """The JSON of a message's content; ValueError where it is longer than MAX_BODY."""
    body = json.dumps(content).encode()
    if len(body) > MAX_BODY:
        raise ValueError("content of %d bytes, at most %d" % (len(body), MAX_BODY))
    return body


def from_body(body: bytes) -> dict[str, object]:
    """The content of a message; FrameError(json) where it is not a JSON object."""
    try:
        content = json.loads(str(body, "utf-8"))
    except (ValueError, RuntimeError) as error:  # RuntimeError: nested deeper than the stack
        raise record.FrameError(R_JSON, "no JSON: %s" % error)
    if not isinstance(content, dict):
        raise record.FrameError(R_JSON, "JSON, but no object")
    return content


def encode_report(device: bytes, boot: int, number: int, body: bytes, key: bytes) -> bytes:
    """A signed report."""
    _check_size(body, MAX_BODY)
    head = struct.pack(_REPORT_HEAD, _lead(KIND_REPORT), device, boot, number)
    return _signed(head + body, key)


def sender_of_report(frame: bytes) -> bytes:
    """The device that a report names, MAC unchecked; FrameError on length, version, kind."""
    _check_frame(frame, KIND_REPORT, _REPORT_HEAD_SIZE, MAX_BODY)
    return bytes(frame[1:7])


def decode_report(frame: bytes, key: bytes) -> Report:
    """The report in a frame signed with this key; FrameError where it is not one."""
    _check_frame(frame, KIND_REPORT, _REPORT_HEAD_SIZE, MAX_BODY)
    _check_mac(frame, bytes(frame[1:7]), key)
    _, device, boot, number = struct.unpack(_REPORT_HEAD, frame[:_REPORT_HEAD_SIZE])
    return Report(bytes(device), boot, number, _rest(frame, _REPORT_HEAD_SIZE))


def encode_receipt(device: bytes, boot: int, number: int, key: bytes) -> bytes:
    """The gateway's word that this report is stored."""
    return _signed(struct.pack(_REPORT_HEAD, _lead(KIND_RECEIPT), device, boot, number), key)


def decode_receipt(frame: bytes, device: bytes, key: bytes) -> tuple[int, int]:
    """(boot, number) of the report that is stored; FrameError where it is no receipt for us."""
    _check_frame(frame, KIND_RECEIPT, _REPORT_HEAD_SIZE, 0)
    _check_mac(frame, device, key)
    _, _, boot, number = struct.unpack(_REPORT_HEAD, frame[:_REPORT_HEAD_SIZE])
    return boot, number


def encode_command(device: bytes, counter: int, body: bytes, key: bytes) -> bytes:
    """A signed command."""
    _check_size(body, MAX_BODY)
    return _signed(struct.pack(_COMMAND_HEAD, _lead(KIND_COMMAND), device, counter) + body, key)


def decode_command(frame: bytes, device: bytes, key: bytes) -> tuple[int, bytes]:
    """(counter, JSON) of a command for this device; FrameError where it is not one."""
    _check_frame(frame, KIND_COMMAND, _COMMAND_HEAD_SIZE, MAX_BODY)
    _check_mac(frame, device, key)
    _, _, counter = struct.unpack(_COMMAND_HEAD, frame[:_COMMAND_HEAD_SIZE])
    return counter, _rest(frame, _COMMAND_HEAD_SIZE)


def encode_chunk(device: bytes, release: int, offset: int, data: bytes, key: bytes) -> bytes:
    """A signed piece of an update."""
    _check_size(data, MAX_DATA)
    head = struct.pack(_CHUNK_HEAD, _lead(KIND_CHUNK), device, release, offset)
    return _signed(head + data, key)


def decode_chunk(frame: bytes, device: bytes, key: bytes) -> tuple[int, int, bytes]:
    """(release, offset, data) of a chunk for this device; FrameError where it is not one."""
    _check_frame(frame, KIND_CHUNK, _CHUNK_HEAD_SIZE, MAX_DATA)
    _check_mac(frame, device, key)
    _, _, release, offset = struct.unpack(_CHUNK_HEAD, frame[:_CHUNK_HEAD_SIZE])
    return release, offset, _rest(frame, _CHUNK_HEAD_SIZE)


def _lead(kind: int) -> int:
    return record.VERSION << 4 | kind


def _signed(frame: bytes, key: bytes) -> bytes:
    return frame + record.hmac_sha256(key, frame)[: record.MAC_SIZE]


def _rest(frame: bytes, head_size: int) -> bytes:
    return bytes(frame[head_size : -record.MAC_SIZE])


def _check_size(content: bytes, most: int) -> None:
    if not 1 <= len(content) <= most:
        raise ValueError("content of %d bytes, must be 1 to %d" % (len(content), most))


def _check_frame(frame: bytes, kind: int, head_size: int, most: int) -> None:
    content = len(frame) - head_size - record.MAC_SIZE
    if not min(1, most) <= content <= most:
        raise record.FrameError(record.R_LENGTH, "frame of %d bytes" % len(frame))
    record.check_lead(frame[0], kind)


def _check_mac(frame: bytes, device: bytes, key: bytes) -> None:
    if bytes(frame[1:7]) != device or not record.is_signed(frame, key):
        raise record.FrameError(
            record.R_MAC, "frame is not for this device or not signed with its key"
        )
