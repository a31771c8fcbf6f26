"""Sheet 3: ESP32-S3 module, USB-C, lid switch, external flash (not fitted)."""

from hardware.controller.parts import GROUND, Sheet, supply
from hardware.controller.symbols import SYMBOLS
from hardware.data import rows

_OWN = {"GND": GROUND, "GND2": GROUND, "GND3": GROUND, "3V3": "V3V3", "EN": "CHIP_EN"}
_BOOT_AND_USB = {"IO0": "BOOT", "IO19": "USB_DM", "IO20": "USB_DP"}


def build() -> None:
    sheet = Sheet(3, "processor")
    supply("USB_VBUS")
    sheet.part("ESP32-S3", "ESP32-S3-WROOM-1-N16R8", module_nets())
    sheet.capacitor("22u-25V", "V3V3")
    sheet.capacitor("100n", "V3V3")
    sheet.resistor("10k", "V3V3", "CHIP_EN")
    sheet.capacitor("1u", "CHIP_EN")
    sheet.resistor("10k", "V3V3", "BOOT")
    sheet.two("SWITCH", "BUTTON", "CHIP_EN", GROUND, "RESET")
    sheet.two("SWITCH", "BUTTON", "BOOT", GROUND, "BOOT")
    _usb(sheet)
    _lid(sheet)
    _flash(sheet)
    sheet.test_points("CHIP_EN", "BOOT", "LID_SW", "USB_VBUS", GROUND)


def module_nets() -> dict[str, str | None]:
    """{pad's name: net} of the module, as pins.csv and pins_reserved.csv say."""
    nets: dict[str, str | None] = {name: None for _, name, _ in SYMBOLS["ESP32-S3"].pins}
    nets.update(_OWN)
    nets.update(_BOOT_AND_USB)
    for row in (*rows("pins.csv"), *rows("pins_reserved.csv")):
        nets[f"IO{row['gpio']}"] = row["net"]
    return nets


def _usb(sheet: Sheet) -> None:
    """Data only: the board lives on its cell, so that a laptop never charges it unwatched."""
    ground = dict.fromkeys(("A1", "A12", "B1", "B12", "S1"), GROUND)
    power = dict.fromkeys(("A4", "A9", "B4", "B9"), "USB_VBUS")
    data = {"A6": "USB_DP", "B6": "USB_DP", "A7": "USB_DM", "B7": "USB_DM"}
    sheet.part(
        "J_USB",
        "J-USB-C",
        {**ground, **power, **data, "A5": "USB_CC1", "B5": "USB_CC2", "A8": None, "B8": None},
    )
    sheet.resistor("5k1", "USB_CC1", GROUND)
    sheet.resistor("5k1", "USB_CC2", GROUND)
    sheet.part(
        "USBLC6",
        "USBLC6-2SC6",
        {
            "IO1": "USB_DM",
            "GND": GROUND,
            "IO2": "USB_DP",
            "IO2B": "USB_DP",
            "VBUS": "USB_VBUS",
            "IO1B": "USB_DM",
        },
    )


def _lid(sheet: Sheet) -> None:
    """1 MOhm holds the line in deep sleep for 3 uA; the chip's own pull-up would take 70."""
    sheet.part("J_LID", "J-LID", {"LID": "LID_WIRE", "GND": GROUND})
    sheet.resistor("1k", "LID_WIRE", "LID_SW")
    sheet.resistor("1M", "V3V3", "LID_SW")
    sheet.capacitor("10n", "LID_SW")


def _flash(sheet: Sheet) -> None:
    """Pads only: the ring log lies in the module's own flash; no driver uses this one yet."""
    sheet.part(
        "W25Q128",
        "W25Q128JVSIQ",
        {
            "~CS": "FLASH_CS",
            "DO": "FLASH_DO",
            "~WP": "V3V3",
            "GND": GROUND,
            "DI": "FLASH_DI",
            "CLK": "FLASH_CLK",
            "~HOLD": "V3V3",
            "VCC": "V3V3",
        },
        fitted=False,
    )
    sheet.resistor("100k", "V3V3", "FLASH_CS", fitted=False)
    sheet.capacitor("100n", "V3V3", fitted=False)
