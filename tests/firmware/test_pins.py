"""The pin table in hardware/ and the pins in board.py are one thing; the chip can do what it asks.

Limits: ESP32-S3 series datasheet, pin overview; ESP32-S3-WROOM-1 with octal PSRAM.
"""

import ast
import csv
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOARD = ROOT / "firmware/xunhe_buoy/boards/esp32s3/board.py"
FLASH_AND_PSRAM = set(range(26, 38))  # 26-32 flash, 33-37 octal flash or PSRAM
USB = {19, 20}  # the technician's console
STRAPPING = {0, 3, 45, 46}
GPIOS = set(range(22)) | set(range(26, 49))
ADC1 = set(range(1, 11))  # ADC2 is not to be had beside Wi-Fi
RTC = set(range(22))  # can wake from deep sleep

with (ROOT / "hardware/pins.csv").open(encoding="utf-8") as _file:
    PINS = list(csv.DictReader(_file))


def pins_of_board():
    """{net: GPIO} of the constants PIN_<net>."""
    pins = {}
    for node in ast.parse(BOARD.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and node.targets[0].id.startswith("PIN_"):
            pins[node.targets[0].id.removeprefix("PIN_")] = ast.literal_eval(node.value)
    return pins


def test_table_and_board_agree_both_ways():
    assert {row["net"]: int(row["gpio"]) for row in PINS} == pins_of_board()


def test_no_other_number_of_a_pin_stands_in_the_firmware():
    for source in (ROOT / "firmware").rglob("*.py"):
        if source != BOARD:
            assert "Pin(" not in source.read_text(encoding="utf-8"), source


def test_each_gpio_serves_one_net():
    assert [gpio for gpio, nets in Counter(row["gpio"] for row in PINS).items() if nets > 1] == []


@pytest.mark.parametrize("row", PINS, ids=lambda row: row["net"])
def test_the_chip_can_do_it(row):
    gpio = int(row["gpio"])
    assert gpio in GPIOS - FLASH_AND_PSRAM - USB - STRAPPING
    assert row["direction"] in ("in", "out", "bidirectional")
    assert row["note"]
    if row["function"].startswith("ADC1"):
        assert row["function"] == f"ADC1_CH{gpio - 1}"
        assert gpio in ADC1
    if row["function"].startswith("RTC"):
        assert gpio in RTC
