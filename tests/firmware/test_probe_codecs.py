"""Properties of the probes' codecs and of calibration, for all inputs that hypothesis thinks of."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe_buoy import calibrating, modbus, quality
from xunhe_buoy.chemistry import ph_slope_mv
from xunhe_buoy.drivers import adc, nmea
from xunhe_buoy.drivers.registers import parse_fields

addresses = st.integers(1, 247)
registers = st.integers(0, 0xFFFF)


@given(addresses, registers, st.integers(1, 125), st.sampled_from([3, 4]), st.data())
def test_a_reply_is_found_behind_echo_and_silence_marks(address, register, count, function, data):
    request = modbus.read_request(address, register, count, function)
    content = data.draw(st.binary(min_size=2 * count, max_size=2 * count))
    reply = modbus.with_crc(bytes((address, function, 2 * count)) + content)
    assert len(reply) == modbus.reply_size(request)
    for noise in (b"", b"\x00", b"\xff\xff", request):
        assert modbus.parse_reply(noise + reply, request) == content


@given(addresses, registers, st.binary(min_size=2, max_size=246))
def test_a_write_is_confirmed_by_its_own_head_only(address, register, data):
    data = data[: len(data) // 2 * 2]
    request = modbus.write_request(address, register, data)
    assert modbus.is_frame(request)
    assert modbus.parse_reply(modbus.with_crc(request[:6]), request) == b""
    other = modbus.with_crc(bytes((address, 16, (register >> 8) ^ 1)) + request[3:6])
    with pytest.raises(modbus.ModbusError):
        modbus.parse_reply(other, request)


def outcome_of(data, request):
    try:
        return len(modbus.parse_reply(data, request))
    except modbus.ModbusError as error:
        return error.reason


@given(st.binary(max_size=40))
def test_any_bytes_are_a_reply_or_have_a_reason(data):
    known = (4, "silence", "short", "crc", "wrong id", "exception", "echo")
    assert outcome_of(data, modbus.read_request(1, 0, 2)) in known


@given(st.integers(-900_000_000, 900_000_000), st.integers(5, 7))
def test_an_angle_survives_nmea(angle_e7, digits):
    degrees, rest_e7 = divmod(abs(angle_e7), 10_000_000)
    minutes = rest_e7 * 60 / 1e7
    text = f"{degrees:02d}{minutes:0{digits + 3}.{digits}f}"
    if minutes < 59.99999:
        back = nmea.angle_e7(text, "S" if angle_e7 < 0 else "N", "NS", 90)
        assert back == pytest.approx(angle_e7, abs=1 + 10 ** (7 - digits) / 60)


@given(st.binary(min_size=4, max_size=4), st.sampled_from(["<f", ">f"]))
def test_any_register_is_a_value_of_water_or_none(data, form):
    (value,) = parse_fields(data, ((0, form, "ph", 1),)).values()
    assert value is None or (-1 <= value <= 15 and (value == 0 or abs(value) >= 1e-6))


@given(
    st.floats(-59, 59),
    st.floats(0.86, 1.04),
    st.floats(0.86, 1.04),
    st.floats(0, 40),
    st.sampled_from([6.0, 6.86, 7.0, 7.41, 8.0]),
)
def test_three_buffers_recover_the_electrode(offset_mv, acid, base, temp_c, middle):
    points = []
    for ph in (4.01, middle, 9.6):
        share = acid if ph < 7 else base
        points.append((ph, offset_mv + share * ph_slope_mv(temp_c) * (7 - ph), temp_c))
    made = calibrating.calibration("ph_mv", points)
    assert made.offset == pytest.approx(offset_mv, abs=1e-6)
    for ph, mv, _ in points:
        assert made.value(mv, temp_c) == pytest.approx(ph, abs=1e-9)


@given(st.lists(st.floats(-1e3, 1e3) | st.none() | st.just(math.nan), max_size=30))
def test_no_series_of_values_breaks_the_flags(values):
    qualifier = quality.Qualifier(quality.RIVER_LIMITS["ph"])
    for i, value in enumerate(values):
        flag = qualifier.flag(value, i * 60)
        assert flag in (1, 3, 4, 9)
        assert (flag == 9) == (value is None or math.isnan(value))


def test_a_voltage_is_the_median_of_several_samples_behind_its_divider():
    class Adc:
        def __init__(self):
            self.samples = [1_850_000] * 5 + [900_000, 3_000_000]  # a modem's burst

        def read_uv(self):
            return self.samples.pop()

    assert adc.volts(Adc(), 2.0) == pytest.approx(3.7)
