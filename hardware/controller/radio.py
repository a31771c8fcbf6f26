"""Sheet 6: sockets of the 4G modem and of the LoRa radio, of which a buoy carries one; GNSS."""

from hardware.controller.parts import GROUND, Sheet, supply
from hardware.controller.rails import load_switch


def build() -> None:
    sheet = Sheet(6, "radio")
    _modem(sheet)
    _radio(sheet)
    _gnss(sheet)
    sheet.test_points("MODEM_TX", "MODEM_RX", "RADIO_TX", "RADIO_RX", "GNSS_TX", "GNSS_RX", GROUND)


def _modem(sheet: Sheet) -> None:
    supply("MODEM_VIO")
    sheet.part(
        "J_MODEM",
        "J-MODEM",
        {
            "VBAT": "VMODEM",
            "VBAT2": "VMODEM",
            "GND": GROUND,
            "GND2": GROUND,
            "VIO": "MODEM_VIO",
            "RXD": "MODEM_RXD",
            "TXD": "MODEM_TXD",
            "PWRKEY": "MODEM_PWRKEY",
            "GND3": GROUND,
            "SPARE": None,
        },
    )
    _level(sheet, "MODEM_TX", "MODEM_RXD", direction="V3V3")
    _level(sheet, "MODEM_RX", "MODEM_TXD", direction=GROUND)
    sheet.resistor("100k", "V3V3", "MODEM_RX")
    sheet.resistor("100k", "V3V3", "MODEM_TX")  # asleep the pad lets go; no input may float
    _press_key(sheet)
    sheet.test_points("MODEM_VIO", "MODEM_PWRKEY")


def _level(sheet: Sheet, chip: str, modem: str, direction: str) -> None:
    """3.3 V to the modem's own 1.8 V or 3.3 V; without its supply both sides let go."""
    sheet.part(
        "SN74LVC1T45",
        "SN74LVC1T45DBVR",
        {
            "VCCA": "V3V3",
            "GND": GROUND,
            "A": chip,
            "B": modem,
            "DIR": direction,
            "VCCB": "MODEM_VIO",
        },
    )
    sheet.capacitor("100n", "V3V3")
    sheet.capacitor("100n", "MODEM_VIO")


def _press_key(sheet: Sheet) -> None:
    """The rising supply presses the power key for about 10 uF x 220 k x ln(3.8 / 1.6) = 2 s."""
    sheet.part("NMOS", "2N7002", {"G": "KEY_GATE", "S": GROUND, "D": "MODEM_PWRKEY"})
    sheet.two("C_LARGE", "C-10u", "VMODEM", "KEY_GATE", "10u")
    sheet.resistor("220k", "KEY_GATE", GROUND)
    sheet.two("D_SMALL", "B0540W", "KEY_GATE", GROUND)


def _radio(sheet: Sheet) -> None:
    _while_awake(sheet, "RADIO_TX", "VRADIO")
    sheet.part(
        "J_RADIO",
        "J-RADIO",
        {
            "M0": GROUND,  # transparent
            "M1": GROUND,
            "RXD": "RADIO_TX",
            "TXD": "RADIO_RX",
            "AUX": "RADIO_AUX",
            "VCC": "VRADIO",
            "GND": GROUND,
        },
    )
    sheet.resistor("100k", "VRADIO", "RADIO_RX")  # not V3V3: asleep it would feed the radio
    sheet.capacitor("22u-25V", "VRADIO")
    sheet.test_points("RADIO_AUX", "VRADIO")


def _while_awake(sheet: Sheet, line: str, power: str) -> None:
    """Power while a serial line idles high: an open UART means a chip that is awake.

    Asleep its pads let go, 1 MOhm empties 1 uF within a second, and nobody has to switch.
    """
    hold = f"{power}_HOLD"
    sheet.two("D_SMALL", "B0540W", hold, line)
    sheet.capacitor("1u", hold)
    sheet.resistor("1M", hold, GROUND)
    load_switch(sheet, "V3V3", power, enable=hold)


def _gnss(sheet: Sheet) -> None:
    _while_awake(sheet, "GNSS_TX", "VGNSS")
    sheet.part(
        "MAX-M10S",
        "MAX-M10S",
        {
            "GND": GROUND,
            "TXD": "GNSS_RX",
            "RXD": "GNSS_TX",
            "TIMEPULSE": None,
            "EXTINT": None,
            "V_BCKP": "V3V3",  # remembers its satellites: a fix in seconds
            "VCC_IO": "VGNSS",
            "VCC": "VGNSS",
            "~RESET": None,
            "GND2": GROUND,
            "RF_IN": "GNSS_RF",
            "GND3": GROUND,
            "LNA_EN": None,
            "VCC_RF": "GNSS_BIAS",
            "VIO_SEL": None,  # open: 3.3 V
            "SDA": None,
            "SCL": None,
            "~SAFEBOOT": None,
        },
    )
    sheet.capacitor("100n", "VGNSS")
    sheet.two("L_RF", "L-27n", "GNSS_BIAS", "GNSS_RF", "27nH")
    sheet.part("J_COAX", "J-COAX", {"SIGNAL": "GNSS_RF", "SHELL": GROUND})
    sheet.test_points("VGNSS")
