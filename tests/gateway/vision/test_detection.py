"""Where the detector looks, and what that costs."""

import numpy as np

from xunhe.domain.sight import SightKind
from xunhe.vision.detection import Searcher
from xunhe.vision.eyes import Eyes


def test_a_survey_sees_all_water_in_less_than_half_the_runs_of_a_scan() -> None:
    searcher = Searcher(Eyes.load().detector, (0.0, 100.0, 480.0, 270.0), 480, 270)
    picture = np.full((1080, 1920, 3), 90, np.uint8)
    scan, survey = searcher.scan(picture), searcher.survey(picture)
    assert survey.runs < scan.runs / 2
    for kind in (SightKind.LITTER, SightKind.MAT):
        assert survey.looked_at(kind, (10.0, 200.0, 60.0, 240.0))
    assert scan.is_scan
    assert not survey.is_scan, "what a survey overlooks is no evidence that it has gone"
