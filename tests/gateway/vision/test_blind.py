"""A camera that cannot see says so, an ordinary night does not."""

import json

from tests.gateway.vision.scenes import River, Thing, phases, pipeline, watch
from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase, Sight, SightKind
from xunhe.vision.memory import Memory
from xunhe.vision.view import View

OPENED, ENDED = Phase.OPENED, Phase.ENDED


def blind(sights: list[Sight]) -> list[tuple[Phase, str]]:
    return [(s.phase, s.state) for s in sights if s.kind is SightKind.BLIND]


def test_dusk_and_night_are_no_alarm() -> None:
    river = River(light=lambda time_s: min(max((900 - time_s) / 600, 0.0), 1.0))
    camera = pipeline()
    assert watch(camera, river.views(3600, every_s=4.0)) == []
    assert camera.counts.blind > 500


def test_a_start_in_the_dark_is_a_night() -> None:
    assert watch(pipeline(), River(light=lambda time_s: 0.0).views(120, every_s=2.0)) == []


def test_darkness_at_a_stroke_is_an_alarm_that_ends_with_the_light() -> None:
    river = River(light=lambda time_s: 0.0 if 60 <= time_s < 120 else 1.0)
    sights = watch(pipeline(), river.views(150, every_s=0.5))
    assert blind(sights) == [(OPENED, "dark"), (ENDED, "dark")]
    assert 80 <= sights[0].at_s <= 83
    assert sights[0].severity is Severity.MINOR
    assert 124 <= sights[1].at_s <= 128
    assert sights[1].zone == ""


def test_a_night_that_does_not_end_is_an_alarm() -> None:
    river = River(
        width=160, height=90, light=lambda time_s: min(max((900 - time_s) / 600, 0.0), 1.0)
    )
    sights = watch(pipeline(), river.views(20 * 3600, every_s=9.0))
    assert blind(sights) == [(OPENED, "dark")]
    assert sights[0].at_s > 18 * 3600


def test_a_covered_lens_is_an_alarm() -> None:
    river = River(cover=lambda time_s: time_s >= 60)
    assert blind(watch(pipeline(), river.views(100, every_s=0.5))) == [(OPENED, "covered")]


def test_a_turned_camera_is_an_alarm_and_its_zones_are_not_watched() -> None:
    river = River((Thing(200, 130, 20, 14, since_s=80),), shift=lambda t: 0 if t < 60 else 50)
    sights = watch(pipeline(), river.views(120, every_s=0.5))
    assert blind(sights) == [(OPENED, "moved")]
    assert phases(sights, SightKind.LITTER) == []


def test_a_camera_turned_while_the_gateway_was_off_is_noticed() -> None:
    camera = pipeline()
    watch(camera, River().views(60, every_s=0.5))
    stored = json.loads(json.dumps(camera.memory().to_json()))
    again = pipeline(memory=Memory.from_json(stored))
    river = River(shift=lambda time_s: 50)
    assert blind(watch(again, river.views(160, from_s=100, every_s=0.5))) == [(OPENED, "moved")]


def test_a_frozen_picture_is_an_alarm() -> None:
    river, camera = River(), pipeline()
    assert watch(camera, river.views(30, every_s=0.5)) == []
    still = river.view(30.0)
    frozen = [View(30 + 0.5 * i, still.luma, still.picture, True) for i in range(60)]
    assert blind(watch(camera, frozen)) == [(OPENED, "frozen")]
    assert blind(watch(camera, river.views(70, every_s=0.5, from_s=60))) == [(ENDED, "frozen")]


def test_infrared_at_dusk_is_no_moved_camera() -> None:
    # The lamp beside the lens shows the bank as it never looks by day.
    river = River(
        grey=lambda time_s: time_s >= 60,
        shift=lambda time_s: 0 if time_s < 60 else 50,
    )
    assert blind(watch(pipeline(), river.views(150, every_s=0.5))) == []


def test_sun_and_shade_are_no_moved_camera() -> None:
    river = River(light=lambda time_s: 0.5 if int(time_s / 40) % 2 else 1.2)
    assert blind(watch(pipeline(), river.views(300, every_s=1.0))) == []


def test_a_lost_stream_is_one_alarm_until_it_comes_back() -> None:
    camera, river = pipeline(), River()
    watch(camera, river.views(10))
    assert blind(camera.blind("lost", 20.0)) == [(OPENED, "lost")]
    assert camera.blind("lost", 30.0) == []
    back = watch(camera, river.views(52, from_s=40))
    assert blind(back) == [(ENDED, "lost")]
    assert back[0].started_s == 20.0
    assert "恢复" in back[0].reason_zh


def test_a_stream_that_comes_and_goes_is_one_incident() -> None:
    camera, river = pipeline(), River()
    sights = []
    for minute in range(3):
        sights += camera.blind("lost", 60.0 * minute + 30)
        sights += watch(camera, river.views(60.0 * minute + 60, from_s=60.0 * minute + 40))
    assert len({sight.started_s for sight in sights if sight.kind is SightKind.BLIND}) == 1
