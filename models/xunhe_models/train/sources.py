"""The pictures of the shared data folder, as pools for training, without the sites held out.

Provenance and licences of each folder stand in its README and in the models' cards.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.data.layouts.reading import read
from xunhe_models.data.own_labels import own_labels
from xunhe_models.data.pictures import Picture
from xunhe_models.data.reading import with_pixels
from xunhe_models.train.compose import LITTER, Library, Pool
from xunhe_models.train.cutouts import Cutout, cut
from xunhe_models.train.view import Scene

_BROUGHT_SHARE = 0.4  # beside 1.1 of ours
_LONGEST = 1920  # larger pictures are kept at this, to fit in memory


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of pictures: how to list them, how often to draw, zoom range, cut out or not."""

    pictures: Callable[[Path], Iterable[Picture]]
    share: float
    zoom: tuple[float, float]
    cut_out: bool = False
    background: bool = False
    small: bool = False


def _river_plastic(data: Path) -> Iterable[Picture]:
    return read(data / "river-plastic", "river-plastic").pictures


def _litter_land(data: Path) -> Iterable[Picture]:
    return read(data / "litter-land", "litter-land").pictures


SOURCES = {
    "bridge": Source(_river_plastic, 0.30, (0.35, 1.7), background=True),
    "crops": Source(
        lambda data: own_labels("floating_crops", data / "floating-crops"),
        0.34,
        (0.5, 2.4),
        cut_out=True,
        small=True,
    ),
    "land": Source(_litter_land, 0.09, (0.4, 1.7), cut_out=True),
    "mats": Source(
        lambda data: own_labels("vegetation_mats", data / "vegetation/mats"),
        0.08,
        (0.3, 1.2),
        background=True,
    ),
    "banks": Source(
        lambda data: own_labels("surfrider", data / "river-scenes/surfrider"),
        0.10,
        (0.5, 2.0),
        background=True,
    ),
    "clean": Source(
        lambda data: own_labels("clean", data / "river-scenes/clean"),
        0.10,
        (0.4, 1.6),
        background=True,
    ),
    "land_plants": Source(
        lambda data: own_labels("land_plants", data / "vegetation/hard-negatives"),
        0.02,
        (0.4, 1.4),
    ),
    "eye_height": Source(
        lambda data: own_labels("eye_height", data),
        0.08,
        (0.5, 2.0),
        cut_out=True,
    ),
}


def load_library(
    data: Path,
    held_out: Collection[str],
    report: Callable[[str], None],
    brought: Sequence[Picture] = (),
) -> Library:
    """Read every picture whose site does not start with one of `held_out` into memory.

    `brought` are a user's own pictures; they are never held out.
    """
    cv2.setNumThreads(0)  # a pool of threads would hang the loader's forked workers
    pools, cutouts = {}, []
    own = {"brought": Source(lambda _: brought, _BROUGHT_SHARE, (0.35, 1.7))} if brought else {}
    for name, source in (SOURCES | own).items():
        scenes = [_scene(*pair) for pair in with_pixels(_allowed(source.pictures(data), held_out))]
        pools[name] = Pool(scenes, source.share, source.zoom, source.small)
        pieces = list(_litter_pieces(scenes)) if source.cut_out else []
        cutouts += pieces
        boxes = sum(len(s.boxes) for s in scenes)
        report(f"{name}: {len(scenes)} pictures, {boxes} boxes, {len(pieces)} cut-outs")
    natural = list(_pieces(_scene(*p) for p in with_pixels(_allowed(_natural(data), held_out))))
    report(f"natural: {len(natural)} cut-outs")
    backgrounds = tuple(n for n, s in SOURCES.items() if s.background and pools[n].scenes)
    return Library(pools, backgrounds, cutouts, natural)


def _scene(picture: Picture, image: NDArray[np.uint8]) -> Scene:
    boxes, scale = picture.xyxy(), min(1.0, _LONGEST / max(image.shape[:2]))
    if scale < 1:
        size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        boxes = boxes * np.float32(scale)
    return Scene(image, boxes, picture.class_ids())


def all_pictures(data: Path) -> Iterable[Picture]:
    """Every picture that a training may see, if its site is not held out."""
    for source in SOURCES.values():
        yield from source.pictures(data)
    yield from _natural(data)


def _natural(data: Path) -> list[Picture]:
    """Crops with a leaf, a stick or foam boxed, to be cut out and nothing else."""
    return own_labels("natural", data / "floating-crops")


def _allowed(pictures: Iterable[Picture], held_out: Collection[str]) -> list[Picture]:
    return [p for p in pictures if not p.site.startswith(tuple(held_out))]


def _litter_pieces(scenes: Iterable[Scene]) -> Iterable[Cutout]:
    return _pieces(Scene(s.image, s.boxes[s.ids == LITTER], s.ids) for s in scenes)


def _pieces(scenes: Iterable[Scene]) -> Iterable[Cutout]:
    for scene in scenes:
        for box in scene.boxes:
            piece = cut(scene.image, box)
            if piece is not None:
                yield piece
