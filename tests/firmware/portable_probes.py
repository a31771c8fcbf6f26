"""Checks of probes, calibration and quality that both interpreters run, as portable.py.

Golden data: GGA and RMC of a ship's receiver (NOAA cruise PISTON, 2019-09-16), the power-up
scratchpad of the DS18B20 data sheet, the answers that EZO data sheets print, ioos_qc 3.0.0's flags.
"""

import json
import math
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
sys.path.insert(0, ROOT + "/firmware")

from xunhe_buoy import calibrating, calibration, channels, chemistry, inspection, modbus, quality  # noqa: E402
from xunhe_buoy.checks import ConfigError  # noqa: E402
from xunhe_buoy.drivers import (  # noqa: E402  # noqa: E402
    FAMILIES,
    atlas_ezo,
    ds18b20,
    family,
    nmea,
    register_map,
    registers,
    renke,
)
from xunhe_buoy.instruments import Measurement  # noqa: E402
from xunhe_buoy.probe_config import probe_entries  # noqa: E402


def near(got, want, within=1e-9):
    return abs(got - want) <= within


def error_of(kind, call, *args):
    """The error that the call must raise."""
    try:
        call(*args)
    except kind as error:
        return error
    raise AssertionError(f"no error from {args!r}")


# -- Modbus


def check_modbus_writes():
    one = modbus.write_one_request(1, 0x1010, 2)
    assert one.hex() == "0106101000020d0e"
    many = modbus.write_request(3, 0x1100, bytes(8))
    assert many[:7].hex() == "03101100000408"
    answer = modbus.with_crc(many[:6])
    assert modbus.parse_reply(many + answer, many) == b""
    assert modbus.parse_reply(one, one) == b""
    other = modbus.with_crc(b"\x03\x10\x12\x00\x00\x04")
    assert error_of(modbus.ModbusError, modbus.parse_reply, other, many).reason == "crc"
    assert error_of(modbus.ModbusError, modbus.parse_reply, many, many).reason == "echo"
    for call, args in (
        (modbus.write_request, (1, 0, b"")),
        (modbus.write_request, (1, 0, b"abc")),
        (modbus.write_request, (1, 0, bytes(248))),
        (modbus.write_request, (0, 0, b"ab")),
        (modbus.write_one_request, (248, 0, 1)),
        (modbus.read_request, (1, 0, 126)),
        (modbus.read_request, (1, 0, 1, 6)),
    ):
        error_of(ValueError, call, *args)


def check_modbus_input_registers():
    request = modbus.read_request(7, 0x0000, 2, modbus.READ_INPUT)
    assert request[1] == 4
    reply = modbus.with_crc(b"\x07\x04\x04abcd")
    assert modbus.parse_reply(reply, request) == b"abcd"
    holding = modbus.with_crc(b"\x07\x03\x04abcd")
    assert error_of(modbus.ModbusError, modbus.parse_reply, holding, request).reason == "crc"


# -- probes


def check_registers_of_each_maker():
    oxygen = renke.MODELS["RS-LDO"].reads[0][2]
    got = registers.parse_fields(bytes.fromhex("3f6666664103333341a00000"), oxygen)
    assert near(got["do_fraction"], 0.9, 1e-6)
    assert near(got["do_mg_l"], 8.2, 1e-6)
    assert got["temp_c"] == 20.0
    ph = renke.MODELS["RS-PH"].reads[0][2]
    assert registers.parse_fields(bytes.fromhex("02e4fffb"), ph) == {"ph": 7.4, "temp_c": -0.5}
    seeed = family("S-pH-01").MODELS["S-pH-01"].reads[0][2]
    assert registers.parse_fields(bytes.fromhex("07d002e4"), seeed) == {"temp_c": 20.0, "ph": 7.4}


def check_every_model_has_a_driver():
    for model in FAMILIES:
        module = family(model)
        assert hasattr(module, "build"), model
        assert model == "modbus" or model in module.MODELS, model


def check_register_map():
    (entry,) = probe_entries({"probes": [METER]})
    model = register_map.model_of(entry)
    assert (model.role, model.function, len(model.reads)) == ("outfall", 4, 2)
    register, count, fields = model.reads[1]
    assert (register, count) == (4, 1)
    assert registers.parse_fields(b"\x04\xd2", fields) == {"flow_l_s": 123.4}
    assert entry["constants"]["rating"] == (1400, 0.05, 2.5)


