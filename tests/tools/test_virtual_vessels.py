"""The probes of a virtual board, and the vessels that a hand puts them into."""

import struct
from pathlib import Path

import pytest
import serial
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient

from xunhe_tools.virtual_board.vessels import Hand, Probes, VesselError, in_vessel
from xunhe_tools.virtual_river.chemistry import oxygen_saturation_mg_l
from xunhe_tools.virtual_river.noise import sensed


@pytest.mark.parametrize(("word", "ph"), [("6.865", 6.868), ("9.180", 9.2), ("4.01", 4.0)])
def test_a_buffer_has_the_value_of_its_table_at_room_temperature(word: str, ph: float) -> None:
    assert in_vessel(word).ph == pytest.approx(ph, abs=0.02)


def test_air_is_saturated_and_the_zero_solution_has_no_oxygen() -> None:
    assert in_vessel("air").do_mg_l == oxygen_saturation_mg_l(in_vessel("air").water_temp_c)
    assert in_vessel("zero").do_mg_l == 0


def test_a_number_is_an_ammonium_standard() -> None:
    assert in_vessel("10.0").nh4n_mg_l == pytest.approx(10.0)
    assert in_vessel("7.00").nh4n_mg_l == 0, "a buffer's name is a buffer"


def test_another_word_names_the_vessels_there_are() -> None:
    with pytest.raises(VesselError, match=r"river, 4\.008"):
        in_vessel("beer")


def test_a_probe_settles_in_a_vessel_and_not_in_the_river() -> None:
    seconds = iter(range(100, 200))
    hand = Hand(lambda: None, lambda: float(next(seconds)))

    def felt() -> float:
        now_s = hand.clock.now_s()
        return sensed(hand.water(now_s), hand.seed, "desk/Y532", now_s).ph

    assert felt() != felt()
    hand.put_into("6.865")
    assert felt() == felt() == pytest.approx(6.87, abs=0.08)
    hand.put_into("river")
    assert felt() != felt()


def test_a_modbus_master_reads_them_where_the_hand_put_them(tmp_path: Path) -> None:
    with Probes(tmp_path) as probes:
        probes.put_into("9.180")
        with ModbusSerialClient(probes.port, framer=FramerType.RTU, baudrate=9600) as master:
            (low, high) = master.read_holding_registers(0x2800, count=2, device_id=2).registers
        assert struct.unpack("<f", struct.pack(">HH", low, high))[0] == pytest.approx(9.2, abs=0.1)
    with pytest.raises(serial.SerialException):
        serial.Serial(probes.port)
