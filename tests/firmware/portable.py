"""Checks that both interpreters run: `micropython portable.py <repository>`, or CPython.

Prints a line a check; an assertion ends it. pytest runs this file in test_portable.py.
"""
# ruff: noqa: PT017 (MicroPython has no pytest.raises)

import json
import math
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
sys.path.insert(0, ROOT + "/firmware")

from xunhe_buoy import (  # noqa: E402
    channels,
    chemistry,
    flash_entry,
    message,
    modbus,
    mqtt_codec,
    quality,
    record,
    schedule,
)
from xunhe_buoy.config import ConfigError, Settings  # noqa: E402
from xunhe_buoy.drivers import registers, yosemitech  # noqa: E402
from xunhe_buoy.retry import RETRY_MAX_MS, retry_pause_ms  # noqa: E402
from xunhe_buoy.update import ed25519  # noqa: E402

with open(ROOT + "/tests/vectors/record.json") as _file:
    VECTORS = json.load(_file)
KEY = bytes.fromhex(VECTORS["key"])
DEVICE = bytes.fromhex(VECTORS["device"])


def records_of(vector, rows):
    return [
        record.Record(b, s, t, tuple(v), tuple(f), vector["profile"], vector["time_quality"])
        for b, s, t, v, f in rows
    ]


def reason_of(call, *args):
    try:
        call(*args)
    except record.FrameError as error:
        return error.reason
    return None


def open_batch(frame):
    """As a gateway does: head, MAC, records."""
    head = record.parse_head(frame)
    if not record.is_signed(frame, KEY):
        raise record.FrameError(record.R_MAC, "not signed")
    return record.decode_batch(frame, head)


def check_batches():
    for vector in VECTORS["batches"]:
        records = records_of(vector, vector["records"])
        frame = record.encode_batch(DEVICE, records, KEY)
        assert frame.hex() == vector["frame"], vector["name"]
        assert open_batch(frame) == records, vector["name"]


def check_bad_batches():
    for vector in VECTORS["bad_batches"]:
        reason = reason_of(open_batch, bytes.fromhex(vector["frame"]))
        assert reason == vector["reason"], (vector["name"], reason)


def check_slots():
    for vector in VECTORS["slots"]:
        (entry,) = records_of(vector, [vector["record"]])
        slot = record.pack_slot(entry)
        assert slot.hex() == vector["slot"], vector["name"]
        assert len(slot) == record.slot_size(len(entry.scaled))
        assert record.unpack_slot(slot + b"\xff" * (32 - len(slot))) == entry
    for vector in VECTORS["bad_slots"]:
        assert reason_of(record.unpack_slot, bytes.fromhex(vector["slot"])) == "crc", vector["name"]


def check_flash_entries():
    for vector in VECTORS["entries"]:
        (reading,) = records_of(vector, [vector["record"]])
        raw = tuple(vector["raw"])
        entry = flash_entry.pack(reading, raw)
        assert entry.hex() == vector["entry"], vector["name"]
        assert len(entry) < flash_entry.SIZE
        padded = entry + b"\xff" * (flash_entry.SIZE - len(entry))
        assert flash_entry.is_whole(padded)
        assert flash_entry.unpack(padded) == (reading, raw)
        for i in range(len(entry)):
            bent = bytearray(padded)
            bent[i] ^= 0x10
            assert not flash_entry.is_whole(bytes(bent)), i
    assert not flash_entry.is_whole(b"\xff" * flash_entry.SIZE)
    for source, value, scaled in (
        ("Y532@2.ph_mv", -177.34, -1773),
        ("Y504@1.do_fraction", 0.9, 4500),
        ("battery_v", 3.7, 3700),
        ("Y504@1.temp_c", None, None),
        ("Y504@1.nonsense", 1.0, None),
    ):
        assert flash_entry.scale_raw(source, value) == scaled, source
    assert flash_entry.unscale_raw("Y532@2.ph_mv", -1773) == -177.3


def check_acks():
    for vector in VECTORS["acks"]:
        refused = tuple(vector["refused"])
        ack = record.Ack(vector["boot"], vector["seq"], vector["count"], refused, vector["time_s"])
        frame = record.encode_ack(DEVICE, ack, KEY)
        assert frame.hex() == vector["frame"], vector["name"]
        back = record.decode_ack(frame, DEVICE, KEY)
        assert (back.boot, back.seq, back.count, back.refused, back.time_s) == (
            ack.boot,
            ack.seq,
            ack.count,
            refused,
            ack.time_s,
        )
    for vector in VECTORS["bad_acks"]:
        reason = reason_of(record.decode_ack, bytes.fromhex(vector["frame"]), DEVICE, KEY)
        assert reason == vector["reason"], (vector["name"], reason)