def check_ezo_answers():
    assert atlas_ezo.parse_answer(b"\x017.012\0\0\0\xff") == "7.012"
    assert atlas_ezo.parse_answer(b"\x01\0") == ""
    for raw, reason in (
        (b"\x02\0", "syntax"),
        (b"\xfe\0", "not ready"),
        (b"\xff\0", "no data"),
        (b"\x07", "rubbish"),
        (b"", "no data"),
        (b"\x017.\x8012\0", "rubbish"),
    ):
        assert error_of(atlas_ezo.EzoError, atlas_ezo.parse_answer, raw).reason == reason, raw
    assert atlas_ezo.parse_numbers("8.18,90.1") == [8.18, 90.1]
    error_of(atlas_ezo.EzoError, atlas_ezo.parse_numbers, "*ER")
    # both shapes of query answers
    assert atlas_ezo.parse_query("?Slope,99.7,100.3,-0.89") == ("slope", ["99.7", "100.3", "-0.89"])
    assert atlas_ezo.parse_query("?Status,P,5.038") == ("status", ["P", "5.038"])
    assert atlas_ezo.parse_query("?,O,mg,%") == ("o", ["mg", "%"])
    for text in ("", "7.01", "?"):
        error_of(atlas_ezo.EzoError, atlas_ezo.parse_query, text)


def scratchpad(sixteenths, configuration=0x7F):
    data = bytes((sixteenths & 0xFF, sixteenths >> 8 & 0xFF, 75, 70, configuration, 0xFF, 12, 16))
    return data + bytes((ds18b20.crc8(data),))


def check_ds18b20():
    # temperature/data relationships of the data sheet
    for sixteenths, temp_c in ((0x0191, 25.0625), (0x00A2, 10.125), (0x0008, 0.5), (0, 0.0)):
        assert ds18b20.parse_scratchpad(scratchpad(sixteenths)) == (temp_c, None)
    assert ds18b20.parse_scratchpad(scratchpad(0xFFF8)) == (-0.5, None)
    assert ds18b20.parse_scratchpad(scratchpad(0xFF5E)) == (-10.125, None)
    bent = bytearray(scratchpad(0x0191))
    bent[0] ^= 1
    for data, reason in (
        (bent, "crc"),
        (scratchpad(0x0550), "power-up"),  # 85 °C: it never converted
        (scratchpad(0x07D0), "rubbish"),  # 125 °C is no water
        (bytes(9), "rubbish"),  # a bus stuck low
        (b"\xff" * 9, "crc"),  # nobody there
    ):
        assert ds18b20.parse_scratchpad(data) == (None, reason), data
    # Maxim application note 27: the ROM 02 1C B8 01 00 00 00 has the CRC A2
    assert ds18b20.crc8(bytes.fromhex("021cb801000000a2")) == 0


SHIP_GGA = (
    b"$GPGGA,195959.00,1813.38282955,N,12606.12767097,E,2,07,1.4,17.2,M,36.5,M,4.0,0129*78\r\n"
)
SHIP_RMC = b"$GPRMC,195959.00,A,1813.38282955,N,12606.12767097,E,1.31,262.13,160919,3.0,W,D*21\r\n"
ATLANTIC_GGA = (
    b"$GPGGA,195959.00,1541.31258893,N,05130.51204125,W,2,06,1.5,9.2,M,-37.6,M,4.0,0138*7E\r\n"
)
ATLANTIC_RMC = (
    b"$GPRMC,195959.00,A,1541.31258893,N,05130.51204125,W,0.26,147.44,140120,16.9,W,D*0B\r\n"
)


def sentence(body):
    checksum = 0
    for byte in body:
        checksum ^= byte
    return b"$" + body + b"*%02X\r\n" % checksum


