"""The netlist of the controller says what the firmware, the isolation and the arithmetic need."""

from collections import defaultdict
from pathlib import Path

import pytest

from hardware.controller import netlist as reader
from hardware.controller.symbols import POWER_IN, SYMBOLS
from hardware.data import rows
from xunhe_tools.hardware.power import loads

ROOT = Path(__file__).parents[2]
WIRED = reader.read((ROOT / "hardware/generated/controller.net").read_text("utf-8"))
NET_OF = WIRED.net_of()
PARTS = {part.ref: part for part in WIRED.components}
MODULE = next(ref for ref, part in PARTS.items() if part.symbol == "ESP32-S3")
PAD_OF = {name: number for number, name, _ in SYMBOLS["ESP32-S3"].pins}


PINS, RESERVED = rows("pins.csv"), rows("pins_reserved.csv")


@pytest.mark.parametrize("row", PINS + RESERVED, ids=lambda row: row["net"])
def test_a_gpio_carries_the_net_of_the_pin_table(row: dict[str, str]) -> None:
    assert NET_OF[MODULE, PAD_OF[f"IO{row['gpio']}"]] == row["net"]


def test_no_gpio_carries_a_net_that_the_tables_do_not_name() -> None:
    named = {row["net"] for row in PINS + RESERVED} | {"BOOT", "USB_DM", "USB_DP"}
    gpios = {number for name, number in PAD_OF.items() if name.startswith("IO")}
    assert {net for (ref, pin), net in NET_OF.items() if ref == MODULE and pin in gpios} == named


def test_reserved_pins_are_not_the_firmwares() -> None:
    for column in ("net", "gpio"):
        assert not {row[column] for row in PINS} & {row[column] for row in RESERVED}


@pytest.mark.parametrize("row", PINS, ids=lambda row: row["net"])
def test_a_net_of_the_firmware_leads_somewhere(row: dict[str, str]) -> None:
    beyond = {ref for ref, _ in WIRED.nets[row["net"]]} - {MODULE}
    assert any(PARTS[ref].symbol != "TP" for ref in beyond)


def test_no_net_ends_in_the_air() -> None:
    assert [name for name, pins in WIRED.nets.items() if len(pins) < 2] == []


def test_every_pin_is_wired_or_a_pin_that_the_part_may_leave_open() -> None:
    may = {"CT", "BFET", "NC", "SPARE", "A8", "B8", "TIMEPULSE", "EXTINT", "LNA_EN", "VIO_SEL"}
    may |= {"SDA", "SCL", "~RESET", "~SAFEBOOT"}
    for part in WIRED.components:
        for number, name, _ in SYMBOLS[part.symbol].pins:
            spare = part.ref == MODULE or name in may
            assert spare or (part.ref, number) in NET_OF, f"{part.ref} {name}"


# -- arithmetic of the dividers


OHMS = {"R": 1.0, "k": 1e3, "M": 1e6, "m": 1e-3}


def ohms(value: str) -> float:
    """4k7, 232k, 3M01, 50m, 0R in ohms."""
    unit = next(letter for letter in value if letter in OHMS)
    return float(value.replace(unit, ".")) * OHMS[unit]


def between(first: str, second: str) -> float:
    """Ohms of the only resistor between two nets."""
    found = [
        ohms(part.value)
        for part in WIRED.components
        if part.ref.startswith("R")
        and {NET_OF[part.ref, "1"], NET_OF[part.ref, "2"]} == {first, second}
    ]
    assert len(found) == 1
    return found[0]


def ratio(top: str, middle: str) -> float:
    return 1 + between(top, middle) / between(middle, "GND")


@pytest.mark.parametrize(
    ("reference_v", "top", "middle", "expected_v"),
    [
        (0.5, "V3V3", "V3V3_FB", 3.3),
        (0.5, "VMODEM", "VMODEM_FB", 3.8),
        (0.6, "V12_BOOST", "BOOST_FB", 12.0),
        (3.3, "CHARGER_OUT", "FLOAT_FB", 3.6),
        (2.7, "SOLAR_IN", "PANEL_POINT", 9.0),
        (1.4, "V12_BOOST", "RAIL_UVLO", 8.0),
    ],
)
def test_a_divider_sets_its_voltage(
    reference_v: float, top: str, middle: str, expected_v: float
) -> None:
    assert reference_v * ratio(top, middle) == pytest.approx(expected_v, rel=0.02)


def test_the_adcs_dividers_are_those_of_the_firmware() -> None:
    text = (ROOT / "firmware/xunhe_buoy/boards/esp32s3/board.py").read_text("utf-8")
    for name, top, middle in (
        ("BATTERY_RATIO", "VBAT", "BATTERY_ADC"),
        ("SOLAR_RATIO", "SOLAR_IN", "SOLAR_ADC"),
    ):
        in_firmware = float(text.split(f"{name} = ")[1].split()[0])
        assert ratio(top, middle) == pytest.approx(in_firmware)


