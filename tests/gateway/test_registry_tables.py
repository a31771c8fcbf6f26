"""Tables go in and out of a registry: whole, or not at all with every wrong cell named."""

import csv
import datetime as dt
import io
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.adapters.registry_file import load, read_book
from xunhe.adapters.registry_rows import DUTY_KINDS, MAP_KINDS, Book
from xunhe.adapters.registry_tables import cells
from xunhe.adapters.registry_tables.columns import TABLES, table_named
from xunhe.adapters.registry_tables.importing import take_in
from xunhe.adapters.registry_tables.reading import read_sheets
from xunhe.adapters.registry_tables.sheet import Line, Sheet, TableError
from xunhe.adapters.registry_tables.writing import write_csv, write_excel, write_geojson
from xunhe.adapters.registry_writer import write_book
from xunhe.domain.gcj02 import to_gcj02, to_wgs84

HEADINGS = (
    "编码",
    "名称",
    "所在河段",
    "距河段起点 m",
    "经度",
    "纬度",
    "类型",
    "日排水量 m3",
    "监测浮标",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO_REGISTRY, tmp_path / "registry"))


@pytest.fixture(scope="module")
def book() -> Book:
    return read_book(DEMO_REGISTRY)


def sheet(kind: str, header: Iterable[str], *rows: Iterable[object]) -> Sheet:
    lines = (Line(n, tuple(map(str, row))) for n, row in enumerate(rows, 2))
    return Sheet(f"{kind}.csv", kind, tuple(header), tuple(lines))


def outfall(code: str = "X-1", **changes: object) -> list[object]:
    row: dict[str, object] = {
        "编码": code,
        "名称": "新排口",
        "所在河段": "YX-1",
        "距河段起点 m": 100,
        "经度": 119.41,
        "纬度": 30.31,
        "类型": "其他排口",
        "日排水量 m3": 12.5,
        "监测浮标": "YX-S1",
    }
    return list((row | changes).values())


def as_csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()


def reasons(book: Book, *sheets: Sheet, whole: bool = False) -> list[tuple[int, str, str]]:
    outcome = take_in(book, sheets, whole)
    return [(problem.row, problem.column, problem.reason) for problem in outcome.problems]


WRONG: dict[int, dict[str, Any]] = {
    17: {"编码": ""},
    93: {"名称": " "},
    151: {"所在河段": "YX-9"},
    222: {"距河段起点 m": "约二百"},
    305: {"距河段起点 m": 2401},
    388: {"距河段起点 m": -1},
    450: {"经度": 190},
    517: {"纬度": "30°18′"},
    604: {"类型": "雨水篦子"},
    700: {"日排水量 m3": 0},
    811: {"编码": "N-0002"},
    902: {"监测浮标": "YX-S1; YX-S9"},
    1001: {"经度": ""},
}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_of_a_thousand_rows_all_thirteen_wrong_ones_are_named_and_nothing_is_taken_in(
    folder: Path, tmp_path: Path, encoding: str
) -> None:
    rows = [outfall(**{"编码": f"N-{n:04d}", **WRONG.get(n, {})}) for n in range(2, 1002)]
    path = tmp_path / "排污口.csv"
    path.write_bytes(as_csv([HEADINGS, *rows]).encode(encoding))
    before = read_book(folder)
    outcome = take_in(before, read_sheets(path))
    named = {(problem.row, problem.column) for problem in outcome.problems}
    expected = {(row, next(iter(changes))) for row, changes in WRONG.items()}
    found = {(row, column.split(" ")[0]) for row, column in named}
    assert found == {(row, column.split(" ")[0]) for row, column in expected}
    assert len(outcome.problems) == 13
    assert all(problem.reason and problem.sheet == "排污口.csv" for problem in outcome.problems)
    assert read_book(folder) == before


def test_without_the_wrong_rows_the_thousand_are_taken_in(folder: Path, tmp_path: Path) -> None:
    rows = [outfall(f"N-{n:04d}") for n in range(1000)]
    path = tmp_path / "outfalls.csv"
    path.write_text(as_csv([HEADINGS, *rows]), "utf-8")
    before = read_book(folder)
    outcome = take_in(before, read_sheets(path))
    assert outcome.problems == ()
    assert outcome.counts["outfall"].added == 1000
    assert write_book(folder, before, outcome.book) == [folder / "reaches.geojson"]
    registry = load(folder)
    assert len(registry.outfalls) == 1002
    new = registry.outfalls["N-0999"]
    assert (new.name_en, new.flow_m3_d, new.stations) == ("新排口", 12.5, ("YX-S1",))
    assert json.loads((folder / "reaches.geojson.bak").read_text("utf-8"))["features"]


