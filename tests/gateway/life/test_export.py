"""Everything leaves in forms that any program reads; no secret does."""

import csv
import json
import subprocess
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from geojson_pydantic import FeatureCollection
from typer.testing import CliRunner, Result

from tests.gateway.life.conftest import Gateway, all_rows, files_in
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.store import personal, schema
from xunhe_tools.cli import app
from xunhe_tools.export.folder import new_folder
from xunhe_tools.export.tables import SECRETS, columns_of, lines


def jsonl(folder: Path, name: str) -> list[str]:
    return (folder / f"tables/{name}.jsonl").read_text("utf-8").splitlines()


def xunhe(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def out(gateway: Gateway) -> Path:
    with gateway.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO device VALUES ('0200000000aa', 'YX-S1', ?, 0, NULL)", (b"K" * 32,)
        )
        personal.keep(connection, "reporter", {"telephone": "13800000000"}, NOW)
    result = xunhe("export", "out")
    assert result.exit_code == 0, result.output
    return Path("out")


def test_every_table_leaves_with_every_row(gateway: Gateway, out: Path) -> None:
    held = all_rows(gateway.database)
    about = json.loads((out / "schema.json").read_text("utf-8"))
    assert about["rows"] == {name: len(rows) for name, rows in held.items()}
    for name in held:
        rows = [json.loads(line) for line in jsonl(out, name)]
        columns = about["tables"][name]["columns"].keys() - about["tables"][name]["withheld"]
        assert all(row.keys() == columns for row in rows), name
        assert len(rows) == len(held[name])


def test_plain_tools_read_it(gateway: Gateway, out: Path) -> None:
    subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=out, check=True)
    with (out / "observations.csv").open(encoding="utf-8", newline="") as file:
        readings = list(csv.DictReader(file))
    assert len(readings) == 21
    assert readings[0]["nh3n_mg_l_flag (QARTOD)"] == "1"
    for name, least in (("incidents", 2), ("tickets", 2), ("registry", 3)):
        FeatureCollection.model_validate_json((out / f"{name}.geojson").read_text("utf-8"))
        text = (out / f"{name}.geojson").read_text("utf-8")
        assert len(json.loads(text)["features"]) >= least
    assert files_in(out / "evidence") == files_in(gateway.store.folder)


def test_no_key_no_password_and_nobody_s_telephone(out: Path) -> None:
    everything = b"".join(files_in(out).values())
    assert (b"K" * 32).hex().encode() not in everything
    assert b"13800000000" not in everything
    assert not (out / "registry").exists()


def test_people_s_words_leave_on_request(gateway: Gateway, out: Path) -> None:
    assert xunhe("export", "whole", "--with-personal").exit_code == 0
    everything = files_in(Path("whole"))
    assert b"13800000000" in everything["tables/personal.jsonl"]
    assert everything["registry/duty.toml"] == Path("registry/duty.toml").read_bytes()
    assert (b"K" * 32).hex().encode() not in b"".join(everything.values())


def test_every_column_whose_name_sounds_secret_is_withheld() -> None:
    words = ("password", "secret", "token", "csrf", "code_hash")
    sounding = {
        (table.name, column.name)
        for table in schema.metadata.sorted_tables
        for column in table.c
        if any(word in column.name for word in words)
        or (isinstance(column.type, sa.LargeBinary) and column.name == "key")
    }
    assert sounding == {(table, column) for table, names in SECRETS.items() for column in names}


def test_nothing_is_overwritten_and_a_failed_export_leaves_nothing(
    gateway: Gateway, tmp_path: Path
) -> None:
    Path("out").mkdir()
    result = xunhe("export", "out")
    assert result.exit_code == 2
    assert "already" in result.stderr

    def fill(path: Path) -> None:
        with new_folder(path) as folder:
            folder.write("half", ["text"])
            folder.copy("other", Path("none"))

    with pytest.raises(FileNotFoundError):
        fill(tmp_path / "new")
    assert not list(tmp_path.glob("*new*")) + list(tmp_path.glob(".part*"))


def test_lost_evidence_is_said(gateway: Gateway) -> None:
    gateway.store.remove(gateway.pictures[0])
    result = xunhe("export", "out")
    assert result.exit_code == 1
    assert gateway.pictures[0] in result.stderr


def test_a_table_six_times_as_long_takes_no_more_memory(gateway: Gateway) -> None:
    def peak(rows: int) -> int:
        values = [
            {"at": NOW + timedelta(seconds=i), "kind": "x", "data": {"text": "t" * 200}}
            for i in range(rows)
        ]
        with gateway.database.write() as connection:
            connection.execute(schema.event.insert(), values)
        del values
        tracemalloc.start()
        with gateway.database.read() as connection:
            for _ in lines(connection, schema.event, with_personal=False):
                pass
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    first = peak(1_000)
    assert peak(5_000) < 1.5 * first


def test_secrets_never_leave_even_with_personal_data() -> None:
    for name, withheld in SECRETS.items():
        table = schema.metadata.tables[name]
        assert not withheld & {c.name for c in columns_of(table, with_personal=True)}
