"""The registry is edited in forms and by files with a preview; its folder stays the one truth."""

import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from openpyxl import load_workbook

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.test_office_pages import at_desk, send
from tests.gateway.web.test_supervision import add
from xunhe.adapters.registry_desk import CHANGED, RegistryDesk
from xunhe.adapters.registry_file import load
from xunhe.adapters.registry_tables.changes import key_of
from xunhe.adapters.registry_tables.columns import TABLES
from xunhe.adapters.registry_tables.rows import flattened
from xunhe.adapters.store import desk_log
from xunhe.adapters.store.database import Database
from xunhe.desk.log import Entry
from xunhe.domain.registry import Registry
from xunhe_tools import __file__ as tools


@dataclass
class Editing:
    """An office with a registry folder of its own."""

    folder: Path
    served: Served
    client: httpx.Client
    reloads: list[None] = field(default_factory=list)

    @property
    def registry(self) -> Registry:
        """As it lies in the files now."""
        return load(self.folder)

    def cells(self, kind: str, key: str) -> dict[str, str]:
        """What the form of a row has in its fields."""
        page = self.client.get(f"/registry/{kind}/row", params={"key": key})
        assert page.status_code == 200, page.text
        return fields(page.text)

    def save(self, kind: str, key: str, **cells: str) -> httpx.Response:
        path = f"/registry/{kind}/row"
        return send(self.client, f"{path}?key={quote(key)}" if key else path, **cells)

    def log(self) -> list[Entry]:
        with self.served.database.read() as connection:
            return list(desk_log.entries(connection, kinds=[CHANGED]))