def check_reports():
    for vector in VECTORS["reports"]:
        boot, number, body = vector["boot"], vector["number"], bytes.fromhex(vector["body"])
        frame = message.encode_report(DEVICE, boot, number, body, KEY)
        assert frame.hex() == vector["frame"]
        assert message.sender_of_report(frame) == DEVICE
        back = message.decode_report(frame, KEY)
        found = (back.device, back.boot, back.number, back.body)
        assert found == (DEVICE, boot, number, body)
    (vector,) = VECTORS["receipts"]
    frame = message.encode_receipt(DEVICE, vector["boot"], vector["number"], KEY)
    assert frame.hex() == vector["frame"]
    assert message.decode_receipt(frame, DEVICE, KEY) == (vector["boot"], vector["number"])
    check_refusals("bad_reports", lambda frame: message.decode_report(frame, KEY))
    check_refusals("bad_receipts", lambda frame: message.decode_receipt(frame, DEVICE, KEY))


def check_commands():
    for vector in VECTORS["commands"]:
        body = bytes.fromhex(vector["body"])
        frame = message.encode_command(DEVICE, vector["counter"], body, KEY)
        assert frame.hex() == vector["frame"]
        assert message.decode_command(frame, DEVICE, KEY) == (vector["counter"], body)
    check_refusals("bad_commands", lambda frame: message.decode_command(frame, DEVICE, KEY))


def check_chunks():
    for vector in VECTORS["chunks"]:
        release, offset, data = vector["release"], vector["offset"], bytes.fromhex(vector["data"])
        frame = message.encode_chunk(DEVICE, release, offset, data, KEY)
        assert frame.hex() == vector["frame"]
        assert message.decode_chunk(frame, DEVICE, KEY) == (release, offset, data)
    check_refusals("bad_chunks", lambda frame: message.decode_chunk(frame, DEVICE, KEY))


def check_refusals(name, decode):
    for vector in VECTORS[name]:
        reason = reason_of(decode, bytes.fromhex(vector["frame"]))
        assert reason == vector["reason"], (vector["name"], reason)


def check_bodies():
    content = {"type": "event", "what": "开盖"}
    assert message.from_body(message.to_body(content)) == content
    for body in (b"", b"{", b"[1]", b"\xff\xfe", b'"x"', b"[" * 900):
        assert reason_of(message.from_body, body) == "json", body
    try:
        message.to_body({"x": "y" * 900})
        raise AssertionError("no error")
    except ValueError:
        pass


def check_hmac():
    for vector in VECTORS["hmac_sha256"]:
        mac = record.hmac_sha256(bytes.fromhex(vector["key"]), bytes.fromhex(vector["data"]))
        assert mac.hex() == vector["mac"]


# t °C: mg/L at 1 atm with S = 0, 9, 35; at 0.9 atm; at 640 mmHg (chemistry-and-qc.md, section 2)
DO_TABLE = (
    (0, 14.621, 13.729, 11.446, 13.151, 12.300),
    (5, 12.771, 12.026, 10.108, 11.484, 10.739),
    (10, 11.288, 10.657, 9.024, 10.146, 9.485),
    (15, 10.084, 9.542, 8.135, 9.059, 8.465),
    (20, 9.092, 8.622, 7.396, 8.162, 7.624),
    (25, 8.263, 7.851, 6.772, 7.411, 6.917),
    (30, 7.559, 7.194, 6.237, 6.770, 6.314),
    (35, 6.949, 6.624, 5.769, 6.214, 5.788),
)
# EN 25814 as ProMinent prints it, 16 to 30 °C: an independent source, good to 0.01
EN_25814 = (
    9.87,
    9.66,
    9.47,
    9.28,
    9.09,
    8.91,
    8.74,
    8.58,
    8.42,
    8.26,
    8.11,
    7.97,
    7.83,
    7.69,
    7.56,
)
NH3_PERCENT = (
    (0, 0.0823, 0.8167, 7.6075),
    (10, 0.1853, 1.8221, 15.654),
    (20, 0.3942, 3.8071, 28.356),
    (25, 0.5639, 5.3662, 36.186),
    (30, 0.7965, 7.4319, 44.533),
)
PH_SLOPE_MV = ((0, 54.199), (10, 56.183), (20, 58.167), (25, 59.159), (30, 60.151), (40, 62.136))


