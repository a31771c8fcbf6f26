"""Sheet 5: two EZO circuits, each behind its own isolator and supply; the thermometer."""

from hardware.controller.parts import GROUND, Sheet, supply


def build() -> None:
    sheet = Sheet(5, "ezo")
    for name in ("EZO1", "EZO2"):
        _island(sheet, name)
    sheet.resistor("4k7", "V3V3_SW", "I2C_SDA")
    sheet.resistor("4k7", "V3V3_SW", "I2C_SCL")
    _thermometer(sheet)
    sheet.test_points("I2C_SDA", "I2C_SCL", "ONEWIRE", GROUND)


def _island(sheet: Sheet, name: str) -> None:
    """A probe in water shares no ground with the next: their potentials would meet there."""
    ground, raw, power, sda, scl = (f"{name}_{end}" for end in ("GND", "5V", "3V3", "SDA", "SCL"))
    probe = f"{name}_PROBE"
    supply(ground)  # the converter's far side floats
    sheet.part(
        "B1205S",
        "B1205S-1WR3",
        {"GND": GROUND, "VIN": "V12_PROBE", "0V": ground, "+VO": raw},
    )
    sheet.capacitor("1u", raw, ground)
    sheet.part("HT7533", "HT7533-1", {"GND": ground, "VIN": raw, "VOUT": power})
    sheet.capacitor("1u", power, ground)
    sheet.part(
        "ISO1540",
        "ISO1540DR",
        {
            "VCC1": "V3V3_SW",
            "SDA1": "I2C_SDA",
            "SCL1": "I2C_SCL",
            "GND1": GROUND,
            "GND2": ground,
            "SCL2": scl,
            "SDA2": sda,
            "VCC2": power,
        },
    )
    sheet.capacitor("100n", "V3V3_SW")
    sheet.capacitor("100n", power, ground)
    sheet.resistor("4k7", power, sda)
    sheet.resistor("4k7", power, scl)
    sheet.part(
        "J_EZO",
        "J-EZO",
        {
            "GND": ground,
            "SDA": sda,
            "SCL": scl,
            "VCC": power,
            "PRB": probe,
            "PGND": f"{probe}_GND",
        },
    )
    sheet.part("J_COAX", "J-COAX", {"SIGNAL": probe, "SHELL": f"{probe}_GND"})
    sheet.test_points(power, ground)


def _thermometer(sheet: Sheet) -> None:
    sheet.part("J_ONEWIRE", "J-ONEWIRE", {"3V3": "V3V3_SW", "DATA": "WIRE_DATA", "GND": GROUND})
    sheet.resistor("100R", "WIRE_DATA", "ONEWIRE")
    sheet.resistor("4k7", "V3V3_SW", "ONEWIRE")
    sheet.two("D_ESD", "PESD3V3S1UB", "WIRE_DATA", GROUND)