def test_what_the_resistors_take_in_deep_sleep_is_in_the_power_budget() -> None:
    """The cell at 3.2 V; the idle boost lets 2.95 V through; the lid is shut; V3V3 is 3.28 V."""
    at_cell_ua = 1e6 * sum(
        volts / (between(top, middle) + between(middle, low))
        for volts, top, middle, low in (
            (3.2, "VBAT", "BATTERY_ADC", "GND"),
            (3.2, "CHARGER_OUT", "FLOAT_FB", "GND"),
            (2.95, "V12_BOOST", "BOOST_FB", "GND"),
            (2.95, "V12_BOOST", "RAIL_UVLO", "GND"),
        )
    )
    of_v3v3_ua = 1e6 * sum(
        3.28 / (between("V3V3", middle) + between(middle, low))
        for middle, low in (("V3V3_FB", "GND"), ("LID_SW", "LID_WIRE"))
    )
    at_cell_ua += of_v3v3_ua * 3.28 / 3.2 / 0.88
    assert loads.ASLEEP_UA[loads.DIVIDERS] == pytest.approx(at_cell_ua, abs=1)


def test_nothing_that_sleeps_is_pulled_up_by_what_does_not() -> None:
    """RADIO_RX would feed the radio through its own pin; a level shifter has no floating input."""
    assert between("VRADIO", "RADIO_RX") == between("V3V3", "MODEM_TX") == 1e5
    fed = {frozenset(NET_OF[ref, pin] for pin in "12") for ref in PARTS if ref.startswith("R")}
    assert frozenset(("V3V3", "RADIO_RX")) not in fed


def test_what_carries_amperes_is_no_jumper_of_0603() -> None:
    (jumper,) = [part for part in WIRED.components if part.item == "R-0R"]
    assert jumper.symbol == "R_POWER"


def test_the_electronic_fuse_limits_to_about_one_ampere() -> None:
    """TPS25924 data sheet SLVSCU9B, 7.5: typically 1.02 A at 10 kΩ."""
    assert between("RAIL_LIMIT", "GND") == 10e3


def test_the_switches_of_the_rails_are_off_while_the_chip_boots() -> None:
    for net in ("PROBE_RAIL_EN", "MODEM_PWR_EN", "VRADIO_HOLD", "VGNSS_HOLD"):
        assert between(net, "GND") <= 1e6


# -- supply and isolation


def test_every_supply_pin_of_a_chip_has_a_capacitor_on_its_net() -> None:
    smoothed = {
        NET_OF[part.ref, pin]
        for part in WIRED.components
        if part.ref.startswith("C")
        for pin in "12"
    }
    for part in WIRED.components:
        for number, name, kind in SYMBOLS[part.symbol].pins:
            if kind == POWER_IN:
                assert NET_OF[part.ref, number] in smoothed, f"{part.ref} {name}"


def islands(without: set[str]) -> list[set[str]]:
    """Groups of nets that hang together through parts, some kinds of part taken out."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for part in WIRED.components:
        if part.symbol not in without:
            nets = {
                NET_OF[part.ref, n]
                for n, *_ in SYMBOLS[part.symbol].pins
                if (part.ref, n) in NET_OF
            }
            for net in nets:
                neighbours[net] |= nets
    groups: list[set[str]] = []
    for start in WIRED.nets:
        if not any(start in group for group in groups):
            group, edge = {start}, {start}
            while edge:
                edge = set().union(*(neighbours[net] for net in edge)) - group
                group |= edge
            groups.append(group)
    return groups


def test_only_isolators_and_their_converters_join_a_probe_island_to_the_rest() -> None:
    groups = islands({"ISO1540", "B1205S"})
    for name in ("EZO1", "EZO2"):
        (own,) = [group for group in groups if f"{name}_GND" in group]
        assert own
        assert all(net.startswith(name) for net in own)


def test_no_way_leads_from_the_bus_to_the_transceiver_but_through_the_pulse_resistors() -> None:
    pulse = {part.ref for part in WIRED.components if part.item == "R-10R-PULSE"}
    assert len(pulse) == 2
    for net in ("BUS_A", "BUS_B"):
        symbols = {PARTS[ref].symbol for ref, _ in WIRED.nets[net] if ref not in pulse}
        assert symbols == {"GDT3", "J_PROBE", "TP"}


# -- test points


def test_every_test_point_has_an_expectation_and_the_other_way_round() -> None:
    nets = {part.value for part in WIRED.components if part.symbol == "TP"}
    assert nets == {row["net"] for row in rows("test_points.csv")}


def test_a_test_point_touches_the_net_of_its_name() -> None:
    for part in WIRED.components:
        if part.symbol == "TP":
            assert NET_OF[part.ref, "1"] == part.value


def test_every_rail_and_every_net_of_the_firmware_can_be_touched() -> None:
    touched = {part.value for part in WIRED.components if part.symbol == "TP"}
    analogue = {"BATTERY_ADC", "SOLAR_ADC"}  # behind megohms: a meter would pull them down
    assert {row["net"] for row in PINS} - analogue <= touched
    assert {"SOLAR_IN", "VBAT", "V3V3", "V3V3_SW", "VMODEM", "V12_BOOST", "V12_PROBE"} <= touched
