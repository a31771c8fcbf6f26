"""The rules of an outfall's incident, with a finder that says what it is told to."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.gateway.vision.outfall_scene import Scene, outfall, rectangle
from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase
from xunhe.domain.zones import OutfallZone
from xunhe.settings import VisionSettings
from xunhe.vision.look import Veto
from xunhe.vision.outfall import OutfallChange, OutfallWatch
from xunhe_models.discharge.finder import Finder, ZoneVerdict

SETTINGS = VisionSettings(outfall_hold_s=5, outfall_clear_s=30)
LIVELY = Scene(jet=True)  # so that no doubt is cast on what the finder is told to say
LABELS = ("dry", "flowing", "foaming", "coloured", "sheen")


@dataclass
class ToldFinder:
    """Says what it is told: of the mouth, and `beside` of a crop without a pipe's dark hole."""

    scores: dict[str, float] = field(default_factory=dict)
    beside: float = 0.0

    @property
    def card(self) -> object:
        return SimpleNamespace(size=64, thresholds=dict.fromkeys(LABELS, 0.5))

    def zone(self, frames: list[NDArray[np.uint8]], *_: object) -> ZoneVerdict:
        has_hole = frames[-1].min() < 40
        scores = dict.fromkeys(LABELS, 0.0)
        scores |= self.scores if has_hole else {"flowing": self.beside}
        return ZoneVerdict(scores, scores["flowing"], ())


