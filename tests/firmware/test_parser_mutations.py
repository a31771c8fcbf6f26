"""Mutated frames at the parsers of probes: nothing but their own errors comes out, nothing hangs.

Quick here; `make test-all` runs a million at each.
"""

import math

import pytest
from mutations import COUNTS, mutations
from portable_probes import ATLANTIC_GGA, ATLANTIC_RMC, SHIP_GGA, SHIP_RMC, scratchpad, sentence

from xunhe_buoy import modbus
from xunhe_buoy.drivers import atlas_ezo, ds18b20, nmea, registers, yosemitech

REQUESTS = (
    modbus.read_request(1, 0x2600, 6),
    modbus.read_request(2, 0x0000, 2, modbus.READ_INPUT),
    modbus.write_one_request(1, 0x1010, 2),
    modbus.write_request(3, 0x1100, bytes(8)),
)
REPLIES = (
    modbus.with_crc(b"\x01\x03\x0c" + bytes(range(12))),
    modbus.with_crc(b"\x02\x04\x04abcd"),
    REQUESTS[2],
    modbus.with_crc(REQUESTS[3][:6]),
    modbus.with_crc(b"\x01\x83\x02"),
    modbus.with_crc(b"\x03\x90\x06"),
    modbus.with_crc(b"\x09\x03\x02ab"),
    REQUESTS[0],
)


@pytest.mark.parametrize("count", COUNTS)
def test_modbus_frames_end_in_data_or_a_known_reason(count):
    known = {value for name, value in vars(modbus).items() if name.startswith("R_")}
    sizes, reasons = set(), set()
    for i, frame in enumerate(mutations(REPLIES, count, "modbus")):
        request = REQUESTS[i % len(REQUESTS)]
        try:
            sizes.add(len(modbus.parse_reply(frame, request)))
        except modbus.ModbusError as error:
            reasons.add(error.reason)
    assert {0, 4, 12} <= sizes
    assert reasons <= known
    assert {"silence", "short", "crc", "wrong id", "exception", "echo"} <= reasons


@pytest.mark.parametrize("count", COUNTS)
def test_register_bytes_become_values_of_water_or_none(count):
    fields = yosemitech.MODELS["Y504"].reads[0][2]
    for data in mutations([bytes.fromhex("0000a0416666663f33330341")], count, "registers"):
        values = registers.parse_fields(data[:12].ljust(12, b"\0"), fields)
        assert all(value is None or math.isfinite(value) for value in values.values())


@pytest.mark.parametrize("count", COUNTS)
def test_nmea_bytes_become_fixes_on_earth_or_are_counted(count):
    today = sentence(b"GNRMC,010203.00,A,3000.0,N,11400.0,E,0.0,0.0,201026,,,A") + sentence(
        b"GNGGA,010203.00,3000.0,N,11400.0,E,1,12,0.8,10,M,0,M,,"
    )
    seeds = (SHIP_GGA + SHIP_RMC, ATLANTIC_RMC + ATLANTIC_GGA, today, sentence(b"GPGSV,3,1,12"))
    parser, fixes = nmea.Parser(), 0
    for data in mutations(seeds, count, "nmea"):
        fix = parser.feed(data)
        if fix is not None:
            fixes += 1
            assert abs(fix.lat_e7) <= 90e7
            assert abs(fix.lon_e7) <= 180e7
            assert fix.time_s is None or 1735689600 <= fix.time_s < 4102444800
            assert math.isfinite(fix.hdop)
    assert fixes > count / 20
    assert parser.bad > count / 20


@pytest.mark.parametrize("count", COUNTS)
def test_ezo_answers_end_in_text_or_a_known_reason(count):
    seeds = (
        b"\x017.012\0\0\0",
        b"\x018.18,90.1\0",
        b"\x01?Slope,99.7,100.3,-0.89\0",
        b"\x01?,O,mg\0",
        b"\xfe\0",
        b"\x02\0",
        b"\xff\0",
    )
    known = {value for name, value in vars(atlas_ezo).items() if name.startswith("R_")}
    reasons, numbers = set(), 0
    for raw in mutations(seeds, count, "ezo"):
        try:
            text = atlas_ezo.parse_answer(raw)
            atlas_ezo.parse_query(text) if text[:1] == "?" else atlas_ezo.parse_numbers(text)
            numbers += 1
        except atlas_ezo.EzoError as error:
            reasons.add(error.reason)
    assert reasons <= known
    assert len(reasons) >= 4
    assert numbers > count / 20


@pytest.mark.parametrize("count", COUNTS)
def test_scratchpads_end_in_a_temperature_or_a_known_reason(count):
    seeds = (scratchpad(0x0191), scratchpad(0xFFF8), scratchpad(0x0550))
    for raw in mutations(seeds, count, "ds18b20"):
        temp_c, reason = ds18b20.parse_scratchpad(raw[:9].ljust(9, b"\xff"))
        assert (temp_c is None) == (reason in ("crc", "rubbish", "power-up"))
