"""One camera in a worker: what it tells the gateway, and when."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from tests.gateway.river_cameras import CAMERAS, SEEN, litter
from xunhe.adapters.camera import watched as module
from xunhe.adapters.camera.full_rate import FullRate
from xunhe.adapters.camera.link import Link
from xunhe.adapters.camera.messages import Filmed, Report, Seen, Shown, Told, Watch
from xunhe.adapters.camera.reader import Wanted
from xunhe.adapters.camera.source import Arrived
from xunhe.adapters.camera.watched import Watched
from xunhe.domain.sight import Phase, Sight
from xunhe.domain.zones import WaterZone, Zones
from xunhe.settings import VisionSettings
from xunhe.vision.counts import Counts
from xunhe.vision.glance import Glance
from xunhe.vision.memory import Memory
from xunhe.vision.view import View

SETTINGS = VisionSettings(blind_after_s=20)
SMALLER = Zones((WaterZone("主河道", ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9))),))


class Pipeline:
    """Sees what it is told to see."""

    made: list["Pipeline"]

    def __init__(
        self, camera: str, zones: Zones, eyes: Any, settings: Any, memory: Memory | None
    ) -> None:
        self.zones, self.given = zones, memory
        self.sights: list[Sight] = []
        self.blinded: list[tuple[str, float]] = []
        self.wants_every_frame, self.blindness, self.open_incidents = False, "", 0
        self.rain_mm_h: float | None = None
        self.counts = Counts(received=9, skipped=4, gated=5, changed=2, scanned=1, inferred=1)
        self.made.append(self)

    def see(self, _view: View) -> list[Sight]:
        return self.sights

    def blind(self, state: str, time_s: float) -> list[Sight]:
        self.blinded.append((state, time_s))
        return [litter(zone="", state=state)] if len(self.blinded) == 1 else []

    def memory(self) -> Memory:
        return Memory(time_s=5.0)

    def glance(self) -> Glance:
        return Glance(gate=((0.1, 0.1, 0.2, 0.2),), limits={"litter": 0.5})


@dataclass
class Latest:
    """A slot."""

    frame: Arrived | None = None

    def take(self, _now_s: float) -> Arrived | None:
        frame, self.frame = self.frame, None
        return frame


class Reader:
    """A stream that a test plays."""

    made: list["Reader"]

    def __init__(self, camera: Any, _settings: Any, hints: Any, _ready: Any) -> None:
        self.camera, self.hints = camera, hints
        self.latest, self.link = Latest(), Link("live")
        self.is_over = self.has_failed = self.is_stopped = False
        self.age: float | None = 0.0
        self.wanted: list[Wanted] = []
        self.is_resting = False
        self.made.append(self)

    def rest(self) -> None:
        self.is_resting = True

    def wake(self) -> None:
        self.is_resting, self.age = False, None

    def start(self) -> None:
        """Nothing to do."""

    def stop(self) -> None:
        self.is_stopped = True

    def age_s(self) -> float | None:
        return self.age

    def want(self, clip: Wanted) -> None:
        self.wanted.append(clip)

    def counts(self) -> dict[str, float]:
        return {"received": 100, "decoded": 50, "skipped": 50, "dropped": 1}


class Eyes:
    """No models, only their names."""

    def __init__(self) -> None:
        self.sha256 = {"debris": "ab"}


@dataclass
class Site:
    """A camera that is watched, and what it said."""

    watched: Watched
    said: list[Report]
    wall_s: float = 1000.0
    begun_s: float = field(default_factory=time.monotonic)
    passed_s: float = 0.0

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline.made[-1]

    @property
    def reader(self) -> Reader:
        return Reader.made[-1]

    def step(self, after_s: float = 0.0, *, frame: bool = False) -> list[Report]:
        """What is said in a step so many seconds later."""
        self.passed_s += after_s
        self.wall_s += after_s
        if frame:
            self.reader.latest.frame = arrived(self.wall_s)
        before = len(self.said)
        self.watched.step(self.wall_s, self.begun_s + self.passed_s)
        return self.said[before:]


def arrived(time_s: float) -> Arrived:
    luma, picture = np.zeros((90, 160), np.uint8), np.zeros((1080, 1920, 3), np.uint8)
    return Arrived(time_s, time.time(), View(time_s, luma, lambda: picture, True), True)


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Site]:
    Pipeline.made, Reader.made = [], []
    monkeypatch.setattr(module, "CameraPipeline", Pipeline)
    monkeypatch.setattr(module, "Reader", Reader)

    def made(memory: dict[str, Any] | None = None, dome: Any = None) -> Site:
        said: list[Report] = []
        watch = Watch(CAMERAS[0], Zones.whole(), memory)
        eyes: Any = Eyes()
        watched = Watched(watch, eyes, SETTINGS, said.append, lambda: None, FullRate(), dome)
        return Site(watched, said)

    return made


@pytest.fixture
def site(make: Callable[..., Site]) -> Site:
    return make()


def test_each_sight_is_told_with_its_picture_the_memory_and_the_models(site: Site) -> None:
    site.pipeline.sights = [SEEN, replace(SEEN, phase=Phase.ENDED)]
    opened, ended, _ = site.step(frame=True)
    assert isinstance(opened, Seen)
    assert isinstance(ended, Seen)
    assert opened.picture_jpeg is not None
    assert opened.picture_jpeg.startswith(b"\xff\xd8")
    assert ended.picture_jpeg is None
    assert (opened.memory["time_s"], opened.models) == (5.0, {"debris": "ab"})


def test_what_opens_is_filmed_with_what_came_before_it(site: Site) -> None:
    site.pipeline.sights = [SEEN]
    site.step(frame=True)
    site.pipeline.sights = [replace(SEEN, phase=Phase.GREW)]
    site.step(frame=True)
    (wanted,) = site.reader.wanted
    assert (wanted.from_s, wanted.to_s) == (SEEN.at_s - 6, SEEN.at_s + 4)
    wanted.cut(b"mp4")
    identity = ("YX-C1", "YX-P1", SEEN.kind, SEEN.started_s)
    assert site.said[-1] == Filmed(*identity, wanted.from_s, wanted.to_s, b"mp4")


def test_how_it_is_is_told_at_once_when_it_changes_and_every_few_seconds(site: Site) -> None:
    def states(after_s: float) -> list[str]:
        return [each.state for each in site.step(after_s) if isinstance(each, Told)]

    assert states(0) == ["live"]
    assert states(1) == []
    site.reader.link = Link("stalled", "断了", "broken")
    assert states(1) == ["stalled"]
    assert states(5) == ["stalled"]
    site.wall_s -= 3600  # the clock is set back: pauses do not grow by that
    assert states(5) == ["stalled"]


def test_the_counts_are_the_streams_and_the_pipelines(site: Site) -> None:
    (told,) = site.step()
    assert isinstance(told, Told)
    counts = {"received": 100, "decoded": 50, "skipped": 50, "dropped": 1, "gated": 2}
    assert counts.items() <= told.counts.items()
    assert told.counts["judged"] == 5
    assert told.counts["inferred"] == 2
    assert told.counts["age_s"] == 0.0


def test_before_the_first_frame_there_is_no_age(site: Site) -> None:
    site.reader.age = None
    (told,) = site.step()
    assert isinstance(told, Told)
    assert "age_s" not in told.counts


def test_frames_that_show_nothing_are_told_as_the_reason_why(site: Site) -> None:
    for blindness, state in (("covered", "covered"), ("lost", "live"), ("", "live")):
        site.pipeline.blindness = blindness
        site.step(10)
        assert isinstance(site.said[-1], Told)
        assert site.said[-1].state == state
    site.pipeline.blindness, site.reader.link = "covered", Link("unreachable")
    site.step(10)
    assert isinstance(site.said[-1], Told)
    assert site.said[-1].state == "unreachable"


def test_a_camera_without_frames_for_long_is_blind(site: Site) -> None:
    site.reader.age = 19.0
    site.step(2)
    assert site.pipeline.blinded == []
    site.reader.age = 21.0
    seen = [each for each in site.step(2) if isinstance(each, Seen)]
    assert site.pipeline.blinded == [("lost", site.wall_s)]
    assert [each.picture_jpeg for each in seen] == [None]
    assert site.reader.wanted == []


def test_a_camera_that_never_came_is_blind_after_the_time_it_takes_to_boot(site: Site) -> None:
    site.reader.age = None
    site.step(45)
    assert site.pipeline.blinded == []
    site.step(30)
    assert [state for state, _ in site.pipeline.blinded] == ["lost"]


def test_a_clock_that_is_set_forward_blinds_nobody(site: Site) -> None:
    site.wall_s += 7200
    site.step(2)
    assert site.pipeline.blinded == []


def test_a_recording_that_is_over_is_no_blind_camera(site: Site) -> None:
    site.reader.is_over, site.reader.age = True, 900.0
    site.step(100)
    assert site.pipeline.blinded == []


def test_a_memory_of_another_version_is_no_reason_to_be_blind(make: Callable[..., Site]) -> None:
    for memory in ({"version": 99}, {"version": 1}, None):
        make(memory)
        assert Pipeline.made[-1].given is None
    make(Memory(time_s=3.0).to_json())
    assert Pipeline.made[-1].given == Memory(time_s=3.0)


def test_new_zones_are_taken_over_with_the_memory_and_without_losing_the_stream(
    site: Site,
) -> None:
    site.watched.take_rain(2.0)
    site.watched.take_over(SMALLER)
    assert len(Reader.made) == 1
    assert not site.reader.is_stopped
    assert (site.pipeline.zones, site.pipeline.given) == (SMALLER, Memory(time_s=5.0))
    assert site.pipeline.rain_mm_h == 2.0


def test_previews_come_while_somebody_looks_and_all_frames_are_wanted(site: Site) -> None:
    def shown(after_s: float) -> list[Shown]:
        return [each for each in site.step(after_s, frame=True) if isinstance(each, Shown)]

    assert shown(0) == []
    assert not site.watched.wants_every_frame
    site.watched.show()
    assert site.watched.wants_every_frame
    (first,) = shown(1)
    assert (first.width, first.height) == (1920, 1080)
    assert (first.gate, first.limits) == (((0.1, 0.1, 0.2, 0.2),), {"litter": 0.5})
    assert len(first.jpeg) < 20_000
    assert shown(0.1) == []
    assert len(shown(0.5)) == 1
    assert shown(15) == []


def test_all_frames_are_wanted_while_something_happens(site: Site) -> None:
    site.pipeline.wants_every_frame = True
    site.step(frame=True)
    assert site.watched.wants_every_frame


def test_a_reader_that_fails_of_something_unforeseen_is_started_again(site: Site) -> None:
    site.reader.has_failed = True
    site.step(2)
    assert len(Reader.made) == 2
    site.step(2)
    assert len(Reader.made) == 2


@dataclass
class Dome:
    """A dome camera that looks where a test says."""

    is_here: bool = False
    refused_for_s: float = 0.0

    def shows(self, _view: str, _steady_s: float) -> bool:
        return self.is_here

    def refused_s(self, _view: str, _steady_s: float) -> float:
        return self.refused_for_s

    def refusal(self, _view: str) -> Link | None:
        return Link("not_turned") if self.refused_for_s else None


def test_a_view_of_a_dome_camera_reads_only_while_it_is_its_turn(
    make: Callable[..., Site],
) -> None:
    dome = Dome()
    site = make(dome=dome)
    assert site.reader.is_resting
    (told,) = site.step()
    assert isinstance(told, Told)
    assert told.state == "turned"
    dome.is_here = True
    site.step(2)
    assert not site.reader.is_resting
    dome.is_here = False
    site.step(2)
    assert site.reader.is_resting


def test_a_view_that_waits_for_its_turn_is_not_blind(make: Callable[..., Site]) -> None:
    dome = Dome()
    site = make(dome=dome)
    site.reader.age = 900.0
    site.step(900)
    assert site.pipeline.blinded == []
    dome.is_here = True
    site.step(2)
    assert site.pipeline.blinded == []


def test_a_view_whose_stream_does_not_come_in_its_turn_is_blind(make: Callable[..., Site]) -> None:
    site = make(dome=Dome(is_here=True))
    site.step(2)
    site.step(19)
    assert site.pipeline.blinded == []
    site.step(3)
    assert [state for state, _ in site.pipeline.blinded] == ["lost"]


def test_a_view_to_which_the_dome_camera_does_not_turn_is_blind_and_says_so(
    make: Callable[..., Site],
) -> None:
    site = make(dome=Dome(refused_for_s=21.0))
    said = site.step(2)
    assert [state for state, _ in site.pipeline.blinded] == ["lost"]
    assert [each.state for each in said if isinstance(each, Told)] == ["not_turned"]