class Form(HTMLParser):
    """The names and values of the first form that edits the registry, as a browser sends them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.forms = 0
        self.control = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.forms += tag == "form" and "/registry/" in given.get("action", "")
        if self.forms != 1 or given.get("name") == "csrf":
            return
        if tag in {"input", "select", "textarea"}:
            self.control = given["name"]
            self.found[self.control] = given.get("value", "")
        elif tag == "option" and "selected" in given:
            self.found[self.control] = given["value"]

    def handle_data(self, data: str) -> None:
        if self.lasttag == "textarea" and self.forms == 1:
            self.found[self.control] += data.rstrip("\n") if data.isspace() else data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.lasttag = ""


def fields(page: str) -> dict[str, str]:
    form = Form()
    form.feed(page)
    return form.found


@pytest.fixture
def editing(store: Database, tmp_path: Path) -> Iterator[Editing]:
    folder = tmp_path / "registry"
    shutil.copytree(Path(tools).parent / "demo_registry", folder)
    reloads: list[None] = []
    desk = RegistryDesk(folder, lambda: reloads.append(None))
    with serve(store, registry_desk=desk) as served, at_desk(served) as client:
        yield Editing(folder, served, client, reloads)


def test_every_table_and_the_form_of_each_first_row_opens(editing: Editing) -> None:
    book = RegistryDesk(editing.folder, lambda: None).book()
    for kind, table in TABLES.items():
        assert editing.client.get(f"/registry/{kind}").status_code == 200
        for row in book.rows[kind][:1]:
            key = key_of(flattened(row, table), table)
            unchanged = editing.save(kind, key, **editing.cells(kind, key))
            assert unchanged.headers["location"] == "/registry?saved=0", kind
    assert editing.log() == []
    assert editing.reloads == []


def test_a_row_is_changed_in_its_form_and_told_in_the_log(editing: Editing) -> None:
    cells = editing.cells("reach", "YX-1")
    saved = editing.save("reach", "YX-1", **cells | {"name": "云溪头段", "target": "Ⅱ"})
    assert saved.status_code == 303, saved.text
    assert editing.registry.reaches["YX-1"].name == "云溪头段"
    (entry,) = editing.log()
    ((kind, key, what, told),) = entry.data["changes"]
    assert (kind, key, what) == ("reach", "YX-1", "changed")
    assert told["name"] == ["云溪上段", "云溪头段"]
    assert editing.reloads == [None]
    assert "云溪头段" in editing.client.get("/registry/reach").text


def test_every_wrong_field_is_named_beside_itself_and_nothing_is_written(editing: Editing) -> None:
    before = editing.registry
    cells = editing.cells("station", "YX-S1") | {
        "reach": "NOWHERE", "lon": "999", "interval_s": "-1", "name": ""
    }  # fmt: skip
    answer = editing.save("station", "YX-S1", **cells)
    assert answer.status_code == 422
    for name in ("lon", "interval_s", "name"):
        assert f'id="{name}-problem"' in answer.text, name
    assert 'value="NOWHERE"' in answer.text
    assert editing.registry == before
    assert editing.log() == []
    strange = editing.save("station", "YX-S1", **editing.cells("station", "YX-S1") | {"reach": "X"})
    assert 'id="reach-problem"' in strange.text


def test_a_row_is_added_and_one_that_breaks_the_whole_is_not(editing: Editing) -> None:
    new = {"code": "P99", "name": "演示人员九十九", "seen": ""}
    assert editing.save("person", "", **new).status_code == 303
    assert "P99" in editing.registry.persons
    (entry,) = editing.log()
    assert "演示人员九十九" not in str(entry.data)  # names stay out of the log
    since = "2024-01-01T00:00:00+08:00"
    twice = {"post": "VILLAGE-1", "person": "P99", "since": since, "until": "", "seen": ""}
    answer = editing.save("tenure", "", **twice)
    assert answer.status_code == 422
    assert "hold it at the same time" in answer.text


def test_whoever_saves_second_sees_whose_change_and_what(editing: Editing) -> None:
    mine, theirs = editing.cells("reach", "YX-1"), editing.cells("reach", "YX-1")
    assert editing.save("reach", "YX-1", **theirs | {"name": "他改的"}).status_code == 303
    answer = editing.save("reach", "YX-1", **mine | {"name": "我改的"})
    assert answer.status_code == 422
    assert "他人已修改此行（office" in answer.text
    assert "现值：他改的" in answer.text
    assert 'value="我改的"' in answer.text
    assert editing.registry.reaches["YX-1"].name == "他改的"
    again = fields(answer.text)
    assert editing.save("reach", "YX-1", **again).status_code == 303
    assert editing.registry.reaches["YX-1"].name == "我改的"


def test_what_answers_for_something_cannot_be_removed(editing: Editing) -> None:
    add(editing.served, "open")
    for kind, key, why in (
        ("person", "P5", "handovers"),
        ("reach", "YX-1", "YX-1"),
        ("post", "VILLAGE-1", "VILLAGE-1"),
    ):
        seen = editing.cells(kind, key)["seen"]
        answer = send(editing.client, f"/registry/{kind}/removal?key={key}", seen=seen)
        assert answer.status_code == 422, (kind, answer.text)
        assert why in answer.text
    seen = editing.cells("board", "YX-B4")["seen"]
    assert send(editing.client, "/registry/board/removal?key=YX-B4", seen=seen).status_code == 303
    assert "YX-B4" not in editing.registry.boards


def bring(editing: Editing, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    return editing.client.post(
        "/registry/import",
        data={"csrf": editing.client.headers["X-CSRF-Token"], **fields},
        files=[("files", file) for file in files],
        headers={"X-CSRF-Token": ""},
    )


BOARDS = "编码,名称,所在河段,距河段起点 m,经度,纬度\n"
GOOD = (
    BOARDS + "YX-B1,村口公示牌（新）,YX-1,100,119.42,30.31\nYX-B9,桥头公示牌,YX-2,50,119.43,30.31\n"
)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk"])
def test_a_file_is_shown_first_and_written_by_one_button(editing: Editing, encoding: str) -> None:
    page = bring(editing, ("公示牌.csv", GOOD.encode(encoding)))
    assert page.status_code == 200, page.text
    assert "<ins>村口公示牌（新）</ins>" in page.text
    assert "YX-B9" in page.text
    assert "YX-B9" not in editing.registry.boards  # nothing is written yet
    key = page.text.split('action="/registry/import/')[1].split('"')[0]
    written = send(editing.client, f"/registry/import/{key}")
    assert written.headers["location"] == "/registry?saved=2"
    assert editing.registry.boards["YX-B9"].name == "桥头公示牌"
    assert send(editing.client, f"/registry/import/{key}").status_code == 404  # once


def test_every_wrong_row_is_shown_with_row_column_and_reason(editing: Editing) -> None:
    bad = GOOD + "YX-BX,坏,NOWHERE,50,119.43,30.31\nYX-BY,,YX-2,x,119.43,99\n"
    page = bring(editing, ("board.csv", bad.encode()))
    assert page.status_code == 422
    cells = page.text.replace("\n", "")
    for row, column in (("4", "所在河段"), ("5", "名称"), ("5", "距河段起点 m"), ("5", "纬度")):
        assert f'class="number">{row}</td><td data-label="列 Column">{column}' in cells, column
    assert "写入" not in page.text
    assert "YX-B9" not in editing.registry.boards


def test_an_export_comes_back_as_no_change(editing: Editing) -> None:
    book = editing.client.get("/registry/export.xlsx")
    assert len(load_workbook(io.BytesIO(book.content)).worksheets) > 10
    page = bring(editing, ("registry.xlsx", book.content))
    assert "与现有登记册完全相同" in page.text
    drawn = editing.client.get("/registry/export.geojson")
    assert "与现有登记册完全相同" in bring(editing, ("map.geojson", drawn.content)).text


@pytest.mark.parametrize(
    "file",
    [
        ("board.txt", b"x"),
        ("unknown.csv", b"a,b\n1,2\n"),
        ("board.csv", b"\xff\xfe\x00\x81"),
        ("board.xlsx", b"PK no zip"),
        ("board.csv", b""),
        ("map.geojson", b"[]"),
        ("", b""),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(
    editing: Editing, file: tuple[str, bytes]
) -> None:
    answer = bring(editing, file)
    assert answer.status_code == 422
    assert "Internal" not in answer.text


def test_without_a_folder_there_is_nothing_to_edit(served: Served) -> None:
    with at_desk(served) as member:
        assert member.get("/registry").status_code == 404
