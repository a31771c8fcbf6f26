"""What is in a data set, and what in it looks wrong. Nothing here reads a file."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from xunhe_models.boxes import areas, iou
from xunhe_models.data.dataset import Dataset
from xunhe_models.data.hashes import Hashes, Pair, across_sites, same_files
from xunhe_models.data.pictures import Picture
from xunhe_models.data.problems import Problem, Reason

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
TINY_PX = 4.0
HUGE_SHARE = 0.9
THIN_ASPECT = 12.0
DOUBLED_IOU = 0.9
SMALL_PX = 32.0  # COCO's bound between small and medium, as a side


class Doubt(StrEnum):
    """Why a box is worth a look; none of these is taken out."""

    TINY = "tiny"  # a side under 4 px
    HUGE = "huge"  # more than 90 % of the picture
    THIN = "thin"  # one side more than 12 times the other
    DOUBLED = "doubled"  # IoU over 0.9 with an earlier box of the same label


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One box, by its number in the picture, from 0."""

    picture: str
    box: int
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class SiteCount:
    """What one site holds."""

    pictures: int
    boxes: int


@dataclass(frozen=True, slots=True)
class Summary:
    """A data set in figures.

    `side_px` are quantiles, as in QUANTILES, of the square root of the boxes' areas; empty without
    boxes. `same_files` are groups of equal files, `near` pairs of nearly equal pictures from
    different sites: names below the folder.
    """

    layout: str
    pictures: int
    empty_pictures: int
    boxes_by_class: dict[str, int]
    sites: dict[str, SiteCount]
    picture_sizes: dict[str, int]
    side_px: tuple[float, ...]
    small_boxes: int
    suspicions: tuple[Suspicion, ...]
    same_files: tuple[tuple[str, ...], ...]
    near: tuple[tuple[str, str, int], ...]
    problems: tuple[Problem, ...]

    @property
    def losses(self) -> int:
        """Problems that cost a box or a picture."""
        return sum(problem.reason.loses for problem in self.problems)


def summarise(dataset: Dataset, hashes: Hashes) -> Summary:
    """Count and look; `hashes` are those of the data set's pictures."""
    sides = np.concatenate([_sides(p) for p in dataset.pictures] or [np.empty(0)])
    return Summary(
        layout=dataset.layout,
        pictures=len(dataset.pictures),
        empty_pictures=sum(not p.boxes for p in dataset.pictures),
        boxes_by_class=_counts(box.label for p in dataset.pictures for box in p.boxes),
        sites={site: _site(dataset, site) for site in dataset.sites},
        picture_sizes=_counts(f"{w}×{h}" for w, h in dataset.sizes.values()),
        side_px=tuple(np.quantile(sides, QUANTILES).tolist()) if len(sides) else (),
        small_boxes=int((sides < SMALL_PX).sum()),
        suspicions=tuple(s for p in dataset.pictures for s in _suspicions(dataset, p)),
        same_files=tuple(_names(dataset, g) for g in same_files(dataset.pictures, hashes)),
        near=tuple(_pair(dataset, pair) for pair in across_sites(dataset.pictures, hashes)),
        problems=(*dataset.problems, *_undecodable(dataset, hashes)),
    )


def _suspicions(dataset: Dataset, picture: Picture) -> Iterator[Suspicion]:
    name = dataset.name_of(picture.path)
    width, height = dataset.sizes[picture.path]
    doubled = _doubled(picture)
    for i, box in enumerate(picture.boxes):
        short, long = sorted((box.x1 - box.x0, box.y1 - box.y0))
        doubts = {
            Doubt.TINY: short < TINY_PX,
            Doubt.HUGE: short * long > HUGE_SHARE * width * height,
            Doubt.THIN: long > THIN_ASPECT * short,
            Doubt.DOUBLED: i in doubled,
        }
        yield from (Suspicion(name, i, doubt) for doubt, holds in doubts.items() if holds)


def _doubled(picture: Picture) -> set[int]:
    """Boxes that repeat an earlier one of their label."""
    labels = np.array([box.label for box in picture.boxes])
    overlap = iou(picture.xyxy(), picture.xyxy()) > DOUBLED_IOU
    same = overlap & (labels[:, None] == labels[None, :])
    return set(np.argwhere(np.triu(same, k=1))[:, 1].tolist())


def _sides(picture: Picture) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.sqrt(areas(picture.xyxy()).astype(np.float64))


def _site(dataset: Dataset, site: str) -> SiteCount:
    here = [p for p in dataset.pictures if p.site == site]
    return SiteCount(len(here), sum(len(p.boxes) for p in here))


def _counts(values: Iterator[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _names(dataset: Dataset, paths: tuple[Path, ...]) -> tuple[str, ...]:
    return tuple(dataset.name_of(path) for path in paths)


def _pair(dataset: Dataset, pair: Pair) -> tuple[str, str, int]:
    return dataset.name_of(pair.first), dataset.name_of(pair.second), pair.distance


def _undecodable(dataset: Dataset, hashes: Hashes) -> Iterator[Problem]:
    for path, why in hashes.unreadable.items():
        yield Problem(dataset.name_of(path), Reason.UNREADABLE, why)
