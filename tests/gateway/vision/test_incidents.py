"""One incident per camera, zone and kind: the whole pipeline on a drawn river, a fake detector."""

import json
from dataclasses import replace

import pytest

from tests.gateway.vision.scenes import (
    LITTER,
    MAT,
    SETTINGS,
    WATER,
    HueDetector,
    River,
    Thing,
    phases,
    pipeline,
    watch,
)
from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase, SightKind
from xunhe.vision.memory import Memory

BOTTLE = Thing(10, 120, speed=(8, 1), since_s=5)
HEAP = Thing(200, 130, 20, 14)
OPENED, GREW, ENDED = Phase.OPENED, Phase.GREW, Phase.ENDED


def test_clean_water_opens_nothing() -> None:
    assert watch(pipeline(), River().views(60)) == []


def test_a_drifting_bottle_opens_one_incident_with_its_numbers() -> None:
    sights = watch(pipeline(), River((BOTTLE,)).views(20))
    assert phases(sights) == [OPENED]
    (opened,) = sights
    assert (opened.camera, opened.zone, opened.kind) == ("C1", "河", SightKind.LITTER)
    assert (opened.count, opened.severity, opened.area_m2) == (1, Severity.MINOR, None)
    assert opened.score == pytest.approx(0.8)
    assert opened.reason_zh.startswith("1 件漂浮物")
    assert "1 floating thing" in opened.reason_en
    x0, y0, x1, y1, score = opened.boxes[0]
    assert 0 < x0 < x1 < 1
    assert 0.4 < y0 < y1 < 1
    assert score == pytest.approx(0.8)


@pytest.mark.parametrize("every_s", [0.04, 0.2, 2.0])
def test_a_bottle_is_found_a_dwell_after_a_key_frame_shows_it(every_s: float) -> None:
    sights = watch(pipeline(), River((BOTTLE,)).views(20, every_s))
    assert phases(sights) == [OPENED]
    # 3 s of dwell; key frames alone need four of them, the first up to 2 s after it came.
    assert sights[0].at_s - BOTTLE.since_s <= (3 + 1 if every_s < 1 else 8)
    assert sights[0].started_s == pytest.approx(BOTTLE.since_s, abs=max(1.2, every_s))


def test_a_bottle_lost_for_five_seconds_is_still_one_incident() -> None:
    bottle = replace(BOTTLE, hidden_s=(12, 17))
    assert phases(watch(pipeline(), River((bottle,)).views(40))) == [OPENED]


def test_bottle_after_bottle_is_one_incident_that_ends_when_the_last_has_gone() -> None:
    bottles = tuple(Thing(10, 100 + 5 * i, speed=(12, 0), since_s=5 + 20 * i) for i in range(5))
    sights = watch(pipeline(), River(bottles).views(220))
    assert [p for p in phases(sights) if p is not GREW] == [OPENED, ENDED]
    last_gone_s = 5 + 20 * 4 + 310 / 12
    ended = sights[-1]
    assert last_gone_s + SETTINGS.gone_after_s <= ended.at_s <= last_gone_s + 110
    assert ended.started_s == sights[0].started_s
    assert "不再" in ended.reason_zh


def test_ten_pieces_grow_the_incident_and_raise_its_severity() -> None:
    first = Thing(30, 100)
    more = tuple(Thing(30 + 28 * i, 140, since_s=30) for i in range(9))
    sights = watch(pipeline(), River((first, *more)).views(120))
    assert phases(sights) == [OPENED, GREW]
    assert (sights[0].count, sights[1].count) == (1, 10)
    assert (sights[0].severity, sights[1].severity) == (Severity.MINOR, Severity.MAJOR)
    assert sights[1].at_s - sights[0].at_s >= 60  # at most once a minute
    assert sights[1].reason_zh.startswith("增至10 件") or "10 件" in sights[1].reason_zh


def test_a_thing_outside_the_water_or_in_an_ignored_place_opens_nothing() -> None:
    zones = {
        "water": [{"name": "河", "polygon": [[0, 0.4], [1, 0.4], [1, 1], [0, 1]]}],
        "ignore": [[[0.55, 0.6], [0.75, 0.6], [0.75, 0.9], [0.55, 0.9]]],
    }
    river = River((HEAP, Thing(100, 20, 20, 14)))
    assert watch(pipeline(zones), river.views(30)) == []


def test_two_zones_have_an_incident_each() -> None:
    left = {"name": "左", "polygon": [[0, 0.4], [0.5, 0.4], [0.5, 1], [0, 1]]}
    right = {"name": "右", "polygon": [[0.5, 0.4], [1, 0.4], [1, 1], [0.5, 1]]}
    sights = watch(pipeline({"water": [left, right]}), River((HEAP, Thing(40, 120))).views(20))
    assert {(sight.zone, sight.phase) for sight in sights} == {("左", OPENED), ("右", OPENED)}


