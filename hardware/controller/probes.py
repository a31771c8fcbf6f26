"""Sheet 4: 12 V of the probes, switched and limited; RS485 with protection in two stages."""

from hardware.controller.parts import GROUND, Sheet, supply

PROBES = 3


def build() -> None:
    sheet = Sheet(4, "probes")
    _boost(sheet)
    _limit(sheet)
    _transceiver(sheet)
    _line(sheet)
    for _ in range(PROBES):
        sheet.part(
            "J_PROBE",
            "J-PROBE",
            {
                "12V": "V12_PROBE",
                "GND": GROUND,
                "A": "BUS_A",
                "B": "BUS_B",
                "SHIELD": "EARTH",
            },
        )
    sheet.test_points("V12_BOOST", "V12_PROBE", "RS485_TX", "RS485_RX", "BUS_A", "BUS_B", GROUND)


def _boost(sheet: Sheet) -> None:
    """0.6 V x (1 + 191 k / 10 k) = 12.06 V; PROBE_RAIL_EN is pulled down on sheet 2."""
    supply("V12_BOOST")
    sheet.part(
        "MT3608",
        "MT3608",
        {
            "SW": "BOOST_SW",
            "GND": GROUND,
            "FB": "BOOST_FB",
            "EN": "PROBE_RAIL_EN",
            "IN": "VBAT",
            "NC": None,
        },
    )
    sheet.two("L", "L-10u", "VBAT", "BOOST_SW", "10uH")
    sheet.two("D", "SS34", "V12_BOOST", "BOOST_SW")
    sheet.resistor("191k", "V12_BOOST", "BOOST_FB")
    sheet.resistor("10k", "BOOST_FB", GROUND)
    sheet.capacitor("22u-25V", "VBAT")
    sheet.capacitor("22u-25V", "V12_BOOST")
    sheet.capacitor("22u-25V", "V12_BOOST")


def _limit(sheet: Sheet) -> None:
    """Off below 1.4 V x (1 + 470 k / 100 k) = 8 V: what the idle boost lets through stays here."""
    sheet.part(
        "TPS25924",
        "TPS259241DRCR",
        {
            "DVDT": "RAIL_SLOPE",
            "EN/UVLO": "RAIL_UVLO",
            "VIN": "V12_BOOST",
            "VIN2": "V12_BOOST",
            "VIN3": "V12_BOOST",
            "OUT": "V12_PROBE",
            "OUT2": "V12_PROBE",
            "OUT3": "V12_PROBE",
            "BFET": None,
            "ILIM": "RAIL_LIMIT",
            "GND": GROUND,
        },
    )
    sheet.resistor("470k", "V12_BOOST", "RAIL_UVLO")
    sheet.resistor("100k", "RAIL_UVLO", GROUND)
    sheet.resistor("10k", "RAIL_LIMIT", GROUND)
    sheet.capacitor("10n", "RAIL_SLOPE")
    sheet.capacitor("22u-25V", "V12_PROBE")
    sheet.two("D_TVS", "SMBJ13A", "V12_PROBE", GROUND)


def _transceiver(sheet: Sheet) -> None:
    """It turns around by itself; RE high leaves the receiver to it, echo or not."""
    sheet.part(
        "THVD1406",
        "THVD1406DR",
        {
            "R": "RS485_RX",
            "~RE": "V3V3_SW",
            "~SHDN": "V3V3_SW",
            "D": "RS485_TX",
            "GND": GROUND,
            "A": "BUS_A_IN",
            "B": "BUS_B_IN",
            "VCC": "V3V3_SW",
        },
    )
    sheet.capacitor("100n", "V3V3_SW")
    sheet.resistor("10k", "V3V3_SW", "RS485_RX")  # an open bus reads as silence
    sheet.resistor("10k", "V3V3_SW", "RS485_TX")
    sheet.resistor("4k7", "V3V3_SW", "BUS_A_IN")  # holds the mark between two low bits
    sheet.resistor("4k7", "BUS_B_IN", GROUND)


def _line(sheet: Sheet) -> None:
    """A gas tube to earth takes the surge, 10 Ohm part it from the clamp at the transceiver."""
    sheet.part("SM712", "SM712", {"A1": "BUS_A_IN", "A2": "BUS_B_IN", "COMMON": GROUND})
    sheet.two("R_POWER", "R-10R-PULSE", "BUS_A", "BUS_A_IN", "10R")
    sheet.two("R_POWER", "R-10R-PULSE", "BUS_B", "BUS_B_IN", "10R")
    sheet.part("GDT3", "GDT-90V", {"LINE1": "BUS_A", "EARTH": "EARTH", "LINE2": "BUS_B"})
    sheet.resistor("1M", "EARTH", GROUND)
    sheet.two("C_HIGH_VOLTAGE", "C-1n-2kV", "EARTH", GROUND, "1n-2kV")