@dataclass
class Bench:
    """A watch, and time that goes on while the finder keeps to what it was told last."""

    zone: OutfallZone = field(default_factory=outfall)
    time_s: float = 0.0
    every_s: float = 1.0
    finder: ToldFinder = field(default_factory=ToldFinder)
    memory: dict[str, object] | None = None
    told: list[OutfallChange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = OutfallWatch(self.zone, cast("Finder", self.finder), SETTINGS, self.memory)

    def play(
        self, seconds: float, scene: Scene = LIVELY, rain_mm_h: float | None = None, **scores: float
    ) -> list[OutfallChange]:
        self.finder.scores = scores
        before = len(self.told)
        for _ in range(round(seconds / self.every_s)):
            self.told += self.watch.see(scene.at(self.time_s), self.time_s, rain_mm_h)
            self.time_s += self.every_s
        return self.told[before:]

    def phases(self) -> list[tuple[Phase, str]]:
        return [(change.phase, change.state) for change in self.told]


def test_what_flows_for_longer_than_the_hold_opens_one_incident() -> None:
    bench = Bench()
    assert bench.play(20, flowing=0.1) == []
    (opened,) = bench.play(120, flowing=0.9)
    assert (opened.phase, opened.state, opened.severity) == (
        Phase.OPENED,
        "flowing",
        Severity.MAJOR,
    )
    assert 20 <= opened.started_s <= 21
    assert opened.at_s <= 27
    assert opened.score == pytest.approx(0.9)
    assert opened.box == pytest.approx((190 / 320, 40 / 180, 260 / 320, 110 / 180))
    assert "一号排污口疑似排污" in opened.reason_zh
    assert "YX-P1" in opened.reason_en


@pytest.mark.parametrize("gust_s", [1, 2, 3])
def test_a_gust_shorter_than_the_hold_opens_nothing(gust_s: int) -> None:
    bench = Bench()
    for _ in range(4):
        bench.play(10, flowing=0.1)
        bench.play(gust_s, flowing=0.95)
    assert bench.told == []


def test_key_frames_every_two_seconds_are_enough() -> None:
    bench = Bench(every_s=2.0)
    bench.play(20, flowing=0.1)
    bench.play(20, flowing=0.9)
    assert bench.phases() == [(Phase.OPENED, "flowing")]


def test_two_gusts_among_three_key_frames_open_nothing() -> None:
    bench = Bench(every_s=2.0)
    for _ in range(6):
        bench.play(2, flowing=0.9)
        bench.play(2, flowing=0.3)
        bench.play(2, flowing=0.9)
        bench.play(6, flowing=0.2)
    assert bench.told == []


def test_it_ends_once_when_nothing_was_seen_for_the_clear_time() -> None:
    bench = Bench()
    (opened,) = bench.play(20, flowing=0.9)
    assert bench.play(30, flowing=0.1) == []
    (ended,) = bench.play(60, flowing=0.1)
    assert ended.phase is Phase.ENDED
    assert ended.started_s == opened.started_s
    assert 30 <= ended.at_s - 20 <= 40


def test_pauses_shorter_than_the_clear_time_and_scores_at_the_limit_are_one_incident() -> None:
    bench = Bench()
    bench.play(20, flowing=0.9)
    for _ in range(3):
        bench.play(20, flowing=0.1)
        bench.play(7, flowing=0.6)
        bench.play(10, flowing=0.45)
    assert bench.phases() == [(Phase.OPENED, "flowing")]


def test_getting_worse_grows_the_same_incident_and_getting_better_says_nothing() -> None:
    bench = Bench()
    bench.play(15, flowing=0.9)
    bench.play(15, flowing=0.9, foaming=0.97)
    bench.play(15, flowing=0.9, foaming=0.2)
    bench.play(15, flowing=0.9, coloured=0.97)
    bench.play(15, flowing=0.9)
    assert bench.phases() == [
        (Phase.OPENED, "flowing"),
        (Phase.GREW, "foaming"),
        (Phase.GREW, "coloured"),
    ]
    assert len({change.started_s for change in bench.told}) == 1
    assert [change.severity for change in bench.told] == [
        Severity.MAJOR,
        Severity.SEVERE,
        Severity.SEVERE,
    ]


def test_it_gets_more_severe_when_its_permitted_hour_ends() -> None:
    zone = outfall(permitted_hours=(("08:00", "08:01"),))  # a recording begins at 08:00
    bench = Bench(zone)
    bench.play(100, flowing=0.9)
    assert [(change.phase, change.severity) for change in bench.told] == [
        (Phase.OPENED, Severity.MINOR),
        (Phase.GREW, Severity.MAJOR),
    ]
    assert bench.told[1].at_s == pytest.approx(60, abs=2)
    assert "允许时段内" in bench.told[0].reason_zh
    assert "非允许时段" in bench.told[1].reason_zh


def test_rain_lowers_what_flows_in_it() -> None:
    (opened,) = Bench().play(20, flowing=0.9, rain_mm_h=4.0)
    assert opened.severity is Severity.MINOR


@pytest.mark.parametrize("scene", [Scene(jet=True, night=True), Scene(light=0.0)])
def test_who_sees_nothing_neither_opens_nor_ends(scene: Scene) -> None:
    bench = Bench()
    assert bench.play(30, scene, flowing=0.95) == []
    assert bench.watch.veto is Veto.DARK
    (opened,) = bench.play(20, flowing=0.9)
    assert bench.play(120, scene, flowing=0.0) == []
    (ended,) = bench.play(60, flowing=0.1)
    assert ended.started_s == opened.started_s


def test_an_even_picture_is_no_evidence() -> None:
    bench = Bench()
    bench.finder.scores = {"flowing": 0.9}
    for second in range(40):
        bench.told += bench.watch.see(np.full((180, 320, 3), 128, np.uint8), float(second))
    assert bench.told == []
    assert bench.watch.veto is Veto.FLAT


def test_light_that_jumps_again_and_again_opens_nothing() -> None:
    bench = Bench()
    for turn in range(20):
        bench.play(2, Scene(jet=True, light=0.7 if turn % 2 else 1.2), flowing=0.95)
    assert bench.told == []
    assert bench.watch.veto is Veto.LIGHT


def test_a_river_that_flows_white_upstream_too_opens_nothing() -> None:
    bench = Bench(finder=ToldFinder(beside=0.9))
    assert bench.play(40, flowing=0.9) == []
    assert bench.watch.veto is Veto.RIVERWIDE


def test_a_restart_goes_on_with_the_same_incident() -> None:
    before = Bench()
    (opened,) = before.play(20, flowing=0.9)
    memory = json.loads(json.dumps(before.watch.memory()))
    after = Bench(time_s=500.0, memory=memory)
    assert after.watch.state == "flowing"
    after.play(60, flowing=0.9)
    (ended,) = after.play(60, flowing=0.1)
    assert (ended.phase, ended.started_s) == (Phase.ENDED, opened.started_s)
    assert after.phases() == [(Phase.ENDED, "flowing")]


def test_a_zone_drawn_anew_keeps_its_incident_but_not_its_past() -> None:
    before = Bench()
    before.play(60, Scene(), flowing=0.1)
    before.play(20, flowing=0.9)
    memory = json.loads(json.dumps(before.watch.memory()))
    assert memory["baseline"]["pasts"]
    after = Bench(outfall(polygon=rectangle(180, 30, 270, 120, (320, 180))), memory=memory)
    assert after.watch.state == "flowing"
    assert after.watch.memory()["baseline"]["pasts"] == {}


def test_nothing_is_learnt_while_a_discharge_is_on() -> None:
    bench = Bench()
    bench.play(60, Scene(), flowing=0.1)
    bench.play(10, flowing=0.9)
    past = bench.watch.memory()["baseline"]
    bench.play(60, flowing=0.9)
    assert bench.watch.memory()["baseline"] == past


def test_a_clock_that_jumps_back_keeps_the_incident() -> None:
    bench = Bench(time_s=1000.0)
    (opened,) = bench.play(20, flowing=0.9)
    bench.time_s = 100.0
    assert bench.play(30, flowing=0.9) == []
    (ended,) = bench.play(60, flowing=0.1)
    assert ended.started_s == opened.started_s


def test_pictures_are_wanted_at_most_every_four_tenths_of_a_second() -> None:
    watch = Bench().watch
    wanted = []
    for frame in range(100):
        time_s = frame / 25
        if watch.wants(time_s):
            wanted.append(time_s)
            watch.see(Scene().at(time_s), time_s)
    assert len(wanted) <= 12
    assert np.diff(wanted).min() >= 0.35


def test_a_mouth_that_stirs_asks_for_the_full_rate_and_rests_when_nothing_comes_of_it() -> None:
    bench = Bench(every_s=2.0)
    bench.play(20, Scene(), flowing=0.1)
    assert not bench.watch.wants_every_frame(bench.time_s)
    bench.play(2, LIVELY, flowing=0.1)
    assert bench.watch.wants_every_frame(bench.time_s)
    asked = 0
    for turn in range(100):
        bench.play(2, Scene(jet=turn % 5 == 0), flowing=0.1)
        asked += bench.watch.wants_every_frame(bench.time_s)
    assert asked <= 25


def test_frames_of_another_size_go_on_with_the_same_zone() -> None:
    bench = Bench()
    bench.play(4, flowing=0.9)
    for second in range(4, 20):
        small = np.ascontiguousarray(LIVELY.at(second)[::2, ::2])
        bench.told += bench.watch.see(small, float(second))
    assert bench.phases() == [(Phase.OPENED, "flowing")]


def test_what_a_person_calls_a_false_alarm_ends_and_does_not_open_again() -> None:
    bench = Bench()
    bench.play(10, flowing=0.9)
    ended = bench.watch.dismiss()
    assert [(change.phase, change.state) for change in ended] == [(Phase.ENDED, "flowing")]
    assert "误报" in ended[0].reason_zh
    assert bench.play(300, flowing=0.9) == []


def test_after_a_false_alarm_what_looks_otherwise_is_still_seen() -> None:
    bench = Bench()
    bench.play(10, flowing=0.9)
    bench.watch.dismiss()
    bench.play(120, flowing=0.9)
    assert [change.phase for change in bench.play(20, sheen=0.99)] == [Phase.OPENED]


def test_a_false_alarm_where_nothing_is_on_ends_nothing() -> None:
    bench = Bench()
    bench.play(10)
    assert bench.watch.dismiss() == []
