"""The real clips by the shipped model: every flowing mouth opens once, no dry one ever does.

Once at three frames a second, as at full rate, and once by key frames every two seconds.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from tests.gateway.vision.outfall_scene import rectangle
from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase
from xunhe.domain.zones import OutfallZone
from xunhe.settings import VisionSettings
from xunhe.vision.outfall import OutfallChange, OutfallWatch
from xunhe_models.discharge.annotations import AnnotatedFile, AnnotatedMouth, annotated_files
from xunhe_models.discharge.finder import Finder
from xunhe_models.images import Frame
from xunhe_models.videos import read_video

SIZE = (480, 270)
CLIPS = [file for file in annotated_files() if not file.is_still]
MOUTHS = [
    pytest.param(file, mouth, id=f"{file.name}-{mouth.name}")
    for file in CLIPS
    for mouth in file.mouths
]
RATES = [pytest.param(1 / 3, id="three a second"), pytest.param(2.0, id="key frames")]


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(Path(str(files("xunhe_models"))) / "shipped/discharge.onnx")


@pytest.fixture(scope="module")
def folder(shared_data: Path) -> Path:
    if not (shared_data / "outfall").is_dir():
        pytest.skip(f"no folder outfall in {shared_data}")
    return shared_data / "outfall"


def frames_of(folder: Path, file: AnnotatedFile, every_s: float) -> Iterator[Frame]:
    for frame in read_video(folder / file.name, every_s):
        if not file.is_blacked_out(frame.time_s or 0.0):
            yield frame


def zone_of(mouth: AnnotatedMouth) -> OutfallZone:
    upstream = rectangle(*mouth.upstream, SIZE) if mouth.upstream else None
    return OutfallZone("P", mouth.name, rectangle(*mouth.zone, SIZE), upstream)


def flows(mouth: AnnotatedMouth) -> bool:
    return any("flowing" in interval.states for interval in mouth.intervals)


def check(changes: list[OutfallChange], mouth: AnnotatedMouth) -> None:
    opened = [change for change in changes if change.phase is Phase.OPENED]
    ended = [change for change in changes if change.phase is Phase.ENDED]
    assert len(opened) == flows(mouth)
    assert not ended, "what flows flows to the end of the clip"
    assert all(change.at_s <= 20 for change in opened)
    assert all(change.severity is Severity.MAJOR for change in opened), "clean water, no permit"


@pytest.mark.parametrize("every_s", RATES)
@pytest.mark.parametrize(("file", "mouth"), MOUTHS)
def test_flowing_mouths_open_once_and_dry_ones_never(
    finder: Finder, folder: Path, file: AnnotatedFile, mouth: AnnotatedMouth, every_s: float
) -> None:
    watch = OutfallWatch(zone_of(mouth), finder, VisionSettings())
    changes = []
    for frame in frames_of(folder, file, every_s):
        assert frame.time_s is not None
        if watch.wants(frame.time_s):
            changes += watch.see(file.masked(frame.bgr), frame.time_s)
    check(changes, mouth)


@pytest.mark.parametrize("every_s", RATES)
@pytest.mark.parametrize(("file", "mouth"), MOUTHS)
def test_the_same_holds_where_captions_are_drawn_as_places_to_ignore(
    finder: Finder, folder: Path, file: AnnotatedFile, mouth: AnnotatedMouth, every_s: float
) -> None:
    ignore = tuple(rectangle(*overlay, SIZE) for overlay in file.overlays)
    watch = OutfallWatch(zone_of(mouth), finder, VisionSettings(), ignore=ignore)
    changes = []
    for frame in frames_of(folder, file, every_s):
        assert frame.time_s is not None
        if watch.wants(frame.time_s):
            changes += watch.see(frame.bgr, frame.time_s)
    check(changes, mouth)
