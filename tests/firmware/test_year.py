"""What a buoy needs to live alone for a year, on CPython and on real MicroPython."""

import re
import sys

from conftest import FIRMWARE
from test_portable import run

from xunhe_buoy import parameter_table

MANUAL = (FIRMWARE.parent / "docs" / "buoy.md").read_text("utf-8")


def test_the_checks_hold_on_cpython(tmp_path):
    said = run([sys.executable, "-W", "error"], "portable_year.py", str(tmp_path))
    assert said.endswith("all checks hold\n")


def test_the_checks_hold_on_micropython(micropython, tmp_path):
    assert run(micropython, "portable_year.py", str(tmp_path)).endswith("all checks hold\n")


def test_every_parameter_stands_in_the_manual_with_its_range_and_default():
    section = MANUAL.partition("## 参数")[2].partition("\n## ")[0]
    for name, (low, high, default, _) in parameter_table.NUMBERS.items():
        (row,) = [line for line in section.splitlines() if re.match(rf"\|.*`{name}`.*\|.*\|", line)]
        assert f"{low}–{high}" in row or f"±{high}" in row, row
        assert default is None or f"{default:g}" in row.rpartition("| ")[2], row


def test_every_event_stands_in_the_manual():
    told = {"adrift", "at_anchor"}  # anchor.py's own words
    for file in (FIRMWARE / "xunhe_buoy").rglob("*.py"):
        text = file.read_text("utf-8")
        calls = re.findall(r"\.tell\(([^)]*)", text) + re.findall(r'"event": ("[^,]*)', text)
        told |= {word for call in calls for word in re.findall(r'"([a-z_]{4,})"', call)}
    assert len(told) >= 12
    assert {event for event in told if f"`{event}`" not in MANUAL} == set()
