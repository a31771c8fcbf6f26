"""Tracks, motion, belief and memory by hand-made numbers."""

import json

import numpy as np
import pytest

from xunhe.domain.sight import Phase, SightKind
from xunhe.vision.detection import Seen, Viewing
from xunhe.vision.drift import Current, Motion, Way
from xunhe.vision.geometry import Box
from xunhe.vision.incidents import Evidence, Ledger
from xunhe.vision.light import Light
from xunhe.vision.memory import Memory
from xunhe.vision.outlook import Outlook, edges_of
from xunhe.vision.stillness import appearance, from_text, likeness, to_text
from xunhe.vision.tracker import Tracker

RNG = np.random.default_rng(5)
LOOK = RNG.integers(0, 255, (12, 12)).astype(np.uint8)
EVERYWHERE = ((0.0, 0.0, 480.0, 270.0),)
KEY = ("河", SightKind.LITTER)


def seen(*boxes: Box, score: float = 0.8) -> Viewing:
    things = tuple(Seen(SightKind.LITTER, box, score, LOOK) for box in boxes)
    return Viewing(things, EVERYWHERE, is_whole=True, is_scan=False, runs=1)


def at(x: float, y: float) -> Box:
    return (x - 5, y - 4, x + 5, y + 4)


def tracker() -> Tracker:
    return Tracker(480, lost_after_s=6, gone_after_s=60, patience_s=40)


def test_two_things_that_pass_keep_their_tracks() -> None:
    made = tracker()
    for i in range(30):
        time_s = 0.2 * i
        made.take(seen(at(100 + 4 * i, 150), at(220 - 4 * i, 164)), time_s, (), None)
    assert [round(track.way.velocity[0]) for track in made.tracks] == [20, -20]
    assert all(len(track.times_s) == 24 for track in made.tracks)


def test_a_thing_lost_for_five_seconds_is_found_where_it_drifted() -> None:
    made = tracker()
    for i in range(20):
        made.take(seen(at(100 + 2 * i, 150)), 0.2 * i, (), None)
    for i in range(20, 44):
        made.take(seen(), 0.2 * i, (), None)
        made.drop(0.2 * i)
    made.take(seen(at(100 + 2 * 44, 150)), 0.2 * 44, (), None)
    assert len(made.tracks) == 1
    assert made.tracks[0].last_s == pytest.approx(8.8)


def test_a_faint_box_prolongs_a_track_and_begins_none() -> None:
    made = tracker()
    made.take(seen(at(100, 150), score=0.25), 0.0, (), None)
    assert made.tracks == []
    made.take(seen(at(100, 150), score=0.5), 0.2, (), None)
    made.take(seen(at(100, 150), score=0.25), 0.4, (), None)
    assert list(made.tracks[0].scores) == [0.5, 0.25]


def test_not_looked_at_is_not_missed() -> None:
    made = tracker()
    made.take(seen(at(100, 150)), 0.0, (), None)
    elsewhere = Viewing((), ((300.0, 100.0, 400.0, 200.0),), False, False, 1)
    assert made.take(elsewhere, 0.2, (), None) == []
    assert list(made.tracks[0].hits) == [True]


@pytest.mark.parametrize(
    ("points", "drawn", "motion"),
    [
        ([(100, 150)] * 8, None, Motion.STILL),
        ([(100 + (i % 2), 150) for i in range(8)], None, Motion.STILL),
        ([(100 + 5 * i, 150 + i) for i in range(8)], None, Motion.WITH),
        ([(100 + 5 * i, 150) for i in range(8)], (1.0, 0.2), Motion.WITH),
        ([(100 + 5 * i, 150) for i in range(8)], (-1.0, 0.0), Motion.AGAINST),
        ([(100 + 40 * (i % 2), 150) for i in range(8)], None, Motion.ERRATIC),
    ],
)
def test_a_way_is_told_from_its_points(
    points: list[tuple[float, float]], drawn: tuple[float, float] | None, motion: Motion
) -> None:
    way = Way.of([0.4 * i for i in range(8)], points)
    assert Current(drawn).judge(way, size=9) is motion


def test_the_current_is_what_confirmed_things_agree_on() -> None:
    current = Current()
    right = Way.of([0.0, 1.0, 2.0], [(0, 0), (10, 0), (20, 0)])
    left = Way.of([0.0, 1.0, 2.0], [(20, 0), (10, 0), (0, 0)])
    assert current.judge(left, 5) is Motion.WITH
    current.learn(right, 0.0)
    current.learn(right, 1.0)
    current.learn(right, 2.0)
    assert current.judge(left, 5) is Motion.AGAINST
    assert current.judge(right, 5) is Motion.WITH


