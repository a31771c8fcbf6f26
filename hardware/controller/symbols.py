"""Schematic symbols of the controller's parts: pins by number, name and electrical kind.

Self-contained: no symbol library is needed. Pin numbers were compared with what `compared` names;
those marked "maker" are the maker's pin table from memory and must be held against the data sheet
before a board is laid out (docs: hardware/choices.md).
"""

from dataclasses import dataclass

KICAD = "kicad-symbols 6.0.10"
DATA_SHEET = "data sheet named in choices.md"
PUBLISHED = "published schematic or part table named in choices.md"
MAKER = "maker"

POWER_IN, POWER_OUT, IN, OUT = "PWRIN", "PWROUT", "INPUT", "OUTPUT"
BOTH, PASSIVE, OPEN, UNUSED = "BIDIR", "PASSIVE", "OPENCOLL", "NOCONNECT"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A part's symbol. `pins`: (number, name, kind); names are unique within a symbol."""

    prefix: str
    footprint: str
    pins: tuple[tuple[str, str, str], ...]
    compared: str = MAKER


def _symbol(prefix: str, footprint: str, compared: str, pins: str) -> Symbol:
    """A Symbol of lines "number name kind"."""
    rows = [line.split() for line in pins.strip().splitlines()]
    return Symbol(prefix, footprint, tuple((n, name, kind) for n, name, kind in rows), compared)


def _connector(footprint: str, *names: str) -> Symbol:
    pins = tuple((str(n), name, PASSIVE) for n, name in enumerate(names, 1))
    return Symbol("J", footprint, pins, "own")


def _two(prefix: str, footprint: str, first: str = "1", second: str = "2") -> Symbol:
    return Symbol(prefix, footprint, (("1", first, PASSIVE), ("2", second, PASSIVE)), "own")


def _module_pins() -> tuple[tuple[str, str, str], ...]:
    """ESP32-S3-WROOM-1: pads 1 to 41 (module data sheet, "Pin Definitions")."""
    pads = (  # noqa: SIM905
        "GND 3V3 EN IO4 IO5 IO6 IO7 IO15 IO16 IO17 IO18 IO8 IO19 IO20 IO3 IO46 IO9 IO10 IO11 IO12"
        " IO13 IO14 IO21 IO47 IO48 IO45 IO0 IO35 IO36 IO37 IO38 IO39 IO40 IO41 IO42 IO44 IO43 IO2"
        " IO1 GND2 GND3"
    ).split()
    kinds = {"GND": POWER_IN, "GND2": POWER_IN, "GND3": POWER_IN, "3V3": POWER_IN, "EN": IN}
    return tuple((str(n), name, kinds.get(name, BOTH)) for n, name in enumerate(pads, 1))


_USB_CONTACTS = (
    *("A1", "A4", "A5", "A6", "A7", "A8", "A9", "A12"),
    *("B1", "B4", "B5", "B6", "B7", "B8", "B9", "B12", "S1"),
)

