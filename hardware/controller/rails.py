"""Sheet 2: 3.3 V that never goes, 3.8 V of the modem, 3.3 V that goes with the probes."""

from hardware.controller.parts import GROUND, Sheet


def build() -> None:
    sheet = Sheet(2, "rails")
    # 0.5 V x (1 + 1 M / 180 k) = 3.28 V
    _buck_boost(sheet, "V3V3", enable="VBAT", lower="180k")
    # 0.5 V x (1 + 1 M / 150 k) = 3.83 V
    _buck_boost(sheet, "VMODEM", enable="MODEM_PWR_EN", lower="150k")
    sheet.resistor("100k", "MODEM_PWR_EN", GROUND)
    for _ in range(2):  # bursts: 2 A for 0.6 ms take 1.3 V/mF
        sheet.two("C_POLYMER", "C-470u", "VMODEM", GROUND, "470u")
    load_switch(sheet, "V3V3", "V3V3_SW", enable="PROBE_RAIL_EN")
    sheet.resistor("100k", "PROBE_RAIL_EN", GROUND)
    sheet.test_points("V3V3", "VMODEM", "V3V3_SW", "PROBE_RAIL_EN", "MODEM_PWR_EN", GROUND)


def load_switch(sheet: Sheet, source: str, target: str, enable: str) -> None:
    """TPS22917: high is on; off, it discharges what it fed."""
    sheet.part(
        "TPS22917",
        "TPS22917DBVR",
        {
            "VIN": source,
            "GND": GROUND,
            "ON": enable,
            "CT": None,
            "QOD": target,
            "VOUT": target,
        },
    )
    sheet.capacitor("1u", source)
    sheet.capacitor("1u", target)


def _buck_boost(sheet: Sheet, output: str, enable: str, lower: str) -> None:
    feedback, left, right, good = (f"{output}_{end}" for end in ("FB", "L1", "L2", "PG"))
    sheet.part(
        "TPS63020",
        "TPS63020DSJR",
        {
            "VINA": "VBAT",
            "GND": GROUND,
            "FB": feedback,
            "VOUT": output,
            "VOUT2": output,
            "L2": right,
            "L2B": right,
            "L1": left,
            "L1B": left,
            "VIN": "VBAT",
            "VIN2": "VBAT",
            "EN": enable,
            "PS/SYNC": GROUND,  # saves power at light load
            "PG": good,
            "PGND": GROUND,
        },
    )
    sheet.two("L", "L-1u5", left, right, "1.5uH")
    sheet.resistor("1M", output, feedback)
    sheet.resistor(lower, feedback, GROUND)
    sheet.resistor("1M", output, good)
    sheet.capacitor("100n", "VBAT")
    sheet.capacitor("22u-25V", "VBAT")
    for _ in range(3):
        sheet.capacitor("22u-25V", output)
    sheet.test_points(good)