def check_oxygen():
    atm = chemistry.ATM_KPA
    for t, s0, s9, s35, low, mountain in DO_TABLE:
        for salinity, kpa, want in (
            (0, atm, s0),
            (9, atm, s9),
            (35, atm, s35),
            (0, 0.9 * atm, low),
            (0, 640 / 760 * atm, mountain),
        ):
            got = chemistry.do_saturation_mg_l(t, salinity, kpa)
            assert abs(got - want) <= 0.00051, (t, salinity, kpa, got)
    for i, want in enumerate(EN_25814):
        assert abs(chemistry.do_saturation_mg_l(16 + i) - want) <= 0.0101
    assert abs(chemistry.do_mg_l_from_fraction(0.5, 20) - 4.546) < 0.001


def check_ammonia():
    for t, *percents in NH3_PERCENT:
        for ph, want in zip((7, 8, 9), percents):  # noqa: B905 (MicroPython's zip has no strict)
            got = 100 * chemistry.nh3_fraction(ph, t)
            assert abs(got - want) <= 0.00006 * max(1, want), (t, ph, got)
    assert abs(chemistry.total_ammonia_mg_l(0.71644, 9, 20) - 1.0) < 1e-4


def check_ph_slope():
    for t, want in PH_SLOPE_MV:
        assert abs(chemistry.ph_slope_mv(t) - want) <= 0.0005, t


def check_gross_range():
    limits = quality.Limits((0.0, 14.0), (6.0, 9.0), None)
    # ioos_qc 3.0.0: the series and the edges of chemistry-and-qc.md, section 4
    series = (7.1, 7.12, 7.11, 9.9, 7.1, 7.1, 7.1, 7.1, 7.1, 7.1, 15, math.nan)
    flags = [quality.gross_range(x, limits) for x in series]
    assert flags == [1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 4, 9], flags
    for x, want in (
        (6, 1),
        (9, 1),
        (5.999, 3),
        (9.001, 3),
        (0, 3),
        (14, 3),
        (14.001, 4),
        (-0.001, 4),
    ):
        assert quality.gross_range(x, limits) == want, x
    assert quality.gross_range(None, limits) == 9
    assert [name for name, _ in record.RIVER.channels if name not in quality.RIVER_LIMITS] == []


def check_every_limit():
    """Each limit of each channel: at it, just inside, just outside."""
    for limits in quality.RIVER_LIMITS.values():
        for side, sign in ((0, -1), (1, 1)):
            fail, suspect = limits.fail[side], limits.suspect[side]
            assert quality.gross_range(fail + sign * 0.001, limits) == record.FAIL
            assert quality.gross_range(suspect, limits) == record.GOOD
            assert quality.gross_range(suspect - sign * 0.001, limits) == record.GOOD
            if fail != suspect:
                assert quality.gross_range(fail, limits) == record.SUSPECT
                assert quality.gross_range(suspect + sign * 0.001, limits) == record.SUSPECT


def check_spike():
    qualifier = quality.Qualifier(quality.Limits((0.0, 100.0), (0.0, 100.0), 2.0))
    values = (7.0, 7.0, 30.0, 7.0, 9.0, 9.001, None, 101.0, 7.0)
    # the first three have no median to differ from; equal to the threshold passes
    assert [qualifier.flag(x) for x in values] == [1, 1, 1, 1, 1, 3, 9, 4, 1]
    step = quality.Qualifier(quality.Limits((0.0, 100.0), (0.0, 100.0), 2.0))
    assert [step.flag(x) for x in (1, 1, 1, 1, 1, 9, 9, 9, 9)] == [1, 1, 1, 1, 1, 3, 3, 3, 1]
    assert quality.median([3, 1, 2]) == 2
    assert quality.median([4, 1, 2, 3]) == 2.5


def check_schedule():
    plan = schedule.Schedule(120, 30, 1000)
    assert plan.slot_s == 1080
    assert plan.wait_s(1000) == 50
    assert plan.wait_s(1050) == 0
    plan.done(1081)
    assert (plan.slot_s, plan.late, plan.missed) == (1200, 0, 0)
    plan.done(1231)
    assert (plan.slot_s, plan.late, plan.missed) == (1320, 1, 0)
    plan.done(1320 + 240)  # the slots of 1440 and 1560 went by
    assert (plan.slot_s, plan.late, plan.missed) == (1680, 2, 2)
    assert plan.wait_s(500) == 70  # the clock went back: 600 is the next that can be met
    exact = schedule.Schedule(60, 0, 600)
    assert exact.wait_s(600) == 0
    exact.done(600)
    assert exact.wait_s(600) == 60


