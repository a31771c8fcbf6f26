"""The fleet with real worker processes, real models and real H.264 from cameras on a network.

One fleet for all, since a worker takes seconds to start; each test leaves its cameras live.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes.live_camera import LiveCameras, live_cameras
from tests.gateway.camera.films import RATE_HZ, film
from tests.gateway.camera.fleet_story import LONG_S, Story, running, status, story, wait_for
from tests.gateway.river_cameras import CAMERAS, entry, write_list
from xunhe.adapters.camera import crew
from xunhe.adapters.camera.fleet import Fleet
from xunhe.domain.camera_desk import Preview
from xunhe.settings import VisionSettings
from xunhe.vision.memory import Memory

SETTINGS = VisionSettings(workers=2, stalled_after_s=20, gate_width_px=160, blind_after_s=3600)
ONE, TWO = (camera.code for camera in CAMERAS)
LOCKED = "YX-C3"
# Known from the last run. Its end is told by nothing that these films show.
REMEMBERED = Memory(incidents={"open": [], "ended": [["水面", "litter", 100.0, 200.0]]}).to_json()

pytestmark = pytest.mark.timeout(3 * LONG_S)


@dataclass
class Site:
    """A gateway with three cameras; the third has another password than the list says."""

    story: Story
    fleet: Fleet
    cameras: LiveCameras

    def is_live(self, code: str) -> bool:
        return status(self.fleet, code).state == "live"

    def states(self, code: str) -> list[str]:
        return [each.state for each in self.story.told(code)]

    def new_preview(self, code: str) -> Preview:
        """One that was not there before."""
        before = self.fleet.preview(code)
        found: list[Preview] = []

        def has_come() -> bool:
            now = self.fleet.preview(code)
            if now is not None and (before is None or now.at > before.at):
                found.append(now)
            return bool(found)

        wait_for(has_come, f"a new preview of {code}")
        return found[0]


def entries(cameras: LiveCameras, login: str) -> list[str]:
    """The list; `login` is for the third camera."""
    ports = {
        ONE: cameras.url("/one"),
        TWO: cameras.url("/two"),
        LOCKED: cameras.url("/locked", login),
    }
    some = zip(ports, (*CAMERAS, CAMERAS[0]), strict=True)
    return [entry(camera, code=f'"{code}"', url=f'"{ports[code]}"') for code, camera in some]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("fleet")
    path = film(folder / "river.ts", frames=60 * RATE_HZ, size_px=(160, 90), group=10)
    told = story(folder, memories={ONE: REMEMBERED}, settings=SETTINGS)
    with live_cameras(path) as cameras:
        cameras.logins["/locked"] = "admin:right"
        write_list(told.folder, *entries(cameras, "admin:geheim@"))
        with running(told.made()) as fleet:
            yield Site(told, fleet, cameras)


def is_running(pid: int) -> bool:
    """Is there such a process, one that has not ended?"""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_previews_come_from_every_camera_and_a_wrong_password_is_named(site: Site) -> None:
    for code in (ONE, TWO):
        preview = site.new_preview(code)
        picture = cv2.imdecode(np.frombuffer(preview.jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert (preview.width, preview.height) == (160, 90) == picture.shape[1::-1]
        assert preview.limits["litter"] > 0
    wait_for(lambda: status(site.fleet, LOCKED).state == "wrong_password", "wrong_password")
    assert "geheim" not in f"{site.fleet.statuses()} {site.story.kept}"
    assert len(site.fleet.processes) == 2
    wait_for(lambda: status(site.fleet, ONE).counts.get("inferred", 0) > 0, "a look by the model")


def test_a_password_that_is_set_right_in_the_list_opens_the_camera_without_a_restart(
    site: Site,
) -> None:
    processes = site.fleet.processes
    write_list(site.story.folder, *entries(site.cameras, "admin:right@"))
    wait_for(lambda: site.is_live(LOCKED), "the right password")
    assert site.fleet.processes == processes


def test_a_stream_that_goes_off_is_named_and_comes_back(site: Site) -> None:
    wait_for(lambda: site.is_live(TWO), "the first stream")
    site.cameras.off.add("/two")
    wait_for(lambda: status(site.fleet, TWO).state in ("ended", "refused"), "the loss")
    wait_for(lambda: site.is_live(ONE), "the other camera")
    site.cameras.off.clear()
    wait_for(lambda: site.is_live(TWO), "the stream again")
    assert "connecting" not in site.states(TWO)[site.states(TWO).index("live") :]


def test_a_killed_worker_is_replaced_with_what_it_knew_while_the_others_go_on(site: Site) -> None:
    wait_for(lambda: site.is_live(ONE) and site.is_live(TWO), "both streams")
    place = next(each for each in site.fleet._crew._places if ONE in each.cameras)
    assert place.worker is not None
    assert TWO not in place.cameras
    pid = place.worker.process.pid
    assert pid is not None
    begun = len(site.states(ONE))
    os.kill(pid, signal.SIGKILL)
    before = site.new_preview(TWO)
    wait_for(lambda: "restarting" in site.states(ONE)[begun:], "the loss of the worker")
    wait_for(lambda: site.states(ONE)[-1] == "live", "its successor")
    assert "restarting" not in site.states(TWO)
    assert site.new_preview(TWO).at - before.at > timedelta(0)
    assert site.story.told(ONE)[-1].memory["incidents"] == REMEMBERED["incidents"]
    assert pid not in site.fleet.processes
    assert not is_running(pid)


def test_a_worker_that_hangs_is_ended_and_its_successor_goes_on(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, pid = len(site.states(ONE)), site.fleet.processes[0]
    monkeypatch.setattr(crew, "_SILENT_S", 8.0)
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: not is_running(pid), "the end of the worker that hangs")
    monkeypatch.undo()
    wait_for(lambda: "live" in site.states(ONE)[begun:], "its successor")
    wait_for(lambda: len(site.fleet.processes) == 2, "both workers")
    wait_for(lambda: site.is_live(ONE) and site.is_live(TWO), "both cameras")


def test_the_gateways_stop_ends_every_worker(site: Site) -> None:
    """The last one: it ends the fleet of this module."""
    processes = site.fleet.processes
    assert len(processes) == 2
    site.fleet.stop()
    wait_for(lambda: not any(is_running(pid) for pid in processes), "the workers' end")


_GATEWAY = """
import time
from tests.gateway.river_cameras import CAMERAS
from xunhe.adapters.camera.crew import Crew
from xunhe.adapters.camera.messages import Watch
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings

if __name__ == "__main__":
    crew = Crew(VisionSettings(workers=1))
    crew.assign("x")
    crew.send("x", Watch(CAMERAS[0], Zones.whole(), None))
    while not crew.listen(1)[0]:
        pass
    print(*crew.processes, flush=True)
    time.sleep(3600)
"""


def test_a_worker_ends_when_the_gateway_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "gateway.py"
    script.write_text(_GATEWAY, "utf-8")
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as gateway:
        assert gateway.stdout is not None
        worker = int(gateway.stdout.readline())
        assert is_running(worker)
        gateway.kill()
    wait_for(lambda: not is_running(worker), "the worker's end")
