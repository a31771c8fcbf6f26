"""What is no thing opens no incident, even where the detector is taken in."""

import pytest

from tests.gateway.vision.scenes import HueDetector, River, Thing, phases, pipeline, watch
from xunhe.domain.sight import Phase


def test_a_light_step_opens_nothing() -> None:
    river = River(light=lambda time_s: 1.0 if time_s < 20 else 0.6)
    camera = pipeline()
    assert watch(camera, river.views(40)) == []
    assert camera.counts.light >= 1


def test_a_light_step_does_not_break_an_incident_in_two() -> None:
    river = River((Thing(200, 130, 20, 14),), light=lambda time_s: 1.0 if time_s < 30 else 0.6)
    assert phases(watch(pipeline(), river.views(120, every_s=0.5))) == [Phase.OPENED]


def test_clouds_open_nothing_and_end_nothing() -> None:
    river = River((Thing(200, 130, 20, 14),), light=lambda t: 0.6 if int(t / 7) % 2 else 1.0)
    assert phases(watch(pipeline(), river.views(180, every_s=0.5))) == [Phase.OPENED]


@pytest.mark.parametrize("every_s", [0.2, 2.0])
def test_ripple_and_glare_open_nothing(every_s: float) -> None:
    river = River(ripple=8, glare=12)
    camera = pipeline(detector=HueDetector(glare_score=0.6))
    assert watch(camera, river.views(60, every_s)) == []


def test_rain_opens_nothing_and_hardly_wakes_the_detector() -> None:
    detector = HueDetector()
    assert watch(pipeline(detector=detector), River(rain=60).views(60)) == []
    assert detector.calls < 60


def test_an_insect_before_the_lens_opens_nothing() -> None:
    crossing = Thing(0, 60, 40, 30, speed=(400, 60), since_s=10)
    assert watch(pipeline(), River((crossing,)).views(20)) == []


def test_a_faint_thing_that_was_always_there_is_not_believed() -> None:
    camera = pipeline(detector=HueDetector(score=0.42))
    assert watch(camera, River((Thing(200, 130, 20, 14),)).views(60)) == []


def test_a_faint_thing_that_drifts_is_believed() -> None:
    camera = pipeline(detector=HueDetector(score=0.42))
    bottle = Thing(10, 120, speed=(8, 1), since_s=5)
    assert phases(watch(camera, River((bottle,)).views(20))) == [Phase.OPENED]


def test_what_swings_to_and_fro_is_not_believed() -> None:
    branch = tuple(
        Thing(150 + 30 * (i % 2), 120, since_s=i * 0.6, until_s=(i + 1) * 0.6) for i in range(60)
    )
    camera = pipeline(detector=HueDetector(score=0.5))
    assert watch(camera, River(branch).views(36)) == []
