"""An empty board becomes a tested, reporting buoy by the commands of tools/README.md only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.firmware.virtual_probes import Probes
from tests.tools.buoy.conftest import DEVICE, Bench
from tests.tools.buoy.gateway import STATION, running_gateway, wait_until
from tests.tools.buoy.vessels import PROBE, ph_probe, potential, put_into, run_calibrate
from xunhe_tools.cli import app

MANUAL = Path(__file__).parents[3] / "tools/README.md"
RIVER_PH = 7.6


@pytest.fixture
def river_probe() -> Any:
    with Probes(ph_probe()) as probes:
        yield probes


def typed(*words: object) -> dict[str, Any]:
    """A command as a script types it: with --json; it must succeed, and stand in the manual."""
    line = [str(word) for word in words]
    assert f"xunhe {' '.join(line[:2])}" in MANUAL.read_text("utf-8")
    result = CliRunner().invoke(app, [*line, "--json"])
    assert result.exit_code == 0, f"{line}: {result.output} {result.exception!r}"
    told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return told


def test_a_script_takes_a_board_from_empty_to_reporting(
    bench: Bench,
    river_probe: Probes,
    tmp_path: Path,
    technicians_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XUNHE_WIFI_PASSWORD", "a river password")
    buses = {"serial": river_probe.port, "baud": 9600, "clock": {"unset": True}}
    board = bench(buses=buses)  # MicroPython and nothing else
    with running_gateway(tmp_path / "gateway") as gateway:
        keys, releases = tmp_path / "keys", tmp_path / "releases"
        typed("buoy", "keys", keys)
        words = ("--key", keys / "release.key", "--board", "virtual", "--out", releases)
        typed("buoy", "bundle", 7, *words)
        public = keys / "release.pub"
        port = ("--port", board.port)
        typed("buoy", "flash", *port, "--bundle", releases, "--key", public, "--yes")

        place = ("--station", STATION, "--broker", f"127.0.0.1:{gateway.mqtt_port}")
        probe = ("--wifi", "river", "--probe", PROBE, "--update-keys", keys)
        rhythm = ("--sample-interval-s", 10, "--by", "李 Li", "--yes")
        registrar = gateway.options()
        made = typed("buoy", "provision", *port, *place, *probe, *rhythm, *registrar)
        assert (made["device"], made["station"]) == (DEVICE, STATION)

        outcome = run_calibrate(
            [
                PROBE,
                *("--port", str(board.port), "--by", "李 Li"),
                *("--standard", "6.865:A17", "--standard", "9.180:B04"),
                *("--readings", "3", "--window-s", "0.3"),
                *gateway.options(),
            ],
            lambda buffer: put_into(river_probe, potential(buffer)),
            technicians_home,
        )
        assert outcome["code"] == 0, outcome
        assert outcome["not_at_gateway"] == 0
        line = outcome["certificate"]["line"]
        assert (line["slope"], line["offset"]) == (pytest.approx(0.97), pytest.approx(6.0))

        put_into(river_probe, potential(f"water={RIVER_PH}"))
        tested = typed("buoy", "selftest", *port, "--wait-s", 100)
        assert tested["passed"], tested
        wait_until(lambda: seen_ph(gateway.get) == pytest.approx(RIVER_PH, abs=0.02), 100, "its pH")
        (kept,) = gateway.get(f"/devices/{DEVICE}/calibrations")
        assert kept["content"]["points"][0]["lot"] == "A17"


def seen_ph(get: Callable[[str], Any]) -> float | None:
    """The last pH that the gateway shows for the station."""
    series = {one["property"]: one for one in get(f"/stations/{STATION}/observations")["series"]}
    points = series["ph"]["points"]
    return float(points[-1]["value"]) if points and points[-1]["value"] is not None else None
