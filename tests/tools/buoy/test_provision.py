"""A board gets its identity: at the board and at the gateway, never half, and no key in sight."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.web.console_server import NAME, PASSWORD, Served, add_administrator, serve
from tests.tools.buoy.conftest import DEVICE, KNOCKS_S, Bench
from xunhe.adapters import enrolling
from xunhe.adapters.enrolment_seal import SealError
from xunhe.adapters.store import devices, enrolments
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import SystemClock
from xunhe_tools.buoy.console import Console
from xunhe_tools.buoy.repl import Repl
from xunhe_tools.cli import app
from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.usb_line import Cut

STATION = "YX-S1"
WIFI_PASSWORD = "not to be seen 7"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Served]:
    database = Database(tmp_path / "xunhe.sqlite3")
    database.migrate()
    with serve(database) as served:
        add_administrator(database, served.wall)
        yield served
    database.close()


@pytest.fixture(autouse=True)
def _technicians_computer(technicians_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUNHE_WIFI_PASSWORD", WIFI_PASSWORD)
    monkeypatch.setenv("XUNHE_PASSWORD", PASSWORD)


def log_in(gateway: Served) -> list[str]:
    return ["--gateway", gateway.url, "--user", NAME]


def carrying(file: Path, key: bytes = b"\1" * 32) -> list[str]:
    return ["--carry", str(file), "--gateway-key", key.hex()]


def provision(board: VirtualBoard, registrar: list[str], *more: str) -> Result:
    """As a script does it; a later option counts."""
    place = ["--station", STATION, "--broker", "127.0.0.1:1883", "--wifi", "river"]
    who = ["--probe", "Y532@2", "--by", "李 Li", "--json", "--yes"]
    words = ["buoy", "provision", "--port", str(board.port), *place, *who, *registrar, *more]
    return CliRunner().invoke(app, words)


def told(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return found


def config_of(board: VirtualBoard) -> dict[str, Any]:
    with Repl(str(board.port), entry_s=KNOCKS_S) as repl:
        data = repl.read("/data/config.json")
        repl.restart()
    return dict(json.loads(data or b"{}"))


def key_at(gateway: Served) -> bytes | None:
    with gateway.database.read() as connection:
        found = devices.find(connection, DEVICE)
    return None if found is None else found.key


def test_a_board_is_provisioned_registered_and_labelled_and_its_key_is_nowhere_else(
    flashed: VirtualBoard, gateway: Served, technicians_home: Path
) -> None:
    result = provision(flashed, log_in(gateway))
    assert result.exit_code == 0, result.output
    assert (told(result)["station"], told(result)["device"]) == (STATION, DEVICE)
    config = config_of(flashed)
    assert config["station"] == STATION
    assert key_at(gateway) == bytes.fromhex(config["key"])
    assert len(set(key_at(gateway) or b"")) > 16, "a random key"
    assert {Path(p).suffix for p in told(result)["label"]} == {".svg", ".pdf"}
    kept = b"".join(p.read_bytes() for p in technicians_home.rglob("*") if p.is_file())
    for secret in (config["key"], WIFI_PASSWORD, PASSWORD):
        assert secret not in result.output
        assert secret.encode() not in kept


def test_a_board_that_serves_a_station_is_taken_from_it_only_by_its_serial(
    flashed: VirtualBoard, gateway: Served
) -> None:
    assert provision(flashed, log_in(gateway)).exit_code == 0
    before, old_key = config_of(flashed), key_at(gateway)
    refused = provision(flashed, log_in(gateway))
    assert refused.exit_code == 1
    assert f"--device {DEVICE}" in told(refused)["next"]
    assert (config_of(flashed), key_at(gateway)) == (before, old_key)
    again = provision(flashed, log_in(gateway), "--device", DEVICE, "--station", "YX-S2")
    assert again.exit_code == 0, again.output
    assert told(again)["has_replaced"]
    assert config_of(flashed)["station"] == "YX-S2"
    with gateway.database.read() as connection:
        assert enrolments.is_revoked(connection, DEVICE, old_key or b"")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--station", "NOWHERE"], "NOWHERE is not registered"),
        (["--user", "nobody"], "does not let nobody in"),
        (["--gateway", "http://127.0.0.1:9"], "does not answer"),
    ],
)
def test_a_gateway_that_says_no_leaves_the_board_as_it_was(
    flashed: VirtualBoard, gateway: Served, more: list[str], words: str
) -> None:
    result = provision(flashed, log_in(gateway), *more)
    assert result.exit_code == 1
    assert words in told(result)["happened"]
    with Repl(str(flashed.port), entry_s=KNOCKS_S) as repl:
        assert not [p for p in repl.tree("/data") if "config" in p]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--broker", "host:port"], "host:port"),
        (["--probe", "Y999@1"], "Y999"),
        (["--probe", "Y504@no"], "Y504@no"),
        (["--sample-interval-s", "1"], "sample_interval_s"),
        (["--modem", "sim1"], "sim1"),
    ],
)
def test_a_wrong_configuration_is_refused_before_anything_is_written(
    flashed: VirtualBoard, tmp_path: Path, more: list[str], words: str
) -> None:
    result = provision(flashed, carrying(tmp_path / "buoy.enrol"), *more)
    assert result.exit_code == 1
    assert words in told(result)["happened"]
    assert not (tmp_path / "buoy.enrol").exists()


def test_what_would_be_done_is_shown_without_a_key_and_without_a_change(
    flashed: VirtualBoard, tmp_path: Path
) -> None:
    result = provision(flashed, carrying(tmp_path / "buoy.enrol"), "--dry-run")
    assert result.exit_code == 0, result.output
    assert told(result)["config"]["key"] == "…"
    assert WIFI_PASSWORD not in result.output
    assert config_of(flashed) == {}


def test_a_sealed_file_is_carried_to_the_gateway_that_alone_can_open_it(
    flashed: VirtualBoard, tmp_path: Path
) -> None:
    toml = tmp_path / "xunhe.toml"
    toml.write_text(
        f'[store]\ndatabase = "{tmp_path}/gw.sqlite3"\n[registry]\nfolder = "{DEMO_REGISTRY}"\n'
    )
    public = CliRunner().invoke(app, ["device", "seal-key", "-c", str(toml)]).stdout.strip()
    file = tmp_path / "buoy.enrol"
    assert provision(flashed, carrying(file, bytes.fromhex(public))).exit_code == 0
    key = bytes.fromhex(config_of(flashed)["key"])
    assert key not in file.read_bytes()
    assert key.hex().encode() not in file.read_bytes()
    done = CliRunner().invoke(app, ["device", "import", str(file), "-c", str(toml)])
    assert done.exit_code == 0, done.output
    database = Database(tmp_path / "gw.sqlite3")
    with database.read() as connection:
        assert devices.find(connection, DEVICE) == devices.Device(DEVICE, STATION, key)
    with database.write() as connection:  # another gateway cannot open it
        connection.exec_driver_sql("DELETE FROM enrolment_seal")
        now = SystemClock().now()
        with pytest.raises(SealError, match="another gateway"):
            enrolling.open_sealed(connection, file.read_bytes(), now)
    database.close()


PULLED = [
    (Cut.LINE, 0.3),
    (Cut.POWER, 0.6),
    (Cut.LINE, 0.97),
    *(
        pytest.param(cut, share, marks=pytest.mark.slow)
        for cut in Cut
        for share in (0.02, 0.1, 0.2, 0.4, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
    ),
]


@pytest.mark.parametrize(("cut", "share"), PULLED)
def test_a_cable_that_is_pulled_leaves_the_old_identity_or_the_new_one(
    bench: Bench, flash_of_a_buoy: Path, tmp_path: Path, cut: Cut, share: float
) -> None:
    board = bench(of=flash_of_a_buoy)
    total = _bytes_of_a_run(board, tmp_path)
    old = config_of(board)
    file = tmp_path / "again.enrol"
    board.cut_after(int(share * total), cut)
    result = provision(board, carrying(file), "--device", DEVICE, "--station", "YX-S2")
    if result.exit_code:
        assert told(result)["next"]
    board.plug_in()
    found = config_of(board)
    assert found == old or (found["station"] == "YX-S2" and found["key"] != old["key"])
    assert provision(board, carrying(file), "--device", DEVICE).exit_code == 0
    with Console(str(board.port)) as console:
        assert console.ask({"do": "config"})["station"] == STATION


def _bytes_of_a_run(board: VirtualBoard, tmp_path: Path) -> int:
    """Provision it, and say how many bytes went to the board."""
    before = board.received
    assert provision(board, carrying(tmp_path / "first.enrol")).exit_code == 0
    return board.received - before
