"""What a buoy remembers of calibrations that were replaced."""

import json

import pytest

from xunhe_boot import files
from xunhe_buoy import calibration_history as history
from xunhe_buoy.calibration import Calibration


def made(n, points=2):
    rows = [(6.865 + i, 8.0 - i, 25.0) for i in range(points)]
    return Calibration("ph_mv", rows, 0.97, 6.0, at_s=1_790_000_000 + n, by="Li")


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "calibrations.old")


def test_it_is_remembered_once_however_often_it_is_tried(path):
    for _ in range(3):
        history.keep(path, "Y532@2", made(1))
    (kept,) = history.replaced(path)
    assert (kept["probe"], kept["at_s"], kept["by"]) == ("Y532@2", 1_790_000_001, "Li")
    assert kept["points"] == [[6.865, 8.0, 25.0], [7.865, 7.0, 25.0]]


def test_the_oldest_go_when_the_file_is_full(path):
    for n in range(60):
        history.keep(path, "Y532@2", made(n))
        assert len(json.dumps(history.replaced(path))) <= files.LIMIT
    times = [row["at_s"] for row in history.replaced(path)]
    assert times == list(range(times[0], 1_790_000_060))
    assert len(times) >= 10


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"5"])
def test_a_file_that_makes_no_sense_counts_as_empty(path, data):
    with open(path, "wb") as file:
        file.write(data)
    assert history.replaced(path) == []
    history.keep(path, "Y532@2", made(1))
    assert len(history.replaced(path)) == 1
