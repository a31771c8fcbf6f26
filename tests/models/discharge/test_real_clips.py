"""The claims on real clips and stills: every flowing mouth found, no dry one for more than 10 s."""

from itertools import islice
from pathlib import Path

import pytest

from tests.models.discharge.test_finder import SHIPPED
from xunhe_models.discharge.annotations import AnnotatedFile, annotated_files
from xunhe_models.discharge.evaluate import frames_of, seen_by, whole_frames
from xunhe_models.discharge.finder import Finder

FILES = annotated_files()
# (file, masked, frames). Left in, overlays matter where they lie on a mouth: in the first clip.
WAYS = [
    *(
        pytest.param(file, True, None, id=f"{file.name}-masked", marks=pytest.mark.slow)
        for file in FILES
    ),
    pytest.param(FILES[0], False, None, id=f"{FILES[0].name}-overlays", marks=pytest.mark.slow),
    pytest.param(FILES[0], False, 26, id=f"{FILES[0].name}-overlays-first-half"),
]


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(SHIPPED)


@pytest.fixture(scope="module")
def outfall(shared_data: Path) -> Path:
    if not (shared_data / "outfall").is_dir():
        pytest.skip(f"no folder outfall in {shared_data}")
    return shared_data


def test_every_zone_and_mouth_lies_in_its_picture_and_every_state_is_known() -> None:
    for file in FILES:
        for mouth in file.mouths:
            assert mouth.zone[0] <= mouth.mouth[0] < mouth.mouth[2] <= mouth.zone[2], file.name
            assert mouth.zone[1] <= mouth.mouth[1] < mouth.mouth[3] <= mouth.zone[3], file.name
            for interval in mouth.intervals:
                assert set(interval.states) <= {"dry", "flowing", "foaming", "coloured", "sheen"}


@pytest.mark.parametrize(("file", "masked", "most"), WAYS)
def test_whole_frames_name_the_mouths_that_flow_and_no_dry_one(
    finder: Finder, outfall: Path, file: AnnotatedFile, masked: bool, most: int | None
) -> None:
    frames = list(islice(frames_of(outfall, file, masked), most))
    for name, told in whole_frames(finder, file, frames)["mouths"].items():
        if "flowing" in told["truth"]:
            assert told["alarmed"] > 0.5, f"{name} of {file.name} flows and is found too seldom"
        else:
            assert told["longest_s"] <= 10, f"{name} of {file.name} is dry"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_zones_are_judged_rightly(finder: Finder, outfall: Path, file: AnnotatedFile) -> None:
    frames = list(frames_of(outfall, file, masked=True))
    limit = finder.card.thresholds["flowing"]
    for mouth in file.mouths:
        right = []
        for last, frame in enumerate(frames):
            since = seen_by(frames, last)
            times = [one.time_s or 0.0 for one in since]
            score = finder.zone([one.bgr for one in since], times, mouth.zone).flowing
            flows = "flowing" in mouth.states(frame.time_s or 0.0)
            right.append((score >= limit) == flows)
        assert sum(right) / len(right) > 0.8, f"{mouth.name} of {file.name}"