def check_nmea():
    parser = nmea.Parser()
    fix = parser.feed(b"86,12*00\r\n" + SHIP_GGA + SHIP_RMC)  # begins in the middle of a sentence
    assert (fix.lat_e7, fix.lon_e7) == (182230472, 1261021278)
    assert (fix.satellites, fix.hdop, fix.time_s) == (7, 1.4, None)  # 2019: a rolled-over week
    assert parser.bad == 1
    west = parser.feed(ATLANTIC_RMC + ATLANTIC_GGA)
    assert (west.lat_e7, west.lon_e7) == (156885431, -515085340)
    assert near(west.lat, 15.6885431, 1e-6)
    assert parser.feed(SHIP_GGA + ATLANTIC_RMC.replace(b"*0B", b"*0C")) is None
    assert parser.bad == 2
    lost = sentence(b"GNRMC,010203.00,V,,,,,,,201026,,,N") + sentence(
        b"GNGGA,010203.00,,,,,0,00,99.99,,,,,,"
    )
    assert parser.feed(lost) is None
    assert parser.bad == 2  # "no fix yet" is no error
    # 2026-10-20 01:02:03 UTC, byte by byte
    good = sentence(b"GNRMC,010203.00,A,3000.00000,S,11400.00000,E,0.0,0.0,201026,,,A") + sentence(
        b"GNGGA,010203.00,3000.00000,S,11400.00000,E,1,12,0.8,10,M,0,M,,"
    )
    fixes = [parser.feed(bytes((byte,))) for byte in good]
    (fix,) = [fix for fix in fixes if fix is not None]
    assert (fix.lat_e7, fix.lon_e7, fix.time_s) == (-300000000, 1140000000, 1792458123)


def check_dates():
    for date, clock, want in (
        ("010125", "000000", 1735689600),
        ("311224", "235959", None),
        ("280228", "120000", 1835352000),
        ("290228", "120000", 1835438400),  # a leap day
        ("010328", "120000", 1835524800),
        ("311299", "235959.99", 4102444799),
    ):
        assert nmea.unix_s(date, clock) == want, date
    for date, clock in (("000125", "000000"), ("011325", "000000"), ("010125", "240000"), ("", "")):
        error_of(ValueError, nmea.unix_s, date, clock)
    for text, side in (("9000.1", "N"), ("1260.0", "N"), ("", "N"), ("1200", "NS"), ("12a0", "S")):
        error_of(ValueError, nmea.angle_e7, text, side, "NS", 90)


# -- chemistry and calibration


def check_ph_from_mv():
    for temp_c in (0, 10, 25, 40):
        slope = chemistry.ph_slope_mv(temp_c)
        for ph in (4.01, 6.86, 7.0, 9.18):
            assert near(chemistry.ph_from_mv(slope * (7 - ph), temp_c), ph)
            worn = 12.0 + 0.95 * slope * (7 - ph) if ph < 7 else 12.0 + 0.9 * slope * (7 - ph)
            assert near(chemistry.ph_from_mv(worn, temp_c, 12.0, 0.95, 0.9), ph)


def check_ammonium_electrode():
    slope = chemistry.ph_slope_mv(20)
    for mg_l in (0.05, 1.0, 10.0):
        mv = 250.0 + 0.97 * slope * math.log10(mg_l)
        assert near(chemistry.nh4_n_from_mv(mv, 20, 250.0, 0.97), mg_l, 1e-9)
    # 1 mmol/L K+ counts as 0.1 mmol/L NH4+
    assert near(chemistry.without_potassium_mg_l(2.0, 39.098), 2.0 - 1.4007)
    assert chemistry.without_potassium_mg_l(2.0, 0.0) == 2.0


def points_of(offset_mv, acid, base, phs, temp_c=25.0):
    """What a worn electrode shows in buffers."""
    rows = []
    for ph in phs:
        theory = chemistry.ph_slope_mv(temp_c) * (7 - ph)
        rows.append((ph, offset_mv + theory * (acid if ph < 7 else base), temp_c))
    return rows


def check_ph_calibration():
    one = calibrating.calibration("ph_mv", points_of(10.0, 1.0, 1.0, (6.86,)))
    assert near(one.offset, 10.0)
    assert one.slope == one.slope_base == 1.0
    two = calibrating.calibration("ph_mv", points_of(-8.0, 0.96, 0.96, (9.18, 4.01)), 5, "wu")
    assert near(two.offset, -8.0, 1e-6)
    assert near(two.slope, 0.96)
    assert near(two.slope_base, 0.96)
    assert (two.at_s, two.by) == (5, "wu")
    for phs in ((4.01, 6.86, 9.18), (9.18, 6.86, 4.01), (4.01, 7.0, 9.18), (4.0, 7.41, 10.01)):
        three = calibrating.calibration("ph_mv", points_of(5.0, 0.97, 0.93, phs, 15.0))
        assert near(three.offset, 5.0, 1e-6), phs
        assert near(three.slope, 0.97), phs
        assert near(three.slope_base, 0.93), phs
        for ph, mv, temp_c in points_of(5.0, 0.97, 0.93, (2.0, 6.9, 7.1, 11.0), 30.0):
            assert near(three.value(mv, temp_c), ph, 1e-6)
    assert three.value(0.0, None) is None


