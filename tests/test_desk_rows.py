"""docs/desk.md: every row of the specification stands in it, and what it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TABLE = re.findall(
    r"^\| (\d+) \| ([CAO]) \| (.+?) \| (.+) \|$",
    (ROOT / "docs/desk.md").read_text("utf-8"),
    re.MULTILINE,
)
LAST = 120


def test_every_row_of_the_specification_stands_in_the_table_once() -> None:
    assert [int(number) for number, *_ in TABLE] == list(range(1, LAST + 1))


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0])
def test_the_files_that_a_row_names_exist(row: tuple[str, str, str, str]) -> None:
    for path in re.findall(r"`([\w/]+(?:\.py|/[\w/]*))`", row[3]):
        folders = (ROOT / "gateway/xunhe", ROOT)
        assert any((folder / path).exists() for folder in folders), path