def check_modbus():
    assert modbus.crc16(b"123456789") == 0x4B37
    request = modbus.read_request(1, 0x2600, 6)
    assert request.hex() == "010326000006ce80"
    start = modbus.read_request(1, 0x2500, 0)
    assert modbus.parse_reply(bytes.fromhex("01030020f0"), start) == b""
    reply = modbus.with_crc(b"\x01\x03\x0c" + bytes(range(12)))
    stranger = modbus.with_crc(b"\x02\x03\x0c" + bytes(12))
    refusal = modbus.with_crc(b"\x01\x83\x02")
    for wire in (
        reply,
        request + reply,
        b"\x00\xff\x81" + reply,
        stranger + reply,
        reply + b"\x00",
    ):
        assert modbus.parse_reply(wire, request) == bytes(range(12))
    bent = bytearray(reply)
    bent[5] ^= 4
    for wire, reason in (
        (b"", "silence"),
        (reply[:-1], "short"),
        (bytes(bent), "crc"),
        (stranger, "wrong id"),
        (request, "echo"),
        (refusal, "exception"),
        (request + refusal, "exception"),
    ):
        try:
            modbus.parse_reply(wire, request)
            raise AssertionError("no error for " + reason)
        except modbus.ModbusError as error:
            assert error.reason == reason, (error.reason, reason)


def check_yosemitech():
    fields = yosemitech.MODELS["Y504"].reads[0][2]
    # 20.0, 0.9, 8.2 as little-endian floats
    data = bytes.fromhex("0000a0416666663f33330341")
    got = registers.parse_fields(data, fields)
    assert got["temp_c"] == 20.0
    assert abs(got["do_fraction"] - 0.9) < 1e-6
    assert abs(got["do_mg_l"] - 8.2) < 1e-6
    rubbish = bytes.fromhex("0000c07f0000807fffff7fff")  # NaN, infinite, -3.4e38
    assert set(registers.parse_fields(rubbish, fields).values()) == {None}
    nearly_zero = bytes.fromhex("95bfd633" * 3)  # 1e-7: random bits, finer than any probe
    assert set(registers.parse_fields(nearly_zero, fields).values()) == {None}
    assert set(registers.parse_fields(bytes(12), fields).values()) == {0.0}


def river_values(readings):
    return channels.compute(readings, channels.Conditions())[0]


def check_river_values():
    ok = {
        "oxygen": {"temp_c": 20.0, "do_fraction": 0.5, "do_mg_l": 0.0},
        "ph": {"ph": 9.0, "temp_c": 20.0},
        "ammonium": {"nh4_n_mg_l": 0.71644, "ph": 9.0, "temp_c": 21.0},
    }
    values = river_values(ok)
    assert abs(values["do_mg_l"] - 4.546) < 0.001  # an old probe that gives no mg/L
    assert abs(values["nh3n_mg_l"] - 1.0) < 1e-4
    without_ph = river_values({"oxygen": ok["oxygen"], "ph": {}, "ammonium": ok["ammonium"]})
    assert without_ph["ph"] is None
    assert without_ph["water_temp_c"] == 20.0
    assert abs(without_ph["nh3n_mg_l"] - 1.0) < 1e-4
    nothing = river_values({"oxygen": {}, "ph": {}, "ammonium": {}})
    assert set(nothing.values()) == {None}


def check_mqtt_codec():
    packets = (
        mqtt_codec.publish("t/ack", b"x" * 300, 1, 77),
        mqtt_codec.publish("t/ack", b"", 0, 0, True),
        mqtt_codec.puback(77),
        b"\x20\x02\x00\x00",
        b"\xd0\x00",
    )
    for packet in packets:
        for end in range(len(packet)):
            assert mqtt_codec.take_packet(bytearray(packet[:end])) is None
    wire, buf, found = b"".join(packets), bytearray(), []
    for i in range(0, len(wire), 7):
        buf.extend(wire[i : i + 7])
        packet = mqtt_codec.take_packet(buf)
        while packet is not None:
            found.append(packet)
            packet = mqtt_codec.take_packet(buf)
    assert [p[0] >> 4 for p in found] == [3, 3, 4, 2, 13]
    message = mqtt_codec.parse_publish(*found[0])
    assert (message.topic, message.payload, message.qos) == ("t/ack", b"x" * 300, 1)
    assert (message.packet_id, message.retained) == (77, False)
    assert mqtt_codec.parse_publish(*found[1]).retained


