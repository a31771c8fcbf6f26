"""`xunhe registry import`, `export`, `codes`, `remove-person`, as a person types them."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.adapters.registry_file import load, read_book
from xunhe.adapters.store import handovers
from xunhe.adapters.store.database import Database
from xunhe_tools.cli import app

BOARDS = """编码,名称,所在河段,距河段起点 m,经度,纬度,监督电话
YX-B9,新牌,YX-2,{position},119.44,30.32,0000
"""
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEMO_REGISTRY, tmp_path / "registry"))


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, ["registry", *map(str, words)])


def test_an_import_is_a_dry_run_until_it_is_applied(run: Run, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "公示牌.csv"
    path.write_bytes(BOARDS.format(position=9).encode("gbk"))
    before = read_book(folder)
    tried = run("import", folder, path)
    assert tried.exit_code == 0
    assert "新增 added 1" in tried.output
    assert read_book(folder) == before
    assert run("import", folder, path, "--apply").exit_code == 0
    assert load(folder).boards["YX-B9"].hotline == "0000"


def test_a_wrong_row_is_named_and_nothing_is_written(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "board.csv"
    path.write_text(BOARDS.format(position=9999), "utf-8")
    before = read_book(folder)
    refused = run("import", folder, path, "--apply")
    assert refused.exit_code == 2
    assert "第 2 行 row 2" in refused.output
    assert "距河段起点 m" in refused.output
    assert read_book(folder) == before
    assert not list(folder.glob("*.bak"))


@pytest.mark.parametrize(
    ("out", "options"),
    [
        ("tables", ("--format", "csv", "--encoding", "gbk")),
        ("book.xlsx", ()),
        ("map.geojson", ("--format", "geojson")),
    ],
)
def test_what_is_exported_can_be_imported(
    run: Run, folder: Path, tmp_path: Path, out: str, options: tuple[str, ...]
) -> None:
    target = tmp_path / out
    assert run("export", folder, target, *options).exit_code == 0
    files = sorted(target.iterdir()) if target.is_dir() else [target]
    back = run("import", folder, *files)
    assert back.exit_code == 0, back.output
    assert "新增 added 0，修改 changed 0" in back.output


def test_an_export_for_chinese_maps_comes_back_to_its_place(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    shifted = tmp_path / "map.geojson"
    assert run("export", folder, shifted, "--format", "geojson", "--gcj02").exit_code == 0
    before = load(folder).stations["YX-S1"].lon_lat
    assert f"{before[0]}" not in shifted.read_text("utf-8")
    assert run("import", folder, shifted, "--gcj02", "--apply").exit_code == 0
    assert load(folder).stations["YX-S1"].lon_lat == pytest.approx(before, abs=2e-6)


def test_codes_are_given_to_waters_without_one(run: Run, folder: Path) -> None:
    path = folder / "reaches.geojson"
    path.write_text(path.read_text("utf-8").replace(', "official_code": "339901000004"', ""))
    assert "BJ-1  339901000004" in run("codes", folder, "--division", "339901").output
    assert load(folder).reaches["BJ-1"].official_code is None
    assert run("codes", folder, "--division", "339901", "--apply").exit_code == 0
    assert load(folder).reaches["BJ-1"].official_code == "339901000004"
    assert run("codes", folder, "--division", "00").exit_code == 2


def test_a_person_in_office_is_removed_only_after_the_handover(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    refused = run("remove-person", folder, "P5")
    assert refused.exit_code == 2
    assert "/handovers" in refused.output
    database = Database(tmp_path / "var/xunhe.sqlite3")
    database.migrate()
    registry, now = load(folder), datetime(2026, 7, 1, tzinfo=UTC)
    with database.write() as connection:
        made = handovers.draft(connection, registry, "VILLAGE-1", "P6", "{}", "office", now)
        made = handovers.put_signature(connection, registry, made, "P5", made.sha256, now)
        handovers.put_signature(connection, registry, made, "P6", made.sha256, now)
    database.close()
    done = run("remove-person", folder, "P5")
    assert done.exit_code == 0, done.output
    assert load(folder).persons["P5"].name == "（已注销）"


def test_a_whole_table_of_persons_cannot_drop_one_in_office(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "person.csv"
    path.write_text("编码,姓名\nP1,演示人员一\n", "utf-8")
    refused = run("import", folder, path, "--whole", "--apply")
    assert refused.exit_code == 2
    assert "P5 holds post VILLAGE-1: hand it over" in refused.output