def test_a_look_survives_light_and_a_file_but_not_another_thing() -> None:
    picture = RNG.integers(0, 120, (60, 80, 3)).astype(np.uint8)
    look = appearance(picture, (20, 20, 50, 40))
    brighter = appearance((picture * 1.8).astype(np.uint8), (20, 20, 50, 40))
    assert likeness(look, brighter) > 0.95
    assert likeness(look, appearance(picture, (50, 30, 75, 50))) < 0.5
    assert likeness(look, np.full((12, 12), 90, np.uint8)) == 0
    assert np.array_equal(from_text(to_text(look)), look)


def ledger_at(count: int = 2, area_m2: float | None = 2.0) -> Ledger:
    ledger = Ledger("C1")
    (opened,) = ledger.present(KEY, Evidence(90.0, 0.8, count, area_m2, 0.01), 100.0)
    assert opened.phase is Phase.OPENED
    return ledger


@pytest.mark.parametrize(
    ("count", "area_m2", "grows"),
    [(2, 2.0, False), (3, 2.0, True), (2, 2.9, False), (2, 3.0, True), (1, 1.0, False)],
)
def test_half_as_much_again_is_growth(count: int, area_m2: float, grows: bool) -> None:
    ledger = ledger_at()
    for i in range(4):
        ledger.present(KEY, Evidence(90.0, 0.8, count, area_m2, 0.01), 101.0 + i)
    told = ledger.present(KEY, Evidence(90.0, 0.8, count, area_m2, 0.01), 160.0)
    assert [sight.phase for sight in told] == ([Phase.GREW] if grows else [])


def test_three_more_are_growth_where_there_are_many() -> None:
    for more, grows in ((2, False), (3, True)):
        told = ledger_at(8).present(KEY, Evidence(90.0, 0.8, 8 + more, 2.0, 0.01), 160.0)
        # Ten things are a severity of their own.
        assert bool(told) == (grows or 8 + more >= 10)


def test_growth_is_told_once_a_minute() -> None:
    ledger = ledger_at()
    assert not ledger.present(KEY, Evidence(90.0, 0.8, 9, 2.0, 0.01), 159.9)
    assert ledger.present(KEY, Evidence(90.0, 0.8, 9, 2.0, 0.01), 160.0)
    assert not ledger.present(KEY, Evidence(90.0, 0.8, 30, 2.0, 0.01), 219.9)


def test_absence_adds_up_to_an_end_and_a_sighting_starts_it_anew() -> None:
    ledger = ledger_at()
    assert ledger.absent(KEY, 40, 60, 140.0) == []
    ledger.present(KEY, Evidence(90.0, 0.8, 2, 2.0, 0.01), 150.0)
    assert ledger.absent(KEY, 40, 60, 190.0) == []
    (ended,) = ledger.absent(KEY, 40, 60, 230.0)
    assert (ended.phase, ended.started_s) == (Phase.ENDED, 90.0)


def test_a_ledger_survives_a_file() -> None:
    ledger = ledger_at()
    memory = Memory(time_s=5.0, zones="x", incidents=ledger.to_json())
    again = Ledger("C1")
    again.restore(Memory.from_json(json.loads(json.dumps(memory.to_json()))).incidents)
    assert again.to_json() == ledger.to_json()


@pytest.mark.parametrize("value", [None, {}, {"version": 0}, {"version": 1}, [1]])
def test_what_is_no_memory_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="memory"):
        Memory.from_json(value)


def test_an_outlook_survives_a_file_and_damage_is_told() -> None:
    edges = edges_of(RNG.integers(0, 200, (90, 160)).astype(np.uint8))
    outlook = Outlook(edges.copy(), 40.0)
    again = Outlook.from_json(json.loads(json.dumps(outlook.to_json())))
    assert again.likeness(edges, np.ones((90, 160), np.bool_)) > 0.95
    with pytest.raises(ValueError, match="damaged"):
        Outlook.from_json({**outlook.to_json(), "edges": "AAAA"})


def test_dimmer_or_colourless_light_shows_less() -> None:
    day, dusk, infrared = Light(120, 20), Light(60, 20), Light(120, 1)
    assert day.shows_as_well_as(day)
    assert day.shows_as_well_as(dusk)
    assert not dusk.shows_as_well_as(day)
    assert not infrared.shows_as_well_as(day)
    assert infrared.shows_as_well_as(infrared)