@pytest.mark.parametrize("form", ["csv-utf8", "csv-gbk", "xlsx"])
def test_what_is_exported_comes_back_the_same(book: Book, tmp_path: Path, form: str) -> None:
    if form == "xlsx":
        paths = write_excel(book, tmp_path / "book.xlsx")
    else:
        paths = write_csv(book, tmp_path / "out", {"csv-utf8": "utf-8", "csv-gbk": "gbk"}[form])
    outcome = take_in(book, [sheet for path in paths for sheet in read_sheets(path)], whole=True)
    assert outcome.problems == ()
    assert outcome.counts.keys() == set(MAP_KINDS + DUTY_KINDS)
    for kind, counts in outcome.counts.items():
        assert (counts.added, counts.changed, counts.removed) == (0, 0, ()), kind
        assert list(outcome.book.rows[kind]) == list(book.rows[kind]), kind


def test_geojson_comes_back_the_same(book: Book, tmp_path: Path) -> None:
    (path,) = write_geojson(book, tmp_path / "map.geojson")
    outcome = take_in(book, read_sheets(path), whole=True)
    assert outcome.problems == ()
    assert {kind: list(outcome.book.rows[kind]) for kind in MAP_KINDS} == {
        kind: list(book.rows[kind]) for kind in MAP_KINDS
    }


def test_an_import_into_nothing_gives_the_same_registry(folder: Path, tmp_path: Path) -> None:
    whole = load(folder)
    (path,) = write_excel(read_book(folder), tmp_path / "book.xlsx")
    (folder / "reaches.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (folder / "duty.toml").write_text("# 一县 one county\n")
    empty = read_book(folder)
    outcome = take_in(empty, read_sheets(path))
    assert outcome.problems == ()
    assert len(write_book(folder, empty, outcome.book)) == 2
    assert load(folder) == whole
    assert (folder / "duty.toml").read_text("utf-8").startswith("# 一县 one county\n\n[[unit]]")


def test_columns_that_are_not_there_keep_what_they_hold(book: Book) -> None:
    brief = sheet(
        "outfall",
        ("编码 code", "name", "所在河段", "position_m", "lon", "lat"),
        ("YX-P1", "改名的排污口", "YX-1", 800, 119.42, 30.317939),
    )
    outcome = take_in(book, [brief])
    row = next(row for row in outcome.book.rows["outfall"] if row["code"] == "YX-P1")
    assert (row["name"], row["owner"]) == ("改名的排污口", "上镇污水管网运维站")
    assert outcome.counts["outfall"].changed == 1


def test_an_empty_cell_takes_a_value_away(book: Book) -> None:
    brief = sheet("outfall", HEADINGS, outfall("YX-P1", **{"监测浮标": "", "日排水量 m3": ""}))
    row = next(row for row in take_in(book, [brief]).book.rows["outfall"] if row["code"] == "YX-P1")
    assert "stations" not in row


@pytest.mark.parametrize(
    ("header", "column", "reason"),
    [
        ((*HEADINGS[:-1], "颜色"), "颜色", "没有这一列"),
        ((*HEADINGS[:-1], "编码"), "编码", "重复的列"),
        (HEADINGS[1:], "编码 code", "缺少此列"),
    ],
)
def test_a_wrong_header_is_named(
    book: Book, header: tuple[str, ...], column: str, reason: str
) -> None:
    (found,) = reasons(book, sheet("outfall", header, outfall()[: len(header)]))[:1]
    assert found[:2] == (1, column)
    assert reason in found[2]


def test_a_chief_too_many_and_a_reach_without_one_are_found_in_their_rows(book: Book) -> None:
    header = ("code", "title", "level", "reaches")
    second = sheet("post", header, ("VILLAGE-9", "另一村级河长", "村级", "YX-1"))
    assert [found[2] for found in reasons(book, second)] == [
        "reach YX-1: 2 posts at village level, must be 1: VILLAGE-1, VILLAGE-9"
    ]
    gone = sheet("post", header, ("VILLAGE-1", "村级河长", "村级", ""))
    assert [found[2] for found in reasons(book, gone)] == [
        "reach YX-1: 0 posts at village level, must be 1"
    ]


def test_two_holders_at_a_time_are_found_in_the_row_of_the_tenure(book: Book) -> None:
    tenure = sheet("tenure", ("岗位", "人员", "起", "止"), ("VILLAGE-1", "P6", "2026-01-01", ""))
    ((row, _, reason),) = reasons(book, tenure)
    assert (row, reason) == (2, "P5 and P6 hold it at the same time")


@pytest.mark.parametrize(
    ("until", "is_wrong"), [("2025-12-31T23:59:59", True), ("2026-01-01T00:00:01", False)]
)
def test_a_tenure_must_end_after_it_begins(book: Book, until: str, is_wrong: bool) -> None:
    rows = [
        ("VILLAGE-1", "P5", "2024-01-01", "2026-01-01"),
        ("VILLAGE-1", "P6", "2026-01-01", until),
    ]
    found = reasons(book, sheet("tenure", ("post", "person", "since", "until"), *rows))
    assert [(row, column) for row, column, _ in found] == ([(3, "止 until")] if is_wrong else [])


def test_a_row_that_comes_twice_is_named_with_the_first(book: Book) -> None:
    ((row, column, reason),) = reasons(book, sheet("outfall", HEADINGS, outfall(), outfall()))
    assert (row, column) == (3, "编码 code")
    assert "第 2 行" in reason


def test_rows_may_refer_to_each_other_within_one_import(book: Book) -> None:
    units = sheet(
        "unit",
        ("code", "name", "level", "parent"),
        ("U-9", "新村", "村级", "U-8"),
        ("U-8", "新镇", "镇级", "U-DISTRICT"),
    )
    assert reasons(book, units) == []


def test_a_whole_table_takes_away_what_it_lacks(book: Book) -> None:
    header = [column.key for column in TABLES["board"].columns]
    boards = sheet("board", header[:-2], ("YX-B1", "牌", "", "YX-1", 1, 119, 30))
    outcome = take_in(book, [boards], whole=True)
    assert outcome.counts["board"].removed == ("YX-B2", "YX-B3", "YX-B4")
    assert take_in(book, [boards]).counts["board"].removed == ()


def test_what_others_refer_to_cannot_be_taken_away(book: Book) -> None:
    header = [column.key for column in TABLES["unit"].columns]
    city = sheet("unit", header, ("U-CITY", "演示市", "", "市级", ""))
    found = [reason for _, _, reason in reasons(book, city, whole=True)]
    assert "department D-WATER: its unit U-DISTRICT is not registered" in found


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.csv", b"code\n1\n", "--kind"),
        ("outfall.csv", b"", "空表"),
        ("outfall.csv", b"\xff\xff\xff", "GBK"),
        ("outfall.txt", b"", ".xlsx"),
        ("outfall.xlsx", b"PK", "Excel"),
        ("map.geojson", b"[]", "要素集合"),
        ("map.geojson", b'{"features": [{"properties": {"kind": "pond"}}]}', "pond"),
        ("map.geojson", b'{"features": [{"properties": {"kind": "station"}}]}', "feature 1"),
    ],
)
def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(TableError, match=reason):
        read_sheets(path)


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        read_sheets(tmp_path / "outfall.csv")