def check_bad_mqtt():
    for call in (
        lambda: mqtt_codec.take_packet(bytearray(b"\x30\xff\xff\xff\xff\x01")),
        lambda: mqtt_codec.take_packet(bytearray(b"\x30\xff\x7f")),
        lambda: mqtt_codec.parse_publish(0x32, b"\x00\x01t\x00"),
        lambda: mqtt_codec.parse_publish(0x30, b"\x00\x09t"),
        lambda: mqtt_codec.parse_publish(0x36, b"\x00\x01t\x00\x01"),
        lambda: mqtt_codec.parse_connack(b"\x00\x05"),
        lambda: mqtt_codec.parse_suback(b"\x00\x01\x80"),
    ):
        try:
            call()
            raise AssertionError("no error")
        except mqtt_codec.MqttError as error:
            assert error.reason in ("malformed", "refused")


def good_config():
    return {
        "station": "S1",
        "device": "02a1b2c3d4e5",
        "key": "11" * 32,
        "broker": {"host": "127.0.0.1", "port": 1883, "user": None, "password": None},
        "sample_interval_s": 120,
        "batch": 2,
        "probes": [{"model": "Y504", "address": 1}, {"model": "Y532", "address": 2}],
        "virtual": {},
    }


# (path to the key, value or None to delete it, words of the message)
CONFIG_ERRORS = (
    (("sample_intervall",), 3, "sample_intervall is not a setting"),
    (("broker", "prot"), 3, "broker.prot is not a setting"),
    (("station",), None, "station is missing"),
    (("station",), "S/1", "leave out"),
    (("device",), "02a1b2c3d4", "device must be 12 hex digits"),
    (("key",), "11" * 31, "key must be 64 hex digits"),
    (("key",), "zz" * 32, "key must be 64 hex digits"),
    (("sample_interval_s",), 9, "from 10 to 3600"),
    (("sample_interval_s",), 3601, "from 10 to 3600"),
    (("sample_interval_s",), 60.5, "whole number"),
    (("sample_interval_s",), True, "from 10 to 3600"),
    (("batch",), 0, "from 1 to 40"),
    (("broker", "port"), 70000, "from 1 to 65535"),
    (("broker",), 7, "broker must be a JSON object"),
    (("probes",), [], "at least one"),
    (("probes",), [{"model": "Y999", "address": 1}], "is not known; use one of"),
    (("probes",), [{"model": "Y504", "address": 0}], "from 1 to 247"),
    (
        ("probes",),
        [{"model": "Y504", "address": 1}, {"model": "Y532", "address": 1}],
        "share an address",
    ),
)


def check_config():
    settings = Settings(good_config())
    assert settings.device == DEVICE
    assert [(p["model"], p["address"]) for p in settings.probes] == [("Y504", 1), ("Y532", 2)]
    low, high = good_config(), good_config()
    low["sample_interval_s"], high["sample_interval_s"] = 10, 3600
    assert (Settings(low).sample_interval_s, Settings(high).sample_interval_s) == (10, 3600)
    for path, value, words in CONFIG_ERRORS:
        config = good_config()
        section = config
        for key in path[:-1]:
            section = section[key]
        if value is None:
            del section[path[-1]]
        else:
            section[path[-1]] = value
        try:
            Settings(config)
            raise AssertionError("no error for " + path[-1])
        except ConfigError as error:
            assert words in str(error), str(error)
            assert "11" * 31 not in str(error)


def check_retry():
    assert [retry_pause_ms(n, 0.5) for n in (0, 1, 2, 7, 50)] == [500, 1000, 2000, 60000, 60000]
    for n in range(12):
        assert 250 <= retry_pause_ms(n, 0.0) <= retry_pause_ms(n, 0.999) <= RETRY_MAX_MS


def check_ed25519():
    with open(ROOT + "/tests/vectors/ed25519.json") as file:
        vectors = json.load(file)["signatures"]
    for vector in vectors:
        key, words, signature = (
            bytes.fromhex(vector[name]) for name in ("key", "message", "signature")
        )
        assert ed25519.verify(key, words, signature), vector["name"]
        assert not ed25519.verify(key, words + b"x", signature), vector["name"]
        assert not ed25519.verify(key, words, signature[:63] + b"\xff"), vector["name"]
        assert not ed25519.verify(b"\x01" + bytes(31), words, signature), vector["name"]


CHECKS = (
    check_batches,
    check_bad_batches,
    check_slots,
    check_flash_entries,
    check_acks,
    check_reports,
    check_commands,
    check_chunks,
    check_bodies,
    check_hmac,
    check_oxygen,
    check_ammonia,
    check_ph_slope,
    check_gross_range,
    check_every_limit,
    check_spike,
    check_schedule,
    check_modbus,
    check_yosemitech,
    check_river_values,
    check_mqtt_codec,
    check_bad_mqtt,
    check_config,
    check_retry,
    check_ed25519,
)

if __name__ == "__main__":
    for check in CHECKS:
        check()
        print("ok", check.__name__)
    print("all checks hold")
