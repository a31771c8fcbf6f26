"""Training pictures put together: views, mosaics, litter laid on other water, drifts.

Everything random comes from the sample's own generator, so sample `i` of a seed is the same
picture on every machine and after every restart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from xunhe_models.train.cutouts import Cutout, lay, turned
from xunhe_models.train.overlays import captioned, glared
from xunhe_models.train.photometric import photographed
from xunhe_models.train.view import Scene, empty_boxes, mirrored, somewhere

LITTER = 0
_FLOTSAM_BGR = ((52, 84, 108), (60, 120, 150), (40, 90, 60), (70, 160, 190), (35, 50, 60))


@dataclass(frozen=True, slots=True)
class Pool:
    """Scenes of one kind, how often they are drawn, and at which zoom.

    `small` scenes would leave a view mostly empty: several of them share one.
    """

    scenes: Sequence[Scene]
    share: float
    zoom: tuple[float, float]
    small: bool = False


@dataclass(frozen=True, slots=True)
class Library:
    """All that a sample is made from. `backgrounds` name the pools to lay cut-outs on.

    `natural` are leaves, sticks and foam: no litter by themselves, part of a drift.
    """

    pools: Mapping[str, Pool]
    backgrounds: tuple[str, ...]
    cutouts: Sequence[Cutout]
    natural: Sequence[Cutout] = ()


class _Pieces:
    """Cut-outs to choose from by size."""

    def __init__(self, cutouts: Sequence[Cutout]) -> None:
        self._cutouts = cutouts
        self._sides = np.array([c.side for c in cutouts])

    def __len__(self) -> int:
        return len(self._cutouts)

    def of(self, side_px: float, random: Generator) -> Cutout:
        """One that need not be blown up much to be `side_px` long."""
        fit = np.flatnonzero(self._sides > side_px / 1.8)
        number = int(random.choice(fit)) if len(fit) else int(self._sides.argmax())
        return turned(self._cutouts[number], side_px, random)


class Composer:
    """Sample number → Scene of `size` × `size` pixels."""

    def __init__(self, library: Library, size: int, seed: int) -> None:
        self._library, self._size, self._seed = library, size, seed
        self._names = [n for n, pool in library.pools.items() if pool.share and pool.scenes]
        shares = np.array([library.pools[n].share for n in self._names])
        self._shares = shares / shares.sum()
        self._litter, self._natural = _Pieces(library.cutouts), _Pieces(library.natural)

    def sample(self, number: int) -> Scene:
        """The same number gives the same picture."""
        random = np.random.default_rng((self._seed, number))
        scene = self._mosaic(random) if random.random() < 0.45 else self._single(random)
        if random.random() < 0.5:
            scene = mirrored(scene)
        scene.image = photographed(scene.image, random)
        if random.random() < 0.12:
            scene.image = glared(scene.image, random)
        if random.random() < 0.15:
            scene.image = captioned(scene.image, random)
        return scene

    def _single(self, random: Generator) -> Scene:
        if random.random() < 0.3 and len(self._litter):
            return self._laid((self._size, self._size), random)
        return self._drawn((self._size, self._size), random)

    def _drawn(self, size: tuple[int, int], random: Generator) -> Scene:
        pool = self._library.pools[
            self._names[int(random.choice(len(self._names), p=self._shares))]
        ]
        return self._from(pool, size, random)

    @staticmethod
    def _from(pool: Pool, size: tuple[int, int], random: Generator) -> Scene:
        if pool.small:
            return _patchwork(pool, size, random)
        scene = pool.scenes[int(random.integers(len(pool.scenes)))]
        return somewhere(scene, size, pool.zoom, random)

    def _mosaic(self, random: Generator) -> Scene:
        """Four views around a random crossing."""
        x, y = (int(v) for v in random.uniform(0.3, 0.7, 2) * self._size)

        def part(size: tuple[int, int]) -> Scene:
            laid = random.random() < 0.2 and len(self._litter)
            return self._laid(size, random) if laid else self._drawn(size, random)

        return _joined((0, x, self._size), (0, y, self._size), part)

    def _laid(self, size: tuple[int, int], random: Generator) -> Scene:
        """Cut-outs, flotsam and at times a drift on a background."""
        name = self._library.backgrounds[int(random.integers(len(self._library.backgrounds)))]
        scene = self._from(self._library.pools[name], size, random)
        if random.random() < 0.3:
            _strew(scene.image, random)
        if len(self._natural) and random.random() < 0.35:
            self._leave(scene, random)
        if random.random() < 0.25:
            self._drift(scene, random)
        near = random.uniform(0.3, 1.0)  # how close the camera stands
        for _ in range(int(random.geometric(0.25))):
            y = random.uniform(0.15, 1)
            side = near * (0.25 + y) * np.exp(random.uniform(np.log(9), np.log(230)))
            self._place(scene, float(np.clip(side, 7, 260)), y, random)
        return scene

    def _place(self, scene: Scene, side_px: float, y_share: float, random: Generator) -> None:
        piece = self._litter.of(side_px, random)
        height, width = piece.opacity.shape
        room = (scene.image.shape[1] - width, scene.image.shape[0] - height)
        if min(room) <= 0:
            return
        x, y = int(random.integers(room[0])), int(y_share * room[1])
        box = _box(piece, x, y)
        if _covers(box, scene.boxes):
            return
        lay(scene.image, piece, x, y, random)
        scene.boxes = np.vstack((scene.boxes, box))
        scene.ids = np.append(scene.ids, LITTER)

    def _leave(self, scene: Scene, random: Generator) -> None:
        """Leaves and sticks as they were photographed, unboxed: they are no litter."""
        for _ in range(int(random.integers(1, 7))):
            piece = self._natural.of(float(np.exp(random.uniform(np.log(10), np.log(110)))), random)
            height, width = piece.opacity.shape
            room = (scene.image.shape[1] - width, scene.image.shape[0] - height)
            if min(room) <= 0:
                continue
            x, y = (int(random.integers(r)) for r in room)
            if not _covers(_box(piece, x, y), scene.boxes):
                lay(scene.image, piece, x, y, random)

    def _drift(self, scene: Scene, random: Generator) -> None:
        """Litter, leaves and foam driven together: one box around what hangs together."""
        height, width = scene.image.shape[:2]
        axes = np.exp(random.uniform(np.log(10), np.log(110))) * np.array(
            [1.0, random.uniform(0.15, 0.6)]
        )
        axes = np.minimum(axes, np.array([width, height]) * 0.42)
        centre = axes + random.uniform(0, 1, 2) * (np.array([width, height]) - 2 * axes)
        drawn = np.zeros((height, width), np.uint8)
        _flotsam(scene.image, drawn, centre, axes * 0.55, int(axes.prod() / 12) + 12, random)
        for _ in range(int(random.integers(2, 12))):
            side = float(np.clip(axes[0] * random.uniform(0.1, 0.35), 5, 60))
            leaf = len(self._natural) and random.random() < 0.5
            piece = (self._natural if leaf else self._litter).of(side, random)
            h, w = piece.opacity.shape
            x, y = (random.normal(centre, axes * 0.4) - (w / 2, h / 2)).astype(int)
            if 0 <= x < width - w and 0 <= y < height - h:
                lay(scene.image, piece, int(x), int(y), random)
                drawn[y : y + h, x : x + w] |= (piece.opacity > 0.5).astype(np.uint8)
        _join(scene, drawn)


def _joined(
    columns: Sequence[int], rows: Sequence[int], part: Callable[[tuple[int, int]], Scene]
) -> Scene:
    """One scene from the parts of a grid with these edges."""
    image = np.empty((rows[-1], columns[-1], 3), np.uint8)
    boxes, ids = [empty_boxes()], [np.zeros(0, np.int64)]
    for left, right in pairwise(columns):
        for top, bottom in pairwise(rows):
            scene = part((right - left, bottom - top))
            image[top:bottom, left:right] = scene.image
            boxes.append(scene.boxes + np.array([left, top, left, top], np.float32))
            ids.append(scene.ids)
    return Scene(image, np.concatenate(boxes), np.concatenate(ids))


def _patchwork(pool: Pool, size: tuple[int, int], random: Generator) -> Scene:
    """A grid of small scenes, each filling its cell."""
    zoom = float(np.exp(random.uniform(np.log(pool.zoom[0]), np.log(pool.zoom[1]))))

    def cell(cell_size: tuple[int, int]) -> Scene:
        scene = pool.scenes[int(random.integers(len(pool.scenes)))]
        height, width = scene.image.shape[:2]
        cover = max(cell_size[0] / width, cell_size[1] / height)
        return somewhere(scene, cell_size, (cover, max(cover * 1.01, zoom * 1.2)), random)

    side = zoom * min(pool.scenes[0].image.shape[:2])
    columns, rows = (np.linspace(0, s, max(1, round(s / side)) + 1).astype(int) for s in size)
    return _joined(columns.tolist(), rows.tolist(), cell)


def _box(piece: Cutout, x: int, y: int) -> NDArray[np.float32]:
    """Corners (4,) of a piece that is laid with its corner at (x, y)."""
    return np.array(piece.box, np.float32) + np.array([x, y, x, y], np.float32)


def _covers(box: NDArray[np.float32], others: NDArray[np.float32]) -> bool:
    """Would the new box lie over a fifth or more of itself or another?"""
    if not len(others):
        return False
    sides = np.minimum(others[:, 2:], box[2:]) - np.maximum(others[:, :2], box[:2])
    common = np.clip(sides, 0, None).prod(1)
    areas = (others[:, 2:] - others[:, :2]).prod(1)
    smaller = np.minimum(areas, (box[2:] - box[:2]).prod())
    return bool((common > 0.2 * smaller).any())


def _flotsam(
    image: NDArray[np.uint8],
    drawn: NDArray[np.uint8],
    centre: NDArray[np.float64],
    spread: NDArray[np.float64],
    count: int,
    random: Generator,
) -> None:
    """Leaves, twigs and foam as small ellipses; `drawn` remembers where."""
    foam = random.random()
    for _ in range(min(count, 220)):
        x, y = (int(v) for v in random.normal(centre, spread))
        axes = (int(random.integers(1, 6)), int(random.integers(1, 4)))
        angle = random.uniform(0, 180)
        if random.random() < foam * 0.7:
            colour = tuple(int(v) for v in random.uniform(170, 245) + random.normal(0, 4, 3))
        else:
            base = np.array(_FLOTSAM_BGR[int(random.integers(len(_FLOTSAM_BGR)))])
            colour = tuple(int(v) for v in np.clip(base * random.uniform(0.6, 1.5), 0, 255))
        cv2.ellipse(image, (x, y), axes, angle, 0, 360, colour, -1, cv2.LINE_AA)
        cv2.ellipse(drawn, (x, y), axes, angle, 0, 360, 1, -1)


def _strew(image: NDArray[np.uint8], random: Generator) -> None:
    """Single leaves that no one calls litter."""
    size = np.array(image.shape[1::-1], float)
    unused = np.zeros(image.shape[:2], np.uint8)
    _flotsam(image, unused, random.uniform(0.2, 0.8, 2) * size, size * 0.3, 14, random)


def _join(scene: Scene, drawn: NDArray[np.uint8]) -> None:
    """One box around the largest connected part; boxes that it swallows go, strays are left out."""
    near = cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(near)
    order = sorted(range(1, count), key=lambda k: -int(stats[k, cv2.CC_STAT_AREA]))
    for rank, k in enumerate(order[:12]):
        x, y, w, h = (float(v) for v in stats[k, :4])
        if max(w, h) < 6:
            continue
        scene.boxes = np.vstack((scene.boxes, np.array([[x, y, x + w, y + h]], np.float32)))
        scene.ids = np.append(scene.ids, LITTER if rank == 0 else -1)
