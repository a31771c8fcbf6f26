"""The shipped model and the signals on drawn scenes, by key frames every two seconds."""

from importlib.resources import files
from pathlib import Path

import pytest

from tests.gateway.vision.outfall_scene import UPSTREAM, Scene, outfall
from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase
from xunhe.domain.zones import Polygon
from xunhe.settings import VisionSettings
from xunhe.vision.outfall import OutfallChange, OutfallWatch
from xunhe_models.discharge.finder import Finder

DYE = (-25, -10, 50)
DRY = Scene()


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(Path(str(files("xunhe_models"))) / "shipped/discharge.onnx")


def played(
    finder: Finder, script: list[tuple[Scene, float]], upstream: Polygon | None = UPSTREAM
) -> list[OutfallChange]:
    """The changes of a script of scenes and their seconds."""
    watch = OutfallWatch(outfall(upstream=upstream), finder, VisionSettings())
    time_s, changes = 0.0, []
    for scene, seconds in script:
        for _ in range(round(seconds / 2)):
            changes += watch.see(scene.at(time_s), time_s)
            time_s += 2
    return changes


def told(changes: list[OutfallChange]) -> list[tuple[Phase, str]]:
    return [(change.phase, change.state) for change in changes]


def test_a_white_jet_is_one_incident_from_its_beginning_to_its_end(finder: Finder) -> None:
    changes = played(finder, [(DRY, 60), (Scene(jet=True), 40), (DRY, 60)])
    assert told(changes) == [(Phase.OPENED, "flowing"), (Phase.ENDED, "flowing")]
    assert 60 <= changes[0].started_s <= 66
    assert changes[0].at_s <= 76


def test_a_jet_is_found_in_the_rain(finder: Finder) -> None:
    changes = played(finder, [(DRY, 60), (Scene(jet=True, rain=True), 30)])
    assert told(changes) == [(Phase.OPENED, "flowing")]


@pytest.mark.parametrize("upstream", [UPSTREAM, None], ids=["upstream", "surroundings"])
def test_colour_in_the_zone_alone_is_a_severe_discharge(
    finder: Finder, upstream: Polygon | None
) -> None:
    changes = played(finder, [(DRY, 60), (Scene(dye=DYE), 40), (DRY, 60)], upstream)
    assert told(changes) == [(Phase.OPENED, "coloured"), (Phase.ENDED, "coloured")]
    assert changes[0].severity is Severity.SEVERE


@pytest.mark.parametrize("upstream", [UPSTREAM, None], ids=["upstream", "surroundings"])
@pytest.mark.parametrize(
    "scene",
    [Scene(river=DYE), Scene(light=1.4), Scene(light=0.6), Scene(rain=True)],
    ids=["the river turns brown everywhere", "sun", "cloud", "rain"],
)
def test_weather_opens_no_incident(finder: Finder, scene: Scene, upstream: Polygon | None) -> None:
    assert played(finder, [(DRY, 60), (scene, 60), (DRY, 20)], upstream) == []