def check_ph_health():
    def offset(mv):
        return points_of(mv, 1.0, 1.0, (7.0,))

    def slope(share):
        return points_of(0.0, share, share, (4.01, 9.18))

    for mv in (-60.0, 60.0):
        assert calibrating.calibration("ph_mv", offset(mv)).offset == mv
        error = error_of(
            calibrating.CalibrationError, calibrating.calibration, "ph_mv", offset(mv * 1.001)
        )
        assert "offset" in str(error)
    assert calibrating.warnings(calibrating.calibration("ph_mv", offset(30.0))) == ()
    assert len(calibrating.warnings(calibrating.calibration("ph_mv", offset(30.1)))) == 1
    # buffers 4.01 and 7.01 at 25 °C: a healthy electrode shows 150 to 186 mV between them
    assert near(chemistry.ph_slope_mv(25) * 3 * 0.85, 151, 1)
    assert near(chemistry.ph_slope_mv(25) * 3 * 1.05, 186, 1)
    for share in (0.8501, 1.0499):
        assert near(calibrating.calibration("ph_mv", slope(share)).slope, share)
    for points in (
        slope(0.8499),
        slope(1.0501),
        points_of(0.0, 1.0, 0.8, (4.01, 6.86, 9.18)),
        points_of(0.0, 1.0, 1.0, (6.86, 7.0)),  # too near to each other
        points_of(0.0, 1.0, 1.0, (2.0, 4.01, 6.86)),  # all on one side
        [(7.0, 0.0, 25.0)] * 2,
        [(7.0, 0.0, 25.0)] * 4,
        [],
    ):
        error_of(calibrating.CalibrationError, calibrating.calibration, "ph_mv", points)


def check_other_calibrations():
    air = calibrating.calibration("do_fraction", [(1.0, 0.96, 20.0)])
    assert near(air.value(0.48, None), 0.5)
    assert air.offset == 0.0
    two = calibrating.calibration("do_fraction", [(0.0, 0.02, 20.0), (1.0, 0.98, 20.0)])
    assert near(two.value(0.5, None), 0.5)
    assert near(two.value(0.02, None), 0.0)
    warm = calibrating.calibration("temp_c", [(20.0, 20.3, 20.0)])
    assert near(warm.value(10.3, None), 10.0)
    assert warm.slope == 1.0
    slope = chemistry.ph_slope_mv(20)
    standards = [(c, 240.0 + 0.95 * slope * math.log10(c), 20.0) for c in (1.0, 10.0)]
    nh4 = calibrating.calibration("nh4_mv", standards)
    assert near(nh4.offset, 240.0, 1e-6)
    assert near(nh4.slope, 0.95)
    assert near(nh4.value(240.0 + 0.95 * slope * math.log10(5.0), 20.0), 5.0, 1e-6)
    assert near(calibrating.calibration("nh4_mv", standards[:1]).offset, 240.0)
    for quantity, points in (
        ("do_fraction", [(1.0, 0.0, 20.0)]),
        ("do_fraction", [(1.0, 0.4, 20.0)]),  # slope 2.5
        ("temp_c", [(1.0, 5.0, 20.0), (2.0, 5.0, 20.0)]),
        ("nh4_mv", [(0.0, 100.0, 20.0)]),
    ):
        error_of(calibrating.CalibrationError, calibrating.calibration, quantity, points)


def check_calibrated_values_stand_beside_raw_ones():
    ph = calibration.Calibration("ph_mv", [], 0.95, 12.0)
    raw = {"ph": 7.1, "temp_c": 25.0, "ph_mv": 12.0}
    values, sources = calibration.corrected(raw, [ph], 25.0)
    assert values["ph"] == 7.0
    assert sources["ph"] == "ph_mv"
    assert raw["ph"] == 7.1
    oxygen = calibration.Calibration("do_fraction", [], 1.1, 0.0)
    values, sources = calibration.corrected({"do_fraction": 0.5, "do_mg_l": 4.5}, [oxygen], 20.0)
    assert near(values["do_fraction"], 0.55)
    assert "do_mg_l" not in values  # the probe's own is computed from the old saturation
    silent, _ = calibration.corrected({}, [ph], 20.0)
    assert silent == {}