def test_a_date_of_a_spreadsheet_is_meant_in_shanghai(book: Book, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    page = workbook.active
    assert page is not None
    page.title = "任期"
    page.append(["岗位", "人员", "起", "止"])
    page.append(["VILLAGE-1", "P5", dt.datetime(2024, 1, 1), dt.date(2027, 1, 1)])
    workbook.save(tmp_path / "t.xlsx")
    outcome = take_in(book, read_sheets(tmp_path / "t.xlsx"))
    assert outcome.problems == ()
    assert outcome.counts["tenure"].changed == 1
    row = next(row for row in outcome.book.rows["tenure"] if row["person"] == "P5")
    assert row["until"].isoformat() == "2027-01-01T00:00:00+08:00"


def test_a_letter_that_gbk_lacks_is_named(book: Book, tmp_path: Path) -> None:
    new = take_in(book, [sheet("person", ("code", "name"), ("P9", "演示\U0002a6a5"))]).book
    with pytest.raises(TableError, match="utf-8"):
        write_csv(new, tmp_path / "out", "gbk")
    assert write_csv(new, tmp_path / "out", "utf-8")


@given(
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
)
def test_a_text_is_never_a_formula_and_comes_back(text: str) -> None:
    shown = cells.TEXT.show(text)
    assert shown[0] not in "=+-@"
    assert cells.TEXT.parse(shown) == text


@given(st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9))
def test_a_number_comes_back(value: float) -> None:
    assert cells.NUMBER.parse(cells.NUMBER.show(value)) == value


@pytest.mark.parametrize("text", ["1_000", "nan", "inf", "1e999", "１２x", "", "0x10", "一"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="不是数字"):
        cells.NUMBER.parse(text)


def test_positions_in_gcj02_are_taken_to_wgs84(book: Book) -> None:
    lon, lat = to_gcj02((119.42, 30.31))
    shifted = sheet("outfall", HEADINGS, outfall(**{"经度": lon, "纬度": lat}))
    outcome = take_in(book, [shifted], datum=to_wgs84)
    row = next(row for row in outcome.book.rows["outfall"] if row["code"] == "X-1")
    assert row["geometry"]["coordinates"] == pytest.approx([119.42, 30.31], abs=1e-6)


def test_every_kind_of_the_registry_has_its_table() -> None:
    assert TABLES.keys() == set(MAP_KINDS + DUTY_KINDS)
    for table in TABLES.values():
        for name in (table.kind, table.zh, f"{table.zh} {table.kind}", f"{table.kind}s"):
            assert table_named(name) is table
