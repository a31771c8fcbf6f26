"""Lists: searched, filtered, sorted, cut into pages, exported; whatever the address says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.desk.lights import Light
from xunhe.web.listing import A_PAGE, Asked, Choice, Column, Listing, listed
from xunhe.web.wording import Words


@dataclass(frozen=True)
class One:
    name: str
    size: float | None
    light: Light = Light.GREEN


COLUMNS: tuple[Column[One], ...] = (
    Column("name", Words("名", "Name"), lambda one: one.name),
    Column("size", Words("数", "Size"), lambda one: one.size),
    Column("light", Words("灯", "Light"), lambda one: one.light, is_sortable=False),
)
LIGHT: Choice[One] = Choice("light", Words("灯", "Light"), [], lambda one: one.light)
ROWS = (One("b", 2.0), One("a", None, Light.RED), One("c", 10.0))


def names(asked: Asked) -> str:
    return "".join(one.name for one in listed(ROWS, COLUMNS, asked, [LIGHT]).rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (Asked(), "bac"),
        (Asked(sort="name"), "abc"),
        (Asked(sort="-name"), "cba"),
        (Asked(sort="size"), "bca"),
        (Asked(sort="-size"), "cba"),  # what has no value comes last either way
        (Asked(sort="light"), "bac"),
        (Asked(sort="nothing"), "bac"),
        (Asked(q="A"), "a"),
        (Asked(q="10"), "c"),
        (Asked(chosen={"light": "red"}), "a"),
        (Asked(chosen={"light": "blue"}), ""),
        (Asked(chosen={"other": "x"}), "bac"),
        (Asked(page=2), ""),
    ],
)
def test_a_list_gives_what_its_address_asks(asked: Asked, found: str) -> None:
    assert names(asked) == found


@given(st.integers(0, 170), st.integers(1, 6))
def test_pages_hold_every_row_once(rows: int, page: int) -> None:
    every = [One(str(n), n) for n in range(rows)]
    found = listed(every, COLUMNS, Asked(page=page))
    assert found.total == rows
    assert found.pages == max(1, -(-rows // A_PAGE))
    assert [one.size for one in found.rows] == list(range(rows))[(page - 1) * A_PAGE :][:A_PAGE]


def test_links_keep_what_was_asked_and_sorting_turns_round() -> None:
    asked = Asked("/list", q="桥 & 河", sort="name", page=3, chosen={"light": "red"})
    kept = parse_qs(urlsplit(asked.link(page=4)).query)
    assert kept == {"light": ["red"], "q": ["桥 & 河"], "sort": ["name"], "page": ["4"]}
    assert "sort=-name" in asked.sorted_by("name")
    assert "page" not in asked.sorted_by("size")
    assert Asked("/list").link() == "/list"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_no_text_is_run_by_a_spreadsheet(cell: str) -> None:
    column: Column[str] = Column("cell", Words("格", "Cell"), lambda text: text)
    body = bytes(Listing([column], [cell], 1, Asked()).csv("x").body).decode("utf-8-sig")
    assert body.splitlines()[1].lstrip('"').startswith("'") or "'" + cell in body


def test_numbers_and_instants_are_written_as_people_read_them() -> None:
    at = datetime(2026, 6, 30, 16, tzinfo=UTC)
    row = (-1.5, 2, None, at)
    columns: list[Column[tuple[object, ...]]] = [
        Column(str(n), Words("数", "N"), itemgetter(n)) for n in range(len(row))
    ]
    body = bytes(Listing(columns, [row], 1, Asked()).csv("x").body).decode("utf-8-sig")
    assert body.splitlines()[1] == "-1.5,2,,2026-07-01 00:00:00"