# -- channels


def check_channels_elsewhere_than_at_sea_level():
    oxygen = {"temp_c": 20.0, "do_fraction": 0.9, "do_mg_l": 8.18}
    here, sources = channels.compute({"oxygen": oxygen}, channels.Conditions())
    assert here["do_mg_l"] == 8.18
    assert sources["do_mg_l"] == ("oxygen", "do_mg_l")
    high, sources = channels.compute({"oxygen": oxygen}, channels.Conditions(0.0, 0.9 * 101.325))
    assert near(high["do_mg_l"], 0.9 * 8.162, 0.001)
    assert sources["do_mg_l"] == ("oxygen", "do_fraction")
    salt, _ = channels.compute({"oxygen": oxygen}, channels.Conditions(9.0))
    assert near(salt["do_mg_l"], 0.9 * 8.622, 0.001)
    ezo, _ = channels.compute({"oxygen": {"do_mg_l": 7.0}}, channels.Conditions(9.0))
    assert ezo["do_mg_l"] == 7.0  # it was told the salinity itself


def check_channels_of_potassium():
    readings = {
        "ammonium": {"nh4_n_mg_l": 2.0, "potassium_mg_l": 39.098, "temp_c": 20.0},
        "ph": {"ph": 7.0},
    }
    values, _ = channels.compute(readings, channels.Conditions())
    want = (2.0 - 1.4007) / (1 - chemistry.nh3_fraction(7.0, 20.0))
    assert near(values["nh3n_mg_l"], want)
    readings["ammonium"]["potassium_mg_l"] = 1000.0
    assert channels.compute(readings, channels.Conditions())[0]["nh3n_mg_l"] == 0.0


def check_channels_of_an_outfall():
    meter = {"level_m": 0.30, "rating": (1400.0, 0.05, 2.5)}
    values, sources = channels.compute({"outfall": meter}, channels.Conditions())
    assert near(values["flow_l_s"], 1400 * 0.25**2.5)
    assert sources["flow_l_s"] == ("outfall", "level_m")
    meter["level_m"] = 0.01  # below the crest
    assert channels.compute({"outfall": meter}, channels.Conditions())[0]["flow_l_s"] == 0.0
    meter["flow_l_s"] = 12.5
    assert channels.compute({"outfall": meter}, channels.Conditions())[0]["flow_l_s"] == 12.5
    assert "level_m" not in channels.compute({}, channels.Conditions())[0]


# -- quality: ioos_qc 3.0.0, chemistry-and-qc, section 4

SERIES = (7.1, 7.12, 7.11, 9.9, 7.1, 7.1, 7.1, 7.1, 7.1, 7.1, 15, math.nan)
WIDE = (-100.0, 100.0)


def flags_of(limits, values, step_s=600):
    qualifier = quality.Qualifier(limits)
    return [qualifier.flag(value, 1000 + i * step_s) for i, value in enumerate(values)]


def check_rate_of_change():
    limits = quality.Limits(WIDE, WIDE, rate_per_s=0.002)
    assert flags_of(limits, SERIES) == [1, 1, 1, 3, 3, 1, 1, 1, 1, 1, 3, 9]
    exact = quality.Limits(WIDE, WIDE, rate_per_s=0.001)
    assert flags_of(exact, (7, 7.6, 7.6, 7.6, 8.8, 8.8)) == [1, 1, 1, 1, 3, 1]
    assert quality.rate(1.0, 0, 0.1) == quality.rate(1.0, -5, 0.1) == 2  # the clock went back


