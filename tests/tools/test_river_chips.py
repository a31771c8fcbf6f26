"""Simulated chips without a wire: EZO circuits, thermometers, receiver, and what frames them."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.tools.rivers import BUOYS, START_S, config, river
from xunhe_tools.virtual_river.chip_wire import take_i2c, take_onewire
from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.config import config_from
from xunhe_tools.virtual_river.ezo import Ezo
from xunhe_tools.virtual_river.gnss import Drift, sentences
from xunhe_tools.virtual_river.probes import Mooring
from xunhe_tools.virtual_river.readings import MODELS
from xunhe_tools.virtual_river.registers import from_registers, to_registers
from xunhe_tools.virtual_river.script import FaultKind, ProbeFault, Script
from xunhe_tools.virtual_river.strict import ConfigError
from xunhe_tools.virtual_river.thermometer import Thermometer, crc8


class Wall:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def wall() -> Wall:
    return Wall()


def mooring(script: Script | None = None) -> Mooring:
    clock = RiverClock(0.0, START_S, 1, lambda: 0.0)
    return Mooring(river(script or Script()), clock, "B1", BUOYS["B1"])


# -- EZO


def ask(circuit: Ezo, wall: Wall, command: bytes, delay_s: float) -> bytes:
    """The answer: not ready until just before the delay, there at it, gone after."""
    assert circuit.write(command)
    wall.now_s += delay_s - 1e-6
    assert circuit.read(4) == b"\xfe\0\0\0"
    wall.now_s += 2e-6
    answer = circuit.read(40)
    assert answer is not None
    assert circuit.read(1) == b"\xff"
    return answer.rstrip(b"\0")


def test_a_circuit_is_busy_for_its_delay_and_answers_once(wall: Wall) -> None:
    circuit = Ezo(mooring(), "EZO-pH", wall)
    assert circuit.read(3) == b"\xff\0\0"
    truth = mooring().water(START_S)
    shown = ask(circuit, wall, b"R", 1.656)
    assert shown[0] == 1
    assert float(shown[1:]) == pytest.approx(truth.ph, abs=0.2)  # told 25 °C
    assert ask(circuit, wall, b"Slope,?", 0.3) == b"\x01?Slope,99.7,100.3,-0.89"
    assert ask(circuit, wall, b"P,?", 0.3) == b"\x01?,P,101.3"
    assert ask(circuit, wall, b"Sing", 0.3) == b"\x02"
    assert ask(circuit, wall, b"T,warm", 0.3) == b"\x02"
    assert ask(Ezo(mooring(), "EZO-DO", wall), wall, b"Slope,?", 0.3) == b"\x02"


def test_a_sleeping_circuit_swallows_what_wakes_it(wall: Wall) -> None:
    circuit = Ezo(mooring(), "EZO-DO", wall)
    assert circuit.write(b"Sleep")
    assert circuit.write(b"R")
    wall.now_s += 5
    assert circuit.read(2) == b"\xff\0"
    assert ask(circuit, wall, b"R", 0.6)[0] == 1


def test_a_calibrated_circuit_shows_the_reference(wall: Wall) -> None:
    circuit = Ezo(mooring(), "EZO-pH", wall)
    assert ask(circuit, wall, b"Cal,mid,7.00", 0.9) == b"\x01"
    assert float(ask(circuit, wall, b"R", 1.656)[1:]) == pytest.approx(7.0, abs=1e-3)
    assert ask(circuit, wall, b"Cal,clear", 0.3) == b"\x01"
    assert ask(circuit, wall, b"Cal,mid,x", 0.3) == b"\x02"


def test_a_silent_circuit_is_not_there(wall: Wall) -> None:
    fault = ProbeFault("B1", FaultKind.SILENT, START_S - 1, 100)
    circuit = Ezo(mooring(Script(faults=(fault,))), "EZO-pH", wall)
    assert not circuit.write(b"R")
    assert circuit.read(4) is None


# -- 1-Wire


def scratchpad(chips: list[Thermometer], *rom: int) -> bytes:
    for byte in (*rom, 0xBE):
        for chip in chips:
            chip.write(byte)
    shown = bytearray()
    for _ in range(9):
        byte = 0xFF
        for chip in chips:
            byte &= chip.read()
        shown.append(byte)
    return bytes(shown)


def test_a_thermometer_converts_when_told_and_shows_85_before(wall: Wall) -> None:
    chip = Thermometer(mooring(), "28ff641e8d3c0c79", wall_s=wall)
    first = scratchpad([chip], 0xCC)
    assert first[:2] == b"\x50\x05"
    assert crc8(first) == 0
    chip.reset()
    for byte in (0xCC, 0x44):
        chip.write(byte)
    assert chip.read() == 0
    wall.now_s += chip.conversion_s
    assert chip.read() == 0xFF
    chip.reset()
    shown = scratchpad([chip], 0xCC)
    truth = mooring().water(START_S)
    assert int.from_bytes(shown[:2], "little") / 16 == pytest.approx(truth.water_temp_c, abs=0.2)


def test_match_rom_reaches_one_of_several(wall: Wall) -> None:
    roms = ["28ff641e8d3c0c79", "28ff641e8d3c0c7a"]
    chips = [Thermometer(mooring(), rom, wall_s=wall) for rom in roms]
    for chip in chips:
        chip.reset()
    assert crc8(scratchpad(chips, 0x55, *bytes.fromhex(roms[1]))) == 0
    for chip in chips:
        chip.reset()
    assert scratchpad(chips, 0x55, *bytes(8)) == b"\xff" * 9  # that one is not here


# -- framing


def pieces(data: bytes, seed: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    while data:
        cut = dice.randrange(1, 4)
        yield data[:cut]
        data = data[cut:]


def test_requests_may_come_in_pieces(wall: Wall) -> None:
    circuit = Ezo(mooring(), "EZO-pH", wall)
    wire = b"W\x63\x01R" + b"R\x63\x02" + b"W\x44\x01R" + b"R\x44\x05" + b"Q\x63\x01"
    buffer, heard = bytearray(), b""
    for piece in pieces(wire, 1):
        buffer += piece
        while (answer := take_i2c({0x63: circuit}, buffer)) is not None:
            heard += answer
    assert heard == b"A" + b"A\xfe\0" + b"N" + b"N" + b"A\xfe"
    assert buffer == b""


def test_an_empty_one_wire_bus_has_no_presence() -> None:
    assert take_onewire([], bytearray(b"Z")) == b"N"
    assert take_onewire([], bytearray(b"G")) == b"A\xff"
    assert take_onewire([], bytearray(b"P")) is None


# -- registers of the makers


@pytest.mark.parametrize("model", sorted(MODELS))
def test_registers_survive_the_way_there_and_back(model: str) -> None:
    layout = MODELS[model]
    water = mooring().water(START_S)
    for at, values in layout.show(water, layout.calibration).items():
        registers = to_registers(values, layout.forms[at], layout.order)
        assert len(registers) == layout.size(at)
        back = from_registers(registers, layout.forms[at], layout.order)
        assert back == pytest.approx(values, rel=1e-3, abs=0.51)


def test_whole_numbers_stop_at_their_ends() -> None:
    assert to_registers((1e9, -1e9, float("nan")), "Hhh", ">") == [0xFFFF, 0x8000, 0x7FFF]


# -- GNSS


def test_a_buoy_at_anchor_stays_and_one_adrift_moves_north() -> None:
    drift = Drift(30.0, 114.0, adrift_s=1000.0, drift_m_s=0.5)
    assert drift.position(1000.0) == (30.0, 114.0)
    lat, lon = drift.position(1200.0)
    assert (lat - 30.0) * 111_195 == pytest.approx(100.0)
    assert lon == 114.0
    assert Drift(1.0, 2.0).position(1e12) == (1.0, 2.0)
    with pytest.raises(ValueError, match="nowhere"):
        Drift(91.0, 0.0)


def test_sentences_carry_position_and_time() -> None:
    at = datetime(2026, 10, 20, 1, 2, 3, tzinfo=UTC).timestamp()
    gga, rmc = sentences(-30.5, 114.25, at).decode().splitlines()
    assert gga.startswith("$GNGGA,010203.00,3030.00000,S,11415.00000,E,1,09,")
    assert rmc.startswith("$GNRMC,010203.00,A,3030.00000,S,11415.00000,E,")
    assert ",201026," in rmc


# -- configuration


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"circuits": [{"model": "EZO-EC"}]}, "unknown circuit"),
        ({"circuits": [{"model": "EZO-pH"}, {"model": "EZO-pH"}]}, "99 occurs twice"),
        ({"thermometers": [{"rom": "28"}]}, "16 hex digits"),
        ({"thermometers": [{}, {}]}, "occurs twice"),
        ({"gnss": {"lat": 100.0, "lon": 0.0}}, "nowhere"),
        ({"probes": []}, "at least one"),
    ],
)
def test_mistakes_in_a_station_name_their_place(part: dict[str, object], words: str) -> None:
    document = config("/tmp/x")
    document["stations"][0] |= part
    with pytest.raises(ConfigError, match=words):
        config_from(document)


def test_a_station_may_have_circuits_alone() -> None:
    document = config("/tmp/x")
    document["stations"][0] |= {"probes": [], "circuits": [{"model": "EZO-DO", "address": 0x44}]}
    assert config_from(document).stations[0].circuits[0].at == 0x44