def test_a_thing_on_the_border_of_two_zones_does_not_jump_between_them() -> None:
    left = {"name": "左", "polygon": [[0, 0.4], [0.5, 0.4], [0.5, 1], [0, 1]]}
    right = {"name": "右", "polygon": [[0.5, 0.4], [1, 0.4], [1, 1], [0.5, 1]]}
    bobbing = tuple(
        Thing(150 + 3 * (i % 2), 120, 18, 12, since_s=i * 5.0, until_s=(i + 1) * 5.0)
        for i in range(12)
    )
    sights = watch(pipeline({"water": [left, right]}), River(bobbing).views(60))
    assert phases(sights) == [OPENED]


def test_a_mat_is_an_incident_of_its_own_beside_litter() -> None:
    mat = Thing(40, 100, 110, 40, colour=MAT)
    sights = watch(pipeline(), River((mat, HEAP)).views(20))
    assert {sight.kind for sight in sights} == {SightKind.MAT, SightKind.LITTER}
    (found,) = [sight for sight in sights if sight.kind is SightKind.MAT]
    assert "水草" in found.reason_zh
    assert found.severity is Severity.MAJOR


def test_against_the_drawn_current_nothing_drifts() -> None:
    zones = {
        "water": [{"name": "河", "polygon": [[0, 0.4], [1, 0.4], [1, 1], [0, 1]]}],
        "flow": [-1, 0],
    }
    assert watch(pipeline(zones), River((BOTTLE,)).views(30)) == []


def test_area_in_square_metres_follows_the_four_points() -> None:
    # 320 × 108 px of water are 32 × 10.8 m: a round thing of 20 × 14 px covers π/4 · 2 · 1.4 m².
    corners = [[0, 0.4], [1, 0.4], [1, 1], [0, 1]]
    zones = {
        "water": [{"name": "河", "polygon": corners}],
        "ground": {"px": corners, "m": [[0, 0], [32, 0], [32, 10.8], [0, 10.8]]},
    }
    (opened,) = watch(pipeline(zones), River((HEAP,)).views(20))
    assert opened.area_m2 == pytest.approx(2.199, rel=0.02)
    assert opened.share == pytest.approx(2.199 / (32 * 10.8), rel=0.02)
    assert "约 2.2 m²" in opened.reason_zh


def test_a_heap_is_one_incident_for_a_day_and_a_night() -> None:
    def light(time_s: float) -> float:
        """Day, twenty minutes of dusk, eight hours of night, dawn."""
        hour = time_s / 3600
        dusk, dawn = min(max((12 - hour) * 3, 0), 1), min(max((hour - 20) * 3, 0), 1)
        return max(dusk, dawn)

    river = River((Thing(120, 60, 12, 9),), width=160, height=90, light=light)
    detector = HueDetector()
    camera = pipeline(detector=detector)
    sights = watch(camera, river.views(86_400, every_s=8.0))
    assert phases(sights) == [OPENED]
    assert camera.counts.blind > 3000  # the night was seen as a night
    assert detector.calls < 86_400 * 2 / 3 / 20 * 1.2 + 50  # scans only


def test_what_went_in_the_night_ends_in_the_morning_by_daylight() -> None:
    def light(time_s: float) -> float:
        return min(max((600 - time_s) / 300, 0.0), 1.0) + min(max((time_s - 1800) / 300, 0.0), 1.0)

    river = River((replace(HEAP, until_s=1200),), light=light)
    sights = watch(pipeline(), river.views(2600, every_s=2.0))
    assert phases(sights) == [OPENED, ENDED]
    assert sights[1].at_s > 1900


def test_what_is_not_seen_in_infrared_has_not_gone() -> None:
    river = River((HEAP,), grey=lambda time_s: 100 <= time_s < 600)  # the detector goes by hue
    assert phases(watch(pipeline(), river.views(700, every_s=2.0))) == [OPENED]


def test_a_heap_taken_away_ends_after_a_minute_of_looking() -> None:
    sights = watch(pipeline(), River((replace(HEAP, until_s=60),)).views(180, every_s=1.0))
    assert phases(sights) == [OPENED, ENDED]
    assert 60 + SETTINGS.gone_after_s <= sights[1].at_s + 20 <= 60 + SETTINGS.gone_after_s + 60


def test_what_comes_back_within_minutes_is_the_same_incident() -> None:
    there, again = replace(HEAP, until_s=60), replace(HEAP, since_s=240)
    sights = watch(pipeline(), River((there, again)).views(280, every_s=1.0))
    assert phases(sights) == [OPENED, ENDED, OPENED]
    assert len({sight.started_s for sight in sights}) == 1


def test_what_comes_after_an_hour_is_a_new_incident() -> None:
    there, again = replace(HEAP, until_s=60), replace(HEAP, since_s=3800)
    sights = watch(pipeline(), River((there, again)).views(3830, every_s=2.0))
    assert phases(sights) == [OPENED, ENDED, OPENED]
    assert sights[2].started_s > sights[0].started_s


