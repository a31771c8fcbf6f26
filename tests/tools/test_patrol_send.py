"""`xunhe patrol send`: a report goes to the desk, on this machine or over the network, once."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.flights.reported import flight, found, jpeg
from tests.gateway.web.console_server import NAME, PASSWORD, Served, add_administrator, serve
from tests.gateway.web.river_rows import NOW, opened
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import flights
from xunhe.adapters.store.database import Database
from xunhe.codecs import flight_json
from xunhe_tools.cli import app
from xunhe_tools.patrol.posting import fitting


@pytest.fixture
def report(tmp_path: Path) -> Path:
    folder = tmp_path / "report"
    (folder / "pictures").mkdir(parents=True)
    (folder / "pictures" / "F01.jpg").write_bytes(jpeg())
    brought = flight([found(), found("F02", at=None, reach=None)], began=NOW)
    (folder / "flight.json").write_text(flight_json.document(brought), "utf-8")
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "xunhe.toml"
    path.write_text(
        f'[store]\ndatabase = "{tmp_path / "xunhe.sqlite3"}"\n'
        f'[registry]\nfolder = "{DEMO_REGISTRY}"\n'
        f'[vision]\nevidence = "{tmp_path / "evidence"}"\n',
        "utf-8",
    )
    return path


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Served]:
    database = opened(tmp_path)
    with serve(database, evidence=EvidenceStore(tmp_path / "there")) as served:
        add_administrator(database, served.wall)
        yield served
    database.close()


def send(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["patrol", "send", *arguments])


def test_it_goes_into_this_machines_store_once(report: Path, config: Path) -> None:
    first = send(str(report), "--config", str(config), "--json")
    again = send(str(report), "--config", str(config), "--json")
    assert first.exit_code == again.exit_code == 0, first.output + again.output
    assert json.loads(first.stdout) == {"id": 1, "is_new": True, "page": "/flights/1"}
    assert json.loads(again.stdout)["is_new"] is False
    database = Database(config.with_name("xunhe.sqlite3"))
    with database.read() as connection:
        kept = flights.findings(connection, [1])
    database.close()
    assert [row.picture is not None for row in kept] == [True, False]


def test_it_goes_over_the_network_once(report: Path, gateway: Served, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, "utf-8")
    account = ["--gateway", gateway.url, "--user", NAME, "--password-file", str(secret)]
    first = send(str(report), *account)
    again = send(str(report), *account)
    assert first.exit_code == 0, first.output
    assert f"已收下 taken in: {gateway.url}/flights/1" in first.stdout
    assert "此前已有 known before" in again.stdout


@pytest.mark.parametrize("text", [None, "{}", "no JSON"])
def test_what_is_no_report_is_refused_with_its_reason(
    report: Path, config: Path, text: str | None
) -> None:
    file = report / "flight.json"
    file.unlink() if text is None else file.write_text(text, "utf-8")
    result = send(str(report), "--config", str(config))
    assert result.exit_code != 0
    assert str(report) in result.output


def test_a_gateway_that_is_away_leaves_the_report_where_it_is(report: Path, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD, "utf-8")
    away = ["--gateway", "http://127.0.0.1:9", "--password-file", str(secret)]
    result = send(str(report), *away)
    assert result.exit_code != 0
    assert str(report) in result.output
    assert (report / "flight.json").is_file()


def test_pictures_are_made_smaller_only_where_together_they_are_too_much() -> None:
    draw = np.random.default_rng(3)
    noise = draw.integers(0, 255, (400, 600, 3), np.uint8)
    large = bytes(cv2.imencode(".jpg", noise)[1].tobytes())
    pictures = {"F01": large, "F02": large}
    assert fitting(pictures, 2 * len(large)) == pictures
    smaller = fitting(pictures, len(large))
    assert sum(map(len, smaller.values())) <= 1.2 * len(large)
    shown = cv2.imdecode(np.frombuffer(smaller["F01"], np.uint8), cv2.IMREAD_COLOR)
    assert shown.shape[:2] == (283, 424)
