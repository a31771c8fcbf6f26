"""The table of the ASVS is whole, and what it points at exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = (ROOT / "docs/asvs.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([\d., ]+) \| ([12]) \|.*\| ([✓–✗]) \| (.+) \|$", TABLE, re.M)
# Requirements of each section, "n" of level 1 and "m" of level 2: ASVS 5.0.0, May 2025.
SIZES = {
    1: (8, 19), 2: (4, 7), 3: (8, 11), 4: (2, 8), 5: (4, 5), 6: (13, 22), 7: (6, 12), 8: (4, 3),
    9: (4, 3), 10: (5, 24), 11: (3, 11), 12: (3, 6), 13: (1, 12), 14: (2, 7), 15: (3, 10),
    16: (0, 16), 17: (0, 7),
}  # fmt: skip


def numbers(level: str) -> list[str]:
    return [one for ids, row_level, _, _ in ROWS if row_level == level for one in ids.split(", ")]


def test_every_requirement_of_levels_1_and_2_stands_in_the_table_once() -> None:
    every = numbers("1") + numbers("2")
    assert len(every) == len(set(every)) == 253
    for chapter, sizes in SIZES.items():
        found = tuple(
            sum(number.startswith(f"{chapter}.") for number in numbers(level)) for level in "12"
        )
        assert found == sizes, f"chapter {chapter}"


def test_every_test_that_the_table_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"^def (test_\w+)\(", source, re.M))
    assert len(named) > 50
    assert named <= defined, sorted(named - defined)


def test_what_does_not_apply_and_every_gap_has_its_reason() -> None:
    for ids, _, verdict, reason in ROWS:
        if verdict != "✓":
            assert len(reason) > 4, ids
