"""The list of cameras while it changes, and what workers said: without processes and streams."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.gateway.camera.fleet_story import Story, status, story
from tests.gateway.river_cameras import CAMERAS, SEEN, entry, write_list
from xunhe.adapters.camera import fleet as module
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.camera.messages import (
    Command,
    Dismiss,
    Drop,
    Misread,
    Rain,
    Report,
    Seen,
    Show,
    Shown,
    Told,
    Watch,
)
from xunhe.domain.zones import WaterZone, Zones

ONE, TWO = CAMERAS
SMALLER = Zones((WaterZone("主河道", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))),))
CHANGED = '"rtsp://admin:geheim@192.0.2.1/other"'


class Crew:
    """Workers that do nothing but what a test says."""

    def __init__(self, _settings: Any) -> None:
        self.assigned: set[str] = set()
        self.beside: dict[str, str | None] = {}
        self.sent: list[Command] = []
        self.saying: list[Report] = []
        self.dying: list[str] = []
        self.reviving: list[str] = []
        self.is_stopped = False

    def assign(self, camera: str, beside: str | None = None) -> None:
        self.assigned.add(camera)
        self.beside[camera] = beside

    def release(self, camera: str) -> None:
        self.assigned.discard(camera)

    def send(self, _camera: str, command: Command) -> None:
        self.sent.append(command)

    def send_all(self, command: Command) -> None:
        self.sent.append(command)

    def listen(self, _wait_s: float) -> tuple[list[Report], list[str]]:
        said, died = self.saying, self.dying
        self.saying, self.dying = [], []
        return said, died

    def revive(self) -> list[str]:
        revived, self.reviving = self.reviving, []
        return revived

    def stop(self) -> None:
        self.is_stopped = True


class Site:
    """A fleet that is stepped by hand."""

    def __init__(self, told: Story) -> None:
        self.story = told
        self.fleet: Fleet = told.made()
        self.crew: Any = self.fleet._crew

    def step(self, *said: Report) -> list[Command]:
        """What the workers are told in a step in which they say this."""
        before = len(self.crew.sent)
        self.crew.saying = list(said)
        self.fleet.step()
        return list(self.crew.sent[before:])

    def write(self, *entries: str) -> list[Command]:
        write_list(self.story.folder, *entries)
        return self.step()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setattr(module, "Crew", Crew)
    monkeypatch.setattr(module, "_LOOK_EVERY_S", 0)
    told = story(tmp_path)
    write_list(told.folder, entry(ONE))
    return Site(told)


def told(state: str = "live", **memory: Any) -> Told:
    words = ("断了", "broken") if state == "stalled" else ("", "")
    return Told("YX-C1", 1000.0, state, *words, {"received": 5.0, "age_s": 1.0}, memory)


def test_nothing_runs_before_the_first_step_and_all_that_is_registered_after_it(site: Site) -> None:
    assert site.crew.sent == []
    assert [each.state for each in site.fleet.statuses()] == ["connecting"]
    assert site.step() == [Watch(ONE, Zones.whole(), None)]
    assert site.step() == []


def test_cameras_are_added_changed_and_removed_while_it_runs(site: Site) -> None:
    site.step()
    assert site.write(entry(ONE), entry(TWO)) == [Watch(TWO, Zones.whole(), None)]
    other = replace(ONE, url=CHANGED.strip('"'))
    assert site.write(entry(ONE, url=CHANGED), entry(TWO)) == [Watch(other, Zones.whole(), None)]
    assert site.write(entry(TWO)) == [Drop("YX-C1")]
    assert site.crew.assigned == {"YX-C2"}
    assert [each.camera.code for each in site.fleet.statuses()] == ["YX-C2"]
    assert [set(each.cameras) for each in site.story.lists][-1] == {"YX-C2"}
    (site.story.folder / "cameras.toml").unlink()
    assert site.step() == [Drop("YX-C2")]


def test_a_camera_that_comes_back_goes_on_with_what_it_remembered(site: Site) -> None:
    site.step()
    site.step(told(things=3))
    site.write()
    assert site.step(told(things=4)) == [], "a late word of a camera that has gone"
    (watch,) = site.write(entry(ONE))
    assert isinstance(watch, Watch)
    assert watch.memory == {"things": 3}
    assert status(site.fleet, "YX-C1").state == "connecting"


def test_a_broken_list_keeps_the_old_one_going_and_is_told_once(site: Site) -> None:
    site.step()
    broken = entry(TWO, reach='"YX-9"', position_m=None)
    assert site.write(entry(ONE, url=CHANGED), broken) == []
    (problem,) = site.fleet.problems
    assert problem == "cameras.toml: camera YX-C2: position_m is missing"
    assert problem in status(site.fleet, "YX-C1").detail
    site.step()
    assert site.story.kept == [Misread((problem,))]
    site.write(entry(ONE))
    assert site.fleet.problems == ()
    assert status(site.fleet, "YX-C1").detail == ""
    assert site.story.kept[1:] == [Misread(())]


def test_no_password_of_a_broken_list_is_told(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.step()
    site.write(entry(ONE), entry(TWO, url='"gopher://admin:geheim@192.0.2.2/"'))
    site.write(entry(ONE, url='"rtsp://admin:geheim@192.0.2.2/'))
    assert site.fleet.problems
    assert "geheim" not in f"{site.fleet.statuses()} {site.story.kept} {caplog.text}"


def test_saved_zones_are_taken_over_while_it_runs(site: Site) -> None:
    site.step()
    site.step(told(things=3))
    site.fleet.save_zones("YX-C1", SMALLER)
    assert site.step() == [Watch(ONE, SMALLER, {"things": 3})]
    assert site.fleet.zones("YX-C1") == SMALLER


def test_broken_zones_keep_the_old_ones_going_for_their_camera_alone(site: Site) -> None:
    site.fleet.save_zones("YX-C1", SMALLER)
    site.write(entry(ONE), entry(TWO))
    (site.story.folder / ONE.zones).write_text("{", "utf-8")
    assert site.step() == []
    assert site.fleet.zones("YX-C1") == SMALLER
    assert "zones/YX-C1.json" in status(site.fleet, "YX-C1").detail
    assert status(site.fleet, "YX-C2").detail == ""
    assert len(site.story.kept) == 1
    moved = replace(ONE, url=CHANGED.strip('"'))
    assert site.write(entry(ONE, url=CHANGED), entry(TWO)) == [Watch(moved, SMALLER, None)]


def test_a_camera_whose_zones_never_were_right_waits_for_them_and_the_others_do_not(
    site: Site,
) -> None:
    (site.story.folder / "zones").mkdir()
    (site.story.folder / ONE.zones).write_text('{"version": 7}', "utf-8")
    assert site.write(entry(ONE), entry(TWO)) == [Watch(TWO, Zones.whole(), None)]
    assert status(site.fleet, "YX-C1").state == "bad_zones"
    assert site.fleet.zones("YX-C1") == Zones.whole()
    site.fleet.save_zones("YX-C1", SMALLER)
    assert site.step() == [Watch(ONE, SMALLER, None)]
    assert site.fleet.problems == ()


def test_what_a_camera_said_last_is_its_status(site: Site) -> None:
    site.step()
    site.step(told("stalled"))
    now = status(site.fleet, "YX-C1")
    assert (now.state, now.detail) == ("stalled", "断了 / broken")
    assert now.at is not None
    assert now.at.timestamp() == 1000.0
    assert now.counts["received"] == 5
    assert now.counts["age_s"] >= 1.0


def test_a_worker_that_dies_is_told_and_its_successor_knows_what_was_remembered(
    site: Site,
) -> None:
    site.step()
    site.step(told(things=3))
    site.step(Seen(SEEN, None, {"things": 4}, {}))
    site.crew.dying = ["YX-C1"]
    site.step()
    assert status(site.fleet, "YX-C1").state == "restarting"
    assert isinstance(site.story.kept[-1], Told)
    assert site.story.kept[-1].memory == {"things": 4}, "what was stored with the last sight"
    site.crew.reviving = ["YX-C1"]
    assert site.step() == [Watch(ONE, Zones.whole(), {"things": 4})]


def test_a_last_run_is_remembered(site: Site) -> None:
    site.story.memories["YX-C1"] = {"things": 2}
    assert Site(site.story).step() == [Watch(ONE, Zones.whole(), {"things": 2})]


def test_previews_are_asked_for_while_somebody_looks_and_are_not_stored(site: Site) -> None:
    site.step()
    assert site.fleet.preview("YX-C1") is None
    assert site.fleet.preview("YX-C1") is None
    assert site.crew.sent[1:] == [Show("YX-C1")]
    boxes = ((0.1, 0.1, 0.2, 0.2),)
    site.step(Shown("YX-C1", 1000.0, 16, 9, b"jpeg", boxes, (), {}, {"litter": 0.5}))
    preview = site.fleet.preview("YX-C1")
    assert preview is not None
    assert (preview.jpeg, preview.gate, preview.limits) == (b"jpeg", boxes, {"litter": 0.5})
    assert preview.at.timestamp() == 1000.0
    assert site.story.kept == []


@pytest.mark.parametrize("ask", ["preview", "zones"])
def test_a_camera_that_is_not_registered_is_a_key_error(site: Site, ask: str) -> None:
    with pytest.raises(KeyError):
        getattr(site.fleet, ask)("YX-C9")


def test_while_the_store_fails_pages_still_show_how_cameras_are(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.step()

    def full(_report: Report) -> None:
        raise sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))

    seen = Seen(SEEN, None, {"things": 4}, {})
    with monkeypatch.context() as broken:
        broken.setattr(site.fleet._inbox, "_keep", full)
        for report in (seen, told("stalled"), told("live")):
            with pytest.raises(sa.exc.OperationalError):
                site.step(report)
        assert status(site.fleet, "YX-C1").state == "live"
    site.step()
    assert site.story.kept == [seen, told("live")]


def test_stopping_ends_the_workers(site: Site) -> None:
    site.step()
    site.fleet.stop()
    assert site.crew.is_stopped


DOME = '"http://192.0.2.9/onvif/device_service"'


def test_the_views_of_one_dome_camera_are_one_workers(site: Site) -> None:
    site.write(entry(ONE, onvif=DOME, preset='"1"'), entry(TWO, onvif=DOME, preset='"2"'))
    assert site.crew.beside == {"YX-C1": None, "YX-C2": "YX-C1"}
    site.write(entry(ONE, onvif=DOME, preset='"1"'), entry(TWO))
    assert (site.crew.assigned, site.crew.beside["YX-C2"]) == ({"YX-C1", "YX-C2"}, None)


def test_rain_is_told_to_every_worker_once_and_to_those_that_come_later(site: Site) -> None:
    site.step()
    site.fleet.take_rain(3.5)
    site.fleet.take_rain(3.5)
    assert site.crew.sent[-1] == Rain(3.5)
    assert site.crew.sent.count(Rain(3.5)) == 1
    assert site.write(entry(ONE), entry(TWO))[-1] == Rain(3.5)


def test_a_false_alarm_is_told_to_the_cameras_worker(site: Site) -> None:
    site.step()
    site.fleet.dismiss("YX-C1", "YX-P1")
    assert site.crew.sent[-1] == Dismiss("YX-C1", "YX-P1")
