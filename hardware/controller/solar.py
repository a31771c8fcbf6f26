"""Sheet 1: panel, charger, LiFePO4 cell. Reasons and data sheets: hardware/choices.md."""

from hardware.controller.parts import GROUND, Sheet, supply

# LT3652: input held at 2.7 V x (1 + 232 k / 100 k) = 8.96 V, the panel's best point.
# Float 3.3 V x (1 + 274 k / 3.01 M) = 3.600 V, seen from 251 k as the data sheet asks (250 k).
# Charge current 0.1 V / 50 mOhm = 2 A.


def build() -> None:
    sheet = Sheet(1, "solar")
    supply("SOLAR_IN", "VBAT", GROUND)
    sheet.part("J_SOLAR", "J-SOLAR", {"SOLAR+": "SOLAR_IN", "SOLAR-": GROUND})
    sheet.two("D_TVS", "SMBJ13A", "SOLAR_IN", GROUND)
    sheet.capacitor("22u-25V", "SOLAR_IN")
    sheet.capacitor("100n", "SOLAR_IN")
    _charger(sheet)
    _cell(sheet)
    _dividers(sheet)
    sheet.test_points("SOLAR_IN", "VBAT", GROUND, "CHARGING", "CHARGE_FAULT", "BAT_NTC")


def _charger(sheet: Sheet) -> None:
    sheet.part(
        "LT3652",
        "LT3652EMSE",
        {
            "VIN": "SOLAR_IN",
            "VIN_REG": "PANEL_POINT",
            "~SHDN": "SOLAR_IN",
            "~CHRG": "CHARGING",
            "~FAULT": "CHARGE_FAULT",
            "TIMER": GROUND,  # ends at a tenth of the current
            "VFB": "FLOAT_FB",
            "NTC": "BAT_NTC",
            "BAT": "CHARGER_OUT",
            "SENSE": "CHARGER_SENSE",
            "BOOST": "CHARGER_BOOST",
            "SW": "CHARGER_SW",
            "GND": GROUND,
        },
    )
    sheet.resistor("232k", "SOLAR_IN", "PANEL_POINT")
    sheet.resistor("100k", "PANEL_POINT", GROUND)
    sheet.resistor("274k", "CHARGER_OUT", "FLOAT_FB")
    sheet.resistor("3M01", "FLOAT_FB", GROUND)
    sheet.two("L", "L-10u", "CHARGER_SW", "CHARGER_SENSE", "10uH")
    sheet.two("D", "SS34", "CHARGER_SW", GROUND)
    sheet.two("D_SMALL", "B0540W", "CHARGER_BOOST", "CHARGER_OUT")
    sheet.capacitor("1u", "CHARGER_BOOST", "CHARGER_SW")
    sheet.two("R_POWER", "R-50m", "CHARGER_SENSE", "CHARGER_OUT", "50m")
    sheet.capacitor("22u-25V", "CHARGER_OUT")
    sheet.resistor("1M", "V3V3", "CHARGING")
    sheet.resistor("1M", "V3V3", "CHARGE_FAULT")


def _cell(sheet: Sheet) -> None:
    """One fuse beside the connector guards against both the board and the charger."""
    sheet.part("J_BATTERY", "J-BATTERY", {"BAT+": "CELL", "NTC": "BAT_NTC", "BAT-": GROUND})
    sheet.two("FUSE", "FUSE-7A", "CELL", "VBAT")
    # Lift it to measure the charge current; 2512, since a jumper of 0603 bears 1 A only.
    sheet.two("R_POWER", "R-0R", "CHARGER_OUT", "VBAT", "0R")
    sheet.capacitor("22u-25V", "VBAT")


def _dividers(sheet: Sheet) -> None:
    """Ratios 2 and 4, as board.py has them; 100 nF holds still while the ADC samples."""
    sheet.resistor("1M", "VBAT", "BATTERY_ADC")
    sheet.resistor("1M", "BATTERY_ADC", GROUND)
    sheet.capacitor("100n", "BATTERY_ADC")
    sheet.resistor("3M", "SOLAR_IN", "SOLAR_ADC")
    sheet.resistor("1M", "SOLAR_ADC", GROUND)
    sheet.capacitor("100n", "SOLAR_ADC")
