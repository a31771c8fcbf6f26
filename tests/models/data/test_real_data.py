"""The real pictures, where they are at hand."""

from pathlib import Path

import numpy as np
import pytest

from xunhe_models.data.hashes import LIMIT, distances, hash_pictures
from xunhe_models.data.layouts.reading import read
from xunhe_models.data.problems import Reason
from xunhe_models.data.splits import DuplicatesError, split


def test_river_plastic_is_read_whole_and_by_location(shared_data: Path) -> None:
    dataset = read(shared_data / "river-plastic")
    assert dataset.layout == "river-plastic"
    assert dataset.sites == tuple(f"river-plastic/location-{i}" for i in (1, 2, 3))
    assert len(dataset.pictures) == 381
    assert sum(len(p.boxes) for p in dataset.pictures) == 8453
    # Two pictures were labelled at two resolutions.
    assert {p.reason for p in dataset.problems} == {Reason.SCALED}


def test_litter_land_is_read_whole(shared_data: Path) -> None:
    dataset = read(shared_data / "litter-land")
    assert (dataset.layout, len(dataset.pictures), dataset.problems) == ("litter-land", 369, ())
    assert {box.label for p in dataset.pictures for box in p.boxes} == {"litter"}


def test_neighbouring_frames_are_near_and_other_places_are_far(shared_data: Path) -> None:
    dataset = read(shared_data / "river-plastic")
    by_site = [[p for p in dataset.pictures if p.site == site][:4] for site in dataset.sites]
    hashes = hash_pictures(p for here in by_site for p in here)
    words = [np.array([hashes.bits[p.path] for p in here]) for here in by_site]
    neighbours = [np.diagonal(distances(w, w), 1) for w in words]
    assert all((near <= LIMIT).mean() >= 0.5 for near in neighbours)
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert distances(words[i], words[j]).min() > LIMIT


def test_two_frames_of_one_camera_on_both_sides_are_refused(shared_data: Path) -> None:
    dataset = read(shared_data / "river-plastic", site=r"cam\d+|2018-05-0812")
    assert "river-plastic/2018-05-0812" in dataset.sites
    noon = ("2_2018-05-0812-00", "2_2018-05-08_12-00")
    near = [p for p in dataset.pictures if any(name in p.path.name for name in noon)]
    hashes = hash_pictures(near)
    with pytest.raises(DuplicatesError, match=r"2018-05-0812-00-00-05_cam2.webp"):
        split(dataset, ["2018-05-0812"], hashes)