SYMBOLS: dict[str, Symbol] = {
    "R": _two("R", "Resistor_SMD:R_0603_1608Metric"),
    "R_POWER": _two("R", "Resistor_SMD:R_2512_6332Metric"),
    "C": _two("C", "Capacitor_SMD:C_0603_1608Metric"),
    "C_LARGE": _two("C", "Capacitor_SMD:C_1210_3225Metric"),
    "C_POLYMER": _two("C", "Capacitor_Tantalum_SMD:CP_EIA-7343-43_Kemet-X", "+", "-"),
    "C_HIGH_VOLTAGE": _two("C", "Capacitor_SMD:C_1206_3216Metric"),
    "L": _two("L", "Inductor_SMD:L_Bourns_SRP7028A_7.3x6.6mm"),
    "L_RF": _two("L", "Inductor_SMD:L_0402_1005Metric"),
    "D": _two("D", "Diode_SMD:D_SMA", "K", "A"),
    "D_SMALL": _two("D", "Diode_SMD:D_SOD-123", "K", "A"),
    "D_TVS": _two("D", "Diode_SMD:D_SMB", "K", "A"),
    "D_ESD": _two("D", "Diode_SMD:D_SOD-523", "K", "A"),
    "FUSE": _two("F", "Fuse:Fuse_1206_3216Metric"),
    "SWITCH": _two("SW", "Button_Switch_SMD:SW_SPST_B3U-1000P"),
    "TP": Symbol("TP", "TestPoint:TestPoint_Pad_D1.5mm", (("1", "1", PASSIVE),), "own"),
    "LT3652": _symbol(
        "U",
        "Package_SO:MSOP-12-1EP_3x4mm_P0.65mm_EP1.65x2.85mm",
        KICAD,
        """
        1 VIN PWRIN
        2 VIN_REG INPUT
        3 ~SHDN INPUT
        4 ~CHRG OPENCOLL
        5 ~FAULT OPENCOLL
        6 TIMER PASSIVE
        7 VFB INPUT
        8 NTC INPUT
        9 BAT PASSIVE
        10 SENSE INPUT
        11 BOOST INPUT
        12 SW OUTPUT
        13 GND PWRIN
        """,
    ),
    "TPS63020": _symbol(
        "U",
        "Package_SON:Texas_DSJ_S-PVSON-N14",
        PUBLISHED,
        """
        1 VINA PWRIN
        2 GND PWRIN
        3 FB INPUT
        4 VOUT PWROUT
        5 VOUT2 PASSIVE
        6 L2 PASSIVE
        7 L2B PASSIVE
        8 L1 PASSIVE
        9 L1B PASSIVE
        10 VIN PWRIN
        11 VIN2 PASSIVE
        12 EN INPUT
        13 PS/SYNC INPUT
        14 PG OPENCOLL
        15 PGND PWRIN
        """,
    ),
    "TPS22917": _symbol(
        "U",
        "Package_TO_SOT_SMD:SOT-23-6",
        KICAD,
        """
        1 VIN PWRIN
        2 GND PWRIN
        3 ON INPUT
        4 CT PASSIVE
        5 QOD PASSIVE
        6 VOUT PWROUT
        """,
    ),
    "MT3608": _symbol(
        "U",
        "Package_TO_SOT_SMD:SOT-23-6",
        KICAD,
        """
        1 SW PASSIVE
        2 GND PWRIN
        3 FB INPUT
        4 EN INPUT
        5 IN PWRIN
        6 NC NOCONNECT
        """,
    ),
    "TPS25924": _symbol(
        "U",
        "Package_SON:VSON-10-1EP_3x3mm_P0.5mm_EP1.65x2.4mm",
        KICAD,  # as TPS2592AA, which TI calls its exact equivalent
        """
        1 DVDT PASSIVE
        2 EN/UVLO INPUT
        3 VIN PWRIN
        4 VIN2 PASSIVE
        5 VIN3 PASSIVE
        6 OUT PWROUT
        7 OUT2 PASSIVE
        8 OUT3 PASSIVE
        9 BFET NOCONNECT
        10 ILIM PASSIVE
        11 GND PWRIN
        """,
    ),
    "THVD1406": _symbol(
        "U",
        "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
        MAKER,
        """
        1 R OUTPUT
        2 ~RE INPUT
        3 ~SHDN INPUT
        4 D INPUT
        5 GND PWRIN
        6 A BIDIR
        7 B BIDIR
        8 VCC PWRIN
        """,
    ),
    "SM712": _symbol(
        "D",
        "Package_TO_SOT_SMD:SOT-23",
        KICAD,
        """
        1 A1 PASSIVE
        2 A2 PASSIVE
        3 COMMON PASSIVE
        """,
    ),
    "GDT3": _symbol(
        "GDT",
        "Xunhe:GDT_Bourns_2036-xx-SM",
        MAKER,
        """
        1 LINE1 PASSIVE
        2 EARTH PASSIVE
        3 LINE2 PASSIVE
        """,
    ),
    "ISO1540": _symbol(
        "U",
        "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm",
        KICAD,
        """
        1 VCC1 PWRIN
        2 SDA1 BIDIR
        3 SCL1 BIDIR
        4 GND1 PWRIN
        5 GND2 PWRIN
        6 SCL2 BIDIR
        7 SDA2 BIDIR
        8 VCC2 PWRIN
        """,
    ),
    "B1205S": _symbol(
        "PS",
        "Converter_DCDC:Converter_DCDC_muRata_NMExxxxSxC_THT",
        MAKER,
        """
        1 GND PWRIN
        2 VIN PWRIN
        3 0V PASSIVE
        4 +VO PWROUT
        """,
    ),
    "HT7533": _symbol(
        "U",
        "Package_TO_SOT_SMD:SOT-89-3",
        DATA_SHEET,
        """
        1 GND PWRIN
        2 VIN PWRIN
        3 VOUT PWROUT
        """,
    ),
    "SN74LVC1T45": _symbol(
        "U",
        "Package_TO_SOT_SMD:SOT-23-6",
        KICAD,
        """
        1 VCCA PWRIN
        2 GND PWRIN
        3 A BIDIR
        4 B BIDIR
        5 DIR INPUT
        6 VCCB PWRIN
        """,
    ),
    "USBLC6": _symbol(
        "U",
        "Package_TO_SOT_SMD:SOT-23-6",
        KICAD,
        """
        1 IO1 PASSIVE
        2 GND PASSIVE
        3 IO2 PASSIVE
        4 IO2B PASSIVE
        5 VBUS PASSIVE
        6 IO1B PASSIVE
        """,
    ),
    "W25Q128": _symbol(
        "U",
        "Package_SO:SOIC-8_5.23x5.23mm_P1.27mm",
        KICAD,
        """
        1 ~CS INPUT
        2 DO BIDIR
        3 ~WP INPUT
        4 GND PWRIN
        5 DI BIDIR
        6 CLK INPUT
        7 ~HOLD INPUT
        8 VCC PWRIN
        """,
    ),
    "MAX-M10S": _symbol(
        "U",
        "RF_GPS:ublox_MAX",
        KICAD,
        """
        1 GND PWRIN
        2 TXD OUTPUT
        3 RXD INPUT
        4 TIMEPULSE OUTPUT
        5 EXTINT INPUT
        6 V_BCKP PWRIN
        7 VCC_IO PWRIN
        8 VCC PWRIN
        9 ~RESET INPUT
        10 GND2 PASSIVE
        11 RF_IN PASSIVE
        12 GND3 PASSIVE
        13 LNA_EN OUTPUT
        14 VCC_RF PASSIVE
        15 VIO_SEL INPUT
        16 SDA BIDIR
        17 SCL BIDIR
        18 ~SAFEBOOT INPUT
        """,
    ),
    "NMOS": _symbol(
        "Q",
        "Package_TO_SOT_SMD:SOT-23",
        KICAD,
        """
        1 G INPUT
        2 S PASSIVE
        3 D PASSIVE
        """,
    ),
    "ESP32-S3": Symbol("U", "RF_Module:ESP32-S3-WROOM-1", _module_pins(), PUBLISHED),
    "J_SOLAR": _connector("Connector_JST:JST_VH_B2P-VH_1x02_P3.96mm", "SOLAR+", "SOLAR-"),
    "J_BATTERY": _connector("Connector_JST:JST_VH_B3P-VH_1x03_P3.96mm", "BAT+", "NTC", "BAT-"),
    "J_PROBE": _connector(
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_MKDS-1,5-5-5.08_1x05_P5.08mm_Horizontal",
        "12V",
        "GND",
        "A",
        "B",
        "SHIELD",
    ),
    "J_LID": _connector("Connector_JST:JST_XH_B2B-XH-A_1x02_P2.50mm_Vertical", "LID", "GND"),
    "J_ONEWIRE": _connector(
        "Connector_JST:JST_XH_B3B-XH-A_1x03_P2.50mm_Vertical", "3V3", "DATA", "GND"
    ),
    "J_EZO": _connector(
        "Xunhe:EZO_socket_2x03_P2.54mm_W17.78mm", "GND", "SDA", "SCL", "VCC", "PRB", "PGND"
    ),
    "J_COAX": _connector("Connector_Coaxial:U.FL_Hirose_U.FL-R-SMT-1_Vertical", "SIGNAL", "SHELL"),
    "J_MODEM": _connector(
        "Connector_PinSocket_2.54mm:PinSocket_2x05_P2.54mm_Vertical",
        "VBAT",
        "VBAT2",
        "GND",
        "GND2",
        "VIO",
        "RXD",
        "TXD",
        "PWRKEY",
        "GND3",
        "SPARE",
    ),
    "J_RADIO": _connector(
        "Connector_PinSocket_2.54mm:PinSocket_1x07_P2.54mm_Vertical",
        "M0",
        "M1",
        "RXD",
        "TXD",
        "AUX",
        "VCC",
        "GND",
    ),
    "J_USB": Symbol(
        "J",
        "Connector_USB:USB_C_Receptacle_GCT_USB4105",
        tuple((number, number, PASSIVE) for number in _USB_CONTACTS),
        KICAD,
    ),
}