def check_flat_line():
    flat = quality.Limits(WIDE, WIDE, flat=(0.01, 1800, 3000))
    assert flags_of(flat, SERIES) == [1, 1, 1, 1, 1, 1, 1, 3, 3, 4, 1, 9]
    assert flags_of(flat, (7.0,) * 6) == [1, 1, 1, 3, 3, 4]
    assert flags_of(flat, (7.0,) * 6, 599) == [1, 1, 1, 1, 3, 3]  # just below both times
    # a range equal to the tolerance is a new run, one below it is not
    power_of_two = quality.Limits(WIDE, WIDE, flat=(0.25, 1800, 3000))
    assert flags_of(power_of_two, (7.0, 7.0, 7.0, 7.25)) == [1, 1, 1, 1]
    assert flags_of(power_of_two, (7.0, 7.0, 7.0, 7.24)) == [1, 1, 1, 3]
    floor = quality.Limits((0.0, 9.0), (0.0, 9.0), flat=(0.01, 1800, 3000))
    assert flags_of(floor, (0.0,) * 6) == [1] * 6  # no oxygen for an hour is no defect
    tracker = quality.FlatLine((0.01, 1800, 3000), -1.0)
    assert [tracker.flag(7.0, t) for t in (5000, 7000, 100, 1800, 1900)] == [1, 3, 1, 1, 3]


def check_worst():
    for flags, want in (([1, 2], 1), ([2, 2], 2), ([1, 3, 2], 3), ([4, 3], 4), ([1, 9, 4], 9)):
        assert quality.worst(flags) == want


def measurement(temp_c=20.0, fraction=0.8, other_temp_c=20.1, battery_v=3.9, ph=7.4):
    raw = {
        "Y504@1.temp_c": temp_c,
        "Y504@1.do_fraction": fraction,
        "Y532@2.temp_c": other_temp_c,
        "Y532@2.ph": ph,
    }
    values = {"water_temp_c": temp_c, "ph": ph, "do_mg_l": 7.0, "battery_v": battery_v}
    sources = {
        "water_temp_c": "Y504@1.temp_c",
        "ph": "Y532@2.ph",
        "do_mg_l": "Y504@1.do_fraction",
    }
    return Measurement(values, raw, sources, {}, ["Y504@1", "Y532@2"])


def check_a_stuck_probe_is_flagged_fail():
    inspector = inspection.Inspector()
    rows = []
    for i in range(inspection.STUCK_AFTER + 1):
        moving = measurement(ph=7.4 + i * 1e-6)  # the last digits of one probe move
        rows.append(inspector.flags(moving, i * 60))
    before, at = rows[inspection.STUCK_AFTER - 2], rows[inspection.STUCK_AFTER - 1]
    assert set(before.values()) == {1}
    assert (at["do_mg_l"], at["water_temp_c"], at["ph"], at["battery_v"]) == (4, 4, 1, 1)
    again = inspector.flags(measurement(temp_c=20.2, ph=8.0), 600)
    assert again["do_mg_l"] == 1


def check_probes_out_of_water_are_suspect():
    def flags(first, second, elapsed_s=600):
        inspector = inspection.Inspector()
        inspector.flags(first, 0)
        return inspector.flags(second, elapsed_s)

    water = measurement()
    for air in (
        measurement(fraction=1.0, other_temp_c=21.6),  # air's oxygen, thermometers apart
        measurement(fraction=1.0, temp_c=23.1, other_temp_c=23.0),  # air's oxygen, 3.1 °C in 600 s
        measurement(temp_c=23.1, other_temp_c=21.0),
    ):
        got = flags(water, air)
        assert (got["water_temp_c"], got["ph"], got["do_mg_l"], got["battery_v"]) == (3, 3, 3, 1)
    for wet in (
        measurement(fraction=1.0),  # saturated on a sunny afternoon
        measurement(fraction=0.949, other_temp_c=21.6),  # just outside air's oxygen
        measurement(fraction=1.0, other_temp_c=21.5),  # just not apart
        measurement(fraction=1.0, temp_c=23.0, other_temp_c=23.0),  # just not too fast
    ):
        assert set(flags(water, wet).values()) == {1}


def check_a_low_supply_is_suspect():
    for battery_v, flag in ((2.949, 3), (2.95, 1), (2.951, 1)):
        got = inspection.Inspector().flags(measurement(battery_v=battery_v), 0)
        assert (got["ph"], got["battery_v"]) == (flag, 1)
    twelve = inspection.Inspector(low_supply_v=11.5)
    assert twelve.flags(measurement(battery_v=11.4), 0)["ph"] == 3


