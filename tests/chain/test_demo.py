"""From a probe to a ticket: real MicroPython, a real broker, a real database, a real browser.

Two runs of `xunhe demo` go side by side: one quiet, one in which the gateway is killed ten times
while probes fail. The tests look at both; what they measure is correctness, not speed.
"""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.mosquitto import free_port, wait_for
from xunhe.adapters import registry_file
from xunhe.adapters.replay import alerts, read, replay
from xunhe.adapters.store.database import Database

SECONDS = 120
KILLS = 10
REACHES_OF_THE_DISCHARGE = {"YX-1", "YX-2"}  # where it enters, and the next one down
POSTS = {"YX-1": "VILLAGE-1", "YX-2": "VILLAGE-2"}


@dataclass
class Run:
    """A demo in its own process; `report` waits for its end."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def report(self) -> dict[str, Any]:
        assert self.process.wait(SECONDS + 60) == 0, (self.folder / "err").read_text()
        report: dict[str, Any] = json.loads((self.folder / "r.json").read_text("utf-8"))
        return report

    @property
    def database(self) -> Path:
        return self.folder / "run/xunhe.sqlite3"


def start(folder: Path, *options: str) -> Run:
    folder.mkdir()
    port = free_port()
    command = [sys.executable, "-m", "xunhe_tools", "demo", "--seconds", str(SECONDS)]
    command += ["--headless", "--json", str(folder / "r.json"), "--directory", str(folder / "run")]
    with (folder / "err").open("wb") as err:
        process = subprocess.Popen([*command, "--port", str(port), *options], stderr=err)
    return Run(folder, port, process)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Run]]:
    folder = tmp_path_factory.mktemp("chain")
    script = str(Path(__file__).parent / "faults.toml")
    runs = {
        "quiet": start(folder / "quiet"),
        "killed": start(
            folder / "killed", "--kill-gateway", str(KILLS), "--script", script, "--seed", "11"
        ),
    }
    yield runs
    for run in runs.values():
        run.process.terminate()
        run.process.wait(30)


@pytest.mark.browser
@pytest.mark.timeout(SECONDS + 60)
def test_the_console_shows_the_alert_and_the_ticket_without_reload_and_asks_no_other_host(
    runs: dict[str, Run],
) -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("chromium is not installed: apt-get install chromium")
    port = runs["quiet"].port
    wait_for(port, 60)
    asked: list[str] = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"http://127.0.0.1:{port}/")
        page.evaluate("window.notReloaded = true")
        page.locator(".incident", has_text="氨氮").first.wait_for(timeout=90_000)
        # In the list of tickets, and by and by at its incident too.
        page.get_by_role("link", name="XH-2026-0001").first.wait_for(timeout=60_000)
        assert page.evaluate("window.notReloaded") is True
        browser.close()
    assert asked
    assert {url.split("/")[2] for url in asked if not url.startswith("data:")} == {
        f"127.0.0.1:{port}"
    }


@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.parametrize("name", ["quiet", "killed"])
def test_nothing_acknowledged_is_missing(runs: dict[str, Run], name: str) -> None:
    report = runs[name].report
    assert report["readings_acknowledged"] > 200
    assert report["readings_stored"] >= report["readings_acknowledged"]
    assert report["acknowledged_but_missing"] == 0
    assert report["readings_refused"] == 0


@pytest.mark.parametrize("name", ["quiet", "killed"])
def test_the_one_discharge_gives_one_ticket_at_the_post_where_it_enters_or_next_downstream(
    runs: dict[str, Run], name: str
) -> None:
    report = runs[name].report
    (ticket,) = report["tickets"]
    assert ticket["reach"] in REACHES_OF_THE_DISCHARGE
    assert ticket["post"] == POSTS[ticket["reach"]]
    assert ticket["kind"] == "discharge"
    (incident,) = report["incidents"]
    assert incident["stations"] == 3, "all three buoys are witnesses of one incident"


@pytest.mark.parametrize("name", ["quiet", "killed"])
def test_the_recording_replays_to_the_same_alerts_byte_for_byte(
    runs: dict[str, Run], name: str
) -> None:
    run = runs[name]
    assert run.report
    recording = read(run.folder / "run/recording.jsonl")
    registry = registry_file.load(run.folder / "run/registry")
    database = Database(run.database)
    with database.read() as connection:
        stored = list(alerts(connection, recording.begins_at))
    database.close()
    assert stored
    assert replay(recording, registry, recording.rules) == stored


def test_the_gateway_really_was_killed_ten_times(runs: dict[str, Run]) -> None:
    report = runs["killed"].report
    assert report["gateway_kills"] == KILLS
    assert report["gateway_starts"] > KILLS


def test_probes_that_fail_leave_their_own_values_missing_and_nothing_else(
    runs: dict[str, Run],
) -> None:
    run = runs["killed"]
    assert run.report["buoys"]["YX-S3"]["sampled"] > 60
    with closing(sqlite3.connect(run.database)) as store:

        def flags(station: str, prop: str) -> list[int]:
            rows = store.execute(
                "SELECT flag FROM observation WHERE station = ? AND property = ?"
                " AND time BETWEEN 1792430700000 AND 1792432500000",
                (station, prop),
            )
            return [flag for (flag,) in rows]

        assert set(flags("YX-S3", "do_mg_l")) == {9}
        assert set(flags("YX-S3", "nh3n_mg_l")) <= {1, 3}
        assert set(flags("YX-S2", "ph")) <= {1, 3}
        # Random bits can be a believable number: a few pass, and raise no alert.
        rubbish = flags("YX-S2", "nh3n_mg_l")
        assert rubbish.count(1) <= 0.2 * len(rubbish)


def test_the_buoy_tells_the_gateway_which_probe_failed_and_why(runs: dict[str, Run]) -> None:
    run = runs["killed"]
    assert run.report
    with closing(sqlite3.connect(run.database)) as store:
        told = {
            station: {(probe, reason): times for probe, reason, times in json.loads(errors)}
            for station, errors in store.execute("SELECT station, probe_errors FROM station_status")
        }
    assert ("Y504@1", "silence") in told["YX-S3"]
    assert ("Y560@3", "rubbish") in told["YX-S2"]
    # A busy machine may let a simulated probe miss its 200 ms now and then.
    assert sum(told["YX-S1"].values()) <= 3
    assert all(reason == "silence" for _, reason in told["YX-S1"])


def test_the_firmware_ran_under_micropython_where_its_wheel_exists(runs: dict[str, Run]) -> None:
    if sys.platform != "linux":
        pytest.skip("the MicroPython wheel exists for Linux on x86-64 only")
    assert runs["quiet"].report["firmware_interpreter"] == "micropython"