def test_a_restart_keeps_the_same_litter_the_same_incident() -> None:
    river = River((HEAP, BOTTLE))
    camera = pipeline()
    before = watch(camera, river.views(20))
    stored = json.loads(json.dumps(camera.memory().to_json()))
    again = pipeline(memory=Memory.from_json(stored))
    after = watch(again, river.views(60, from_s=25))
    assert OPENED not in phases(after)
    assert ENDED not in phases(after)
    assert again.memory().incidents["open"][0]["started_s"] == before[0].started_s


def test_what_went_during_a_restart_ends_as_the_same_incident() -> None:
    camera = pipeline()
    (opened,) = watch(camera, River((HEAP,)).views(20))
    again = pipeline(memory=camera.memory())
    sights = watch(again, River().views(200, from_s=25, every_s=1.0))
    assert phases(sights) == [ENDED]
    assert sights[0].started_s == opened.started_s


def test_a_zone_that_was_deleted_ends_its_incident() -> None:
    camera = pipeline()
    watch(camera, River((HEAP,)).views(20))
    other = {"water": [{"name": "别处", "polygon": [[0, 0.4], [0.2, 0.4], [0.2, 1], [0, 1]]}]}
    sights = watch(pipeline(other, memory=camera.memory()), River((HEAP,)).views(30, from_s=25))
    assert phases(sights) == [ENDED]


def test_a_stream_that_comes_back_in_another_size_keeps_the_incident() -> None:
    camera = pipeline()
    assert phases(watch(camera, River((HEAP,)).views(20))) == [OPENED]
    double = Thing(2 * HEAP.x, 2 * HEAP.y, 2 * HEAP.width, 2 * HEAP.height)
    larger = River((double,), width=640, height=360)
    assert watch(camera, larger.views(80, from_s=20)) == []


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0])
def test_a_clock_that_jumps_opens_and_ends_nothing(jump_s: float) -> None:
    camera, river = pipeline(), River((HEAP,))
    assert phases(watch(camera, river.views(4020, from_s=4000))) == [OPENED]
    assert watch(camera, river.views(4080 + jump_s, from_s=4020 + jump_s)) == []


def test_the_same_views_give_the_same_sights() -> None:
    river = River((BOTTLE, HEAP, Thing(60, 90, colour=LITTER)), glare=10, rain=20)
    assert watch(pipeline(), river.views(25)) == watch(pipeline(), river.views(25))


def test_the_full_rate_is_asked_for_only_while_something_new_is_undecided() -> None:
    camera = pipeline()
    wanted = []
    for view in River((BOTTLE,)).views(40):
        camera.see(view)
        wanted.append((view.time_s, camera.wants_every_frame))
    asked = [time_s for time_s, wants in wanted if wants]
    assert asked
    assert asked[0] <= BOTTLE.since_s + 1.2
    assert asked[-1] <= asked[0] + 5
    assert not camera.wants_every_frame


def test_a_quiet_river_costs_no_picture_but_on_scans() -> None:
    detector = HueDetector()
    camera = pipeline(detector=detector)
    watch(camera, River().views(100, every_s=2.0))
    assert camera.counts.scanned == 5
    assert camera.counts.inferred <= 2
    assert detector.calls <= 7


def test_a_small_bottle_on_a_large_picture_is_found_by_crops_at_its_own_scale() -> None:
    bottle = Thing(40, 500, 24, 18, speed=(40, 2), since_s=5)
    camera = pipeline()
    sights = watch(camera, River((bottle,), width=1280, height=720).views(12))
    assert phases(sights) == [OPENED]
    assert sights[0].boxes[0][2] - sights[0].boxes[0][0] == pytest.approx(24 / 1280, rel=0.15)


def test_key_frames_until_something_is_there_then_every_frame_find_it_in_time() -> None:
    # As a source does it: between key frames (2 s apart) it skips what nobody wants.
    camera, opened = pipeline(), []
    for view in River((replace(BOTTLE, since_s=4.5),)).views(20):
        is_key = round(view.time_s * 5) % 10 == 0
        if is_key or camera.wants_every_frame:
            opened += camera.see(view)
    assert phases(opened) == [OPENED]
    assert opened[0].at_s - 4.5 - SETTINGS.dwell_s <= 2 + 1


def test_a_dumped_heap_on_a_bank_waits_for_a_person() -> None:
    zones = {**WATER, "banks": [{"name": "左岸", "polygon": [[0, 0], [1, 0], [1, 0.4], [0, 0.4]]}]}
    person = Thing(0, 22, 12, 34, speed=(14, 0), since_s=20, until_s=33, colour=(20, 20, 20))
    heap = Thing(100, 45, 24, 16, since_s=28, colour=(230, 230, 235))
    sights = watch(pipeline(zones), River((heap, person)).views(60))
    found = [sight for sight in sights if sight.kind is SightKind.DUMPING]
    assert [(sight.zone, sight.phase) for sight in found][:1] == [("左岸", OPENED)]
    assert found[0].severity is Severity.MINOR
    assert "待人辨认" in found[0].reason_zh