def check_a_deep_sleep_between_readings_changes_no_flag():
    awake, sleeper, kept = inspection.Inspector(), None, None
    for i in range(80):
        level = 7.4 if i % 40 > 10 else 7.4 + (i % 5)  # steps, spikes, a flat line, stuck
        seen = measurement(ph=level, temp_c=20.0 if i > 60 else 20.0 + i / 16)
        sleeper = inspection.Inspector()
        sleeper.remember(kept)
        want = awake.flags(seen, i * 900)
        assert sleeper.flags(seen, i * 900) == want, i
        kept = json.loads(json.dumps(sleeper.memory()))
    assert set(want.values()) == {1, 4}


def check_the_memory_between_two_visits_is_text():
    awake, kept = inspection.Inspector(), None
    for i in range(inspection.STUCK_AFTER + 2):
        got, kept = inspection.flags(kept, measurement(), 900.0 * i)
        assert isinstance(kept, str)
        assert got == awake.flags(measurement(), 900.0 * i)


def check_missing_stays_missing():
    dark = measurement(battery_v=2.9)
    dark.values["ph"] = None
    dark.values["odd"] = 1.0
    got = inspection.Inspector().flags(dark, 0)
    assert (got["ph"], got["odd"]) == (9, 2)


# -- configuration

METER = {
    "model": "modbus",
    "role": "outfall",
    "address": 9,
    "baud": 19200,
    "function": 4,
    "registers": [
        {"register": 0, "type": "float", "quantity": "level_m"},
        {"register": 4, "type": "u16", "quantity": "flow_l_s", "divisor": 10},
    ],
    "rating": {"a": 1400, "h0_m": 0.05, "b": 2.5},
}


def changed(entry, **changes):
    result = dict(entry)
    result.update(changes)
    return result


BAD_PROBES = (
    ([{"model": "Y504"}], "address is missing"),
    ([{"model": "Y504", "address": 1, "baud": 9601}], "probes.baud"),
    ([{"model": "Y504", "address": 1, "rom": "28"}], "rom is not a setting"),
    ([{"model": "Y504", "address": 248}], "from 1 to 247"),
    ([{"model": "EZO-pH", "address": 3}], "from 8 to 119"),
    ([{"model": "EZO-pH", "baud": 9600}], "baud is not a setting"),
    ([{"model": "DS18B20", "rom": "28ff"}], "rom must be 16 hex digits"),
    ([{"model": "DS18B20"}, {"model": "DS18B20", "name": "b"}], "share an address"),
    ([{"model": "EZO-pH"}, {"model": "EZO-pH", "address": 98}], "share a name"),
    ([{"model": "RS-PH", "address": 2, "name": "a.b"}], "no dot"),
    ([{"model": "RS-PH", "address": 2, "name": "x" * 25}], "at most 24"),
    (["Y504"], "must be a JSON object"),
    ([changed(METER, role="lamp")], "role 'lamp' is not known"),
    ([changed(METER, function=6)], "from 3 to 4"),
    ([changed(METER, registers=[])], "at least one entry"),
    ([changed(METER, registers=[{"register": 0, "type": "f64", "quantity": "ph"}])], "type 'f64'"),
    ([changed(METER, registers=[{"register": 0, "type": "u16", "quantity": "x"}])], "quantity 'x'"),
    (
        [
            changed(
                METER, registers=[{"register": 0, "type": "u16", "quantity": "ph", "divisor": 0}]
            )
        ],
        "divisor",
    ),
    ([changed(METER, rating={"a": 1, "c": 2})], "rating.c is not a setting"),
)


def check_probe_configuration():
    entries = probe_entries(
        {
            "probes": [
                {"model": "Y504", "address": 1},
                {"model": "RS-LDO", "address": 2, "baud": 9600, "name": "spare"},
                {"model": "EZO-pH"},
                {"model": "DS18B20", "rom": "28FF641E8D3C0C79"},
                METER,
            ]
        }
    )
    assert [entry["name"] for entry in entries] == [
        "Y504@1",
        "spare",
        "EZO-pH",
        "DS18B20",
        "modbus@9",
    ]
    assert entries[2]["address"] == 0x63
    for probes, words in BAD_PROBES:
        error = error_of(ConfigError, probe_entries, {"probes": probes})
        assert words in str(error), str(error)


CHECKS = [value for name, value in sorted(globals().items()) if name.startswith("check_")]

if __name__ == "__main__":
    for check in CHECKS:
        check()
        print("ok", check.__name__)
    print("all checks hold")
