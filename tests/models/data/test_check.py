"""The summary of a data set, and what in it looks wrong."""

from pathlib import Path

import pytest

from tests.models.data.small_sets import TRUTH, save, write_csv
from xunhe_models.data.check import Doubt, SiteCount, summarise
from xunhe_models.data.dataset import Dataset
from xunhe_models.data.hashes import Hashes, hash_pictures
from xunhe_models.data.layouts.reading import read
from xunhe_models.data.pictures import Box, Picture
from xunhe_models.data.problems import Reason

NO_HASHES = Hashes({}, {}, {})


def with_boxes(*boxes: tuple[float, float, float, float]) -> Dataset:
    path = Path("root/a.png")
    picture = Picture(path, "s", tuple(Box(*corners, label="litter") for corners in boxes))
    return Dataset(Path("root"), "csv", (picture,), {path: (100, 100)}, ())


def test_the_summary_counts_classes_sites_and_sizes(tmp_path: Path) -> None:
    dataset = read(write_csv(tmp_path / "set"))
    summary = summarise(dataset, hash_pictures(dataset.pictures))
    assert summary.pictures == len(TRUTH)
    assert summary.empty_pictures == 1
    assert summary.boxes_by_class == {"litter": 2, "vegetation_mat": 1}
    assert summary.sites == {"set/canal": SiteCount(2, 3), "set/lake": SiteCount(1, 0)}
    assert summary.picture_sizes == {"80×60": 3}
    assert summary.side_px[0] == pytest.approx((16 * 12) ** 0.5)
    assert summary.side_px[-1] == pytest.approx((32 * 18) ** 0.5)
    assert summary.small_boxes == 3
    assert (summary.suspicions, summary.same_files, summary.near) == ((), (), ())
    assert summary.losses == 0


@pytest.mark.parametrize(
    ("box", "doubts"),
    [
        ((10, 10, 14, 20), []),
        ((10, 10, 13.9, 20), [Doubt.TINY]),
        ((0, 0, 100, 90), []),
        ((0, 0, 100, 90.1), [Doubt.HUGE]),
        ((0, 0, 60, 5), []),
        ((0, 0, 60.1, 5), [Doubt.THIN]),
        ((0, 0, 3, 40), [Doubt.TINY, Doubt.THIN]),
    ],
)
def test_each_doubt_begins_just_over_its_bound(
    box: tuple[float, float, float, float], doubts: list[Doubt]
) -> None:
    found = summarise(with_boxes(box), NO_HASHES).suspicions
    assert [s.doubt for s in found] == doubts


def test_a_doubled_box_is_named_once_and_only_within_its_label() -> None:
    dataset = with_boxes((10, 10, 50, 50), (10, 10, 50, 51), (60, 60, 80, 80))
    assert [(s.picture, s.box, s.doubt) for s in summarise(dataset, NO_HASHES).suspicions] == [
        ("a.png", 1, Doubt.DOUBLED)
    ]


def test_an_empty_data_set_has_a_summary() -> None:
    summary = summarise(Dataset(Path("root"), "csv", (), {}, ()), NO_HASHES)
    assert (summary.pictures, summary.side_px, summary.losses) == (0, (), 0)


def test_copies_and_undecodable_pictures_are_in_the_summary(tmp_path: Path) -> None:
    root = write_csv(tmp_path / "set")
    (root / "images/lake_0001.png").write_bytes((root / "images/canal_0001.png").read_bytes())
    whole = save(root / "images/canal_0002.png", 1, 80, 60).read_bytes()
    (root / "images/canal_0002.png").write_bytes(whole[: len(whole) // 2])
    dataset = read(root)
    summary = summarise(dataset, hash_pictures(dataset.pictures))
    assert summary.same_files == (("images/canal_0001.png", "images/lake_0001.png"),)
    assert summary.near == (("images/canal_0001.png", "images/lake_0001.png", 0),)
    assert [(p.where, p.reason) for p in summary.problems] == [
        ("images/canal_0002.png", Reason.UNREADABLE)
    ]
    assert summary.losses == 1
