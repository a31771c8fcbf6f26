"""What buoys and stations send: records, reports, status, radio frames, HJ 212, SL 651, CONNECT.

Frames with a MAC are signed after they were spoilt: behind the MAC, too, nothing may fail, because
one key of one stolen buoy is enough to sign anything.
"""

import json
from datetime import UTC, datetime, timedelta

from xunhe.codecs import mqtt_connect
from xunhe.codecs.hj212 import area, deframing, explain, segment
from xunhe.codecs.hj212.dialect import V2017
from xunhe.codecs.hj212.reason import Rejected
from xunhe.codecs.hj212.splitting import Assembly
from xunhe.codecs.sl651 import elements, frame
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.status import parse_status
from xunhe_buoy import message, mqtt_codec, radio_frame
from xunhe_buoy import record as wire
from xunhe_tools.fuzz.target import Target

_KEY, _DEVICE = bytes(range(32)), bytes.fromhex("02a1b2c3d4e5")
_AT = datetime(2026, 10, 20, tzinfo=UTC)


def _signed(data: bytes) -> bytes:
    return data + wire.hmac_sha256(_KEY, data)[: wire.MAC_SIZE]


def _readings(data: bytes) -> None:
    frame_bytes = _signed(data)
    head = wire.parse_head(frame_bytes)
    for reading in wire.decode_batch(frame_bytes, head):
        wire.unscale(reading)


def _report(data: bytes) -> None:
    signed = _signed(data)
    message.sender_of_report(signed)
    message.from_body(message.decode_report(signed, _KEY).body)


def _status(data: bytes) -> None:
    parse_status(json.loads(data))


def _radio(data: bytes) -> None:
    deframer, assembler = radio_frame.Deframer(), radio_frame.Assembler()
    for at in range(0, len(data), 37):
        deframer.feed(data[at : at + 37])
        while (found := deframer.take()) is not None:
            assembler.take(found)
    while (found := deframer.take(is_silent=True)) is not None:
        assembler.take(found)


def _hj212(data: bytes) -> None:
    deframer, assembly = deframing.Deframer(), Assembly(timedelta(minutes=1))
    events = deframer.feed(data[: len(data) // 2]) + deframer.feed(data[len(data) // 2 :])
    for event in events + deframer.give_up():
        explain.explained(event, V2017, SHANGHAI)
        packet = event if isinstance(event, Rejected) else segment.read(event)
        if not isinstance(packet, Rejected):
            area.factors(packet.cp)
            assembly.add(packet, _AT)


def _hj212_framed(data: bytes) -> None:
    """The same behind length and CRC, which a spoilt frame seldom keeps."""
    _hj212(deframing.frame(data[:1024]))


def _sl651(data: bytes) -> None:
    for found in frame.found(data):
        if isinstance(found, frame.Frame):
            elements.read(found.body)
    elements.read(data)


def _connect(data: bytes) -> None:
    for size in range(2, 6):
        if (length := mqtt_connect.body_size(data[:size])) is not None:
            mqtt_connect.parse(data[size : size + length])
            return


def _batch() -> bytes:
    values = wire.Record(7, 41, 1760000000, (2034, 741, 812, 55, 395), (1, 1, 1, 1, 1))
    return wire.encode_batch(_DEVICE, [values], _KEY)[: -wire.MAC_SIZE]


_REPORT_BODY = json.dumps({"event": "boot", "cause": "power", "version": 7}).encode()
_STATUS = json.dumps({"device": "02a1b2c3d4e5", "online": True, "probes": {"nh3": {"crc": 3}}})
_HJ212 = (
    b"QN=20261020080000001;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
    b"CP=&&DataTime=20261020080000;w01018-Rtd=1.1,w01018-Flag=N;w21003-Rtd=0.5&&"
)
_SL651 = bytes.fromhex(
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F0591011154920190000052619000005"
    "392300000127381211150320FA"
)

TARGETS = (
    Target("readings", _readings, (wire.FrameError,), (_batch(),)),
    Target(
        "report",
        _report,
        (wire.FrameError,),
        (message.encode_report(_DEVICE, 3, 9, _REPORT_BODY, _KEY)[: -wire.MAC_SIZE],),
    ),
    Target("status", _status, (ValueError, RecursionError), (_STATUS.encode(), b"[" * 2000)),
    Target(
        "radio",
        _radio,
        (),
        (b"".join(map(radio_frame.encode, radio_frame.split("readings", _DEVICE, 5, bytes(300)))),),
    ),
    Target("hj212", _hj212, (), (deframing.frame(_HJ212),)),
    Target("hj212-framed", _hj212_framed, (), (_HJ212,)),
    Target("sl651", _sl651, (), (_SL651,)),
    Target(
        "mqtt-connect",
        _connect,
        (mqtt_connect.ConnectError,),
        (mqtt_codec.connect("id", "user", "word", 60, ("xunhe/v1/S/status", b"gone")),),
    ),
)
