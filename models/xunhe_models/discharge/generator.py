"""Rendered outfalls with their truth: the network's only teacher.

A sample is decided by its number and the generator's seed alone. The grounds are photographs of
rivers and banks; everything that flows, and everything that only looks like it, is drawn over them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.discharge import disturbance, scenery, streams
from xunhe_models.discharge.scenery import Grid, Mouth
from xunhe_models.discharge.streams import Jet, Layer, Times, Trail
from xunhe_models.discharge.textures import Field, Image, Tiles

FRAMES, SPAN_S = 5, 2.0  # as `xunhe detect` takes them from a video by default
MASKS = ("flowing", "foaming", "coloured", "sheen", "mouth")
SEEN = 0.3  # of a mask, from which a pixel counts
_LEAST = 10  # pixels that must show something before its label is set
_KINDS = {
    "dry": 0.22,
    "nothing": 0.14,
    "jet": 0.25,
    "trickle": 0.13,
    "gate": 0.13,
    "level": 0.08,
    "plume": 0.05,
}
_SHAPES = {"round": 0.5, "square": 0.2, "arch": 0.15, "gate": 0.15}
_GATES = {"gate": 0.6, "square": 0.3, "arch": 0.1}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a sample is to show. `kind` is one of dry, nothing, jet, trickle, gate, level, plume.

    `gate`: seen from above, a tongue of white water shoots out over the river; `level`: the mouth
    stands at the river's surface and brings only a boil; `plume`: no mouth is seen. `foam`, `dye`
    and `film` add a trail; `mouth_share` is the half width of the mouth by the picture's shorter
    side.
    """

    kind: str
    foam: bool = False
    dye: bool = False
    film: bool = False
    mouth_share: float = 0.12

    @property
    def has_mouth(self) -> bool:
        """Whether an opening is drawn."""
        return self.kind not in ("nothing", "plume")

    @property
    def flows(self) -> bool:
        """Whether water falls or boils."""
        return self.kind in ("jet", "trickle", "gate", "level")

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "Recipe":
        """As often as the table of kinds says."""
        kind = str(rng.choice(list(_KINDS), p=list(_KINDS.values())))
        share = float(np.exp(rng.uniform(np.log(0.035), np.log(0.32))))
        if kind in ("dry", "nothing"):
            return cls(kind, mouth_share=share)
        foam, dye, film = (rng.random(3) < (0.4, 0.28, 0.22)).tolist()
        if kind == "plume" and not (foam or dye or film):
            dye = True
        return cls(kind, foam, dye, film, share)


@dataclass(frozen=True, slots=True)
class Sample:
    """`stack` uint8 (T, H, W, 3) BGR; `masks` float32 (5, H, W) in the order of MASKS.

    `labels` float32 (5,) in the order of CLASSES; `mouth` is its rectangle, None where none is
    drawn; `times_s` (T,).
    """

    stack: Image
    masks: Field
    labels: Field
    mouth: tuple[float, float, float, float] | None
    times_s: Times


@dataclass(frozen=True, slots=True)
class Grounds:
    """Photographs to draw on: `banks` with a shore in view, `waters` mostly water."""

    banks: Sequence[Image]
    waters: Sequence[Image]
    white_water: Sequence[Image] = ()


class Generator:
    """Samples by number. Sizes (height, width) in pixels."""

    def __init__(self, grounds: Grounds, seed: int = 0) -> None:
        self._grounds, self._seed = grounds, seed
        self._tiles = Tiles(seed, grounds.white_water)

    def sample(self, number: int, size: tuple[int, int], recipe: Recipe | None = None) -> Sample:
        """The sample of that number; the recipe is drawn from it too, unless one is given."""
        rng = np.random.default_rng((self._seed, number))
        drawn = Recipe.drawn(rng)
        return _Rendering(rng, self._tiles, self._grounds, recipe or drawn, size).sample()


class _Rendering:
    """One sample in the making, on a canvas with a margin for the camera's tilt and shake."""

    def __init__(
        self,
        rng: np.random.Generator,
        tiles: Tiles,
        grounds: Grounds,
        recipe: Recipe,
        size: tuple[int, int],
    ) -> None:
        self._rng, self._tiles, self._grounds, self._recipe = rng, tiles, grounds, recipe
        self._size, self._margin = size, max(8, min(size) // 8)
        self._grid = Grid.of(size[0] + 2 * self._margin, size[1] + 2 * self._margin)
        self._second: Mouth | None = None  # dry, whatever the first one does
        self._times: Times = np.linspace(0, SPAN_S, FRAMES)

    def sample(self) -> Sample:
        """Ground, mouth, streams, disturbances, camera; then the truth of what is in view."""
        mouth = self._place_mouth()
        self._second = self._place_second(mouth)
        still, water = self._ground(mouth)
        scene = disturbance.rippled(self._rng, self._tiles, self._grid, still, water, self._times)
        scene = self._whitened(scene, water)
        masks = [np.zeros_like(self._grid.x) for _ in MASKS]
        for index, layer in self._streams(mouth, water):
            masks[index] = np.maximum(masks[index], layer.seen_on(scene))
            scene = layer.on(scene)
        if self._recipe.has_mouth:
            masks[4] = scenery.opening(self._grid, mouth)
        if self._second is not None:
            masks[4] = np.maximum(masks[4], scenery.opening(self._grid, self._second))
        scene = self._disturbed(scene, water)
        return self._filmed(scene, masks, mouth)

    def _place_mouth(self) -> Mouth:
        rng, (height, width) = self._rng, self._size
        short = min(height, width)
        rx = max(3.0, self._recipe.mouth_share * short)
        ry = rx * rng.uniform(0.7, 1.25)
        x = self._margin + width * rng.uniform(0.15, 0.85)
        y = self._margin + height * rng.uniform(0.15, 0.7)
        drop = ry * rng.uniform(0.2, 2.6)
        if self._recipe.kind in ("level", "gate"):
            drop *= 0.0 if self._recipe.kind == "level" else 0.2
        shapes = _GATES if self._recipe.kind == "gate" else _SHAPES
        shape = str(rng.choice(list(shapes), p=list(shapes.values())))
        sideways = shape == "round" and rng.random() < 0.25
        return Mouth(
            x=x,
            y=y,
            rx=max(1.5, rx * 0.25) if sideways else rx,
            ry=ry,
            shape=shape,
            water_y=min(y + ry * 0.85 + drop, self._margin + height * 0.96),
            side=int(rng.choice((-1, 1))) if sideways else 0,
        )

    def _place_second(self, mouth: Mouth) -> Mouth | None:
        """Another mouth beside the first, in every fifth scene with one, where there is room."""
        rng = self._rng
        away, size = rng.uniform(2.8, 6) * mouth.rx, rng.uniform(0.6, 1.2)
        x = mouth.x + away * (1 if rng.random() < 0.5 else -1)
        inside = self._margin < x < self._grid.x.shape[1] - self._margin
        if not self._recipe.has_mouth or not inside or rng.random() > 0.3:
            return None
        shape = str(rng.choice(("round", "square", "arch")))
        rx, ry = mouth.rx * size, mouth.ry * size
        return replace(mouth, x=x, rx=max(rx, ry * 0.8), ry=ry, shape=shape, side=0)

    def _ground(self, mouth: Mouth) -> tuple[Field, Field]:
        """The still picture and the mask of its water, both with the canvas's size."""
        rng, grid, tiles = self._rng, self._grid, self._tiles
        height, width = grid.x.shape
        banks, waters = self._grounds.banks, self._grounds.waters
        if rng.random() < 0.3:  # a photograph as it is, its own water somewhere in it
            picture = scenery.from_photograph(rng, (*banks, *waters), height, width, (0.0, 1.0))
            water = scenery.step(grid.y - mouth.water_y, 3)
        else:
            picture = scenery.from_photograph(rng, banks, height, width, (0.0, 0.75))
            if rng.random() < 0.45:
                picture = scenery.wall(rng, tiles, grid)
            if rng.random() < 0.5:
                surface = scenery.from_photograph(rng, (*waters, *banks), height, width, (0.55, 1))
            else:
                surface = scenery.river(rng, tiles, grid, picture, mouth.water_y)
            steepness = 0.3 if self._recipe.kind == "gate" or rng.random() < 0.2 else 0.08
            slope = (grid.x - mouth.x) * np.float32(rng.normal(0, steepness))
            water = scenery.step(grid.y - mouth.water_y - slope, rng.uniform(0.5, 2))
            picture = scenery.blend(picture, surface, water)
        if rng.random() < 0.25:
            picture = scenery.pale_things(rng, picture)
        if self._recipe.has_mouth:
            picture = self._with_mouth(picture, mouth, water)
        if self._second is not None:
            picture = self._with_mouth(picture, self._second, water)
        return picture, water

    def _with_mouth(self, picture: Field, mouth: Mouth, water: Field) -> Field:
        rng, tiles, grid = self._rng, self._tiles, self._grid
        held = scenery.with_mouth(rng, tiles, grid, picture, mouth)
        above = scenery.step(mouth.water_y + 1 - grid.y)
        held = scenery.blend(picture, held, above)
        stained = {"dry": 0.45, "trickle": 0.5}.get(self._recipe.kind, 0.15)
        if rng.random() < stained:
            held = scenery.stained(rng, tiles, grid, held, mouth)
        if rng.random() < 0.4:  # the mouth and its wall mirrored in the river
            mirrored = np.clip(2 * mouth.water_y - grid.y, 0, grid.y.shape[0] - 1)
            image = cv2.remap(held, grid.x, mirrored, cv2.INTER_LINEAR)
            near = scenery.step(mouth.rx * 2 - np.abs(grid.x - mouth.x), 4) * water
            held = scenery.blend(held, np.asarray(image), near * np.float32(rng.uniform(0.2, 0.6)))
        return held

    def _streams(self, mouth: Mouth, water: Field) -> Iterator[tuple[int, Layer]]:
        """What flows, from below to above, each with the index of its mask."""
        rng, tiles, grid, times = self._rng, self._tiles, self._grid, self._times
        recipe = self._recipe
        jet = Jet.drawn(rng, mouth, trickle=recipe.kind == "trickle")
        if recipe.kind == "level":
            jet = replace(jet, top_y=mouth.lip_y - mouth.ry * rng.uniform(0, 0.5))
        shot = Trail.shot(rng, mouth)
        trail = Trail.drawn(rng, jet.foot_x, mouth.water_y + jet.half * 0.5, mouth.rx)
        if recipe.kind == "gate":
            trail = shot.after(rng)
        if recipe.dye:
            yield 2, streams.dye(rng, tiles, grid, trail, times).within(water)
        if recipe.film:
            yield 3, streams.sheen(rng, tiles, grid, trail, times).within(water)
        if recipe.foam:
            yield 1, streams.foam(rng, tiles, grid, trail, times).within(water)
        if recipe.kind == "gate":
            yield 0, streams.tongue(rng, tiles, grid, shot, times)
        elif recipe.flows:
            yield 0, streams.falling(rng, tiles, grid, jet, times)
            if recipe.kind != "trickle" or rng.random() < 0.5:
                yield 0, streams.splash(rng, tiles, grid, jet, times)

    def _whitened(self, scene: Field, water: Field) -> Field:
        """White water that no outfall brings."""
        rng, tiles, grid, times = self._rng, self._tiles, self._grid, self._times
        sill, boat = rng.random(2) < (0.12, 0.07)
        if sill:
            scene = disturbance.weir(rng, tiles, grid, scene, water, times)
        if boat:
            scene = disturbance.wake(rng, tiles, grid, scene, water, times)
        return scene

    def _disturbed(self, scene: Field, water: Field) -> Field:
        rng, tiles, grid, times = self._rng, self._tiles, self._grid, self._times
        glints, wind, people, shade = rng.random(4) < (0.3, 0.4, 0.25, 0.2)
        if glints:
            scene = disturbance.glare(rng, tiles, grid, scene, water, times)
        if wind:
            scene = disturbance.foliage(rng, tiles, grid, scene, 1 - water, times)
        if people:
            scene = disturbance.passing(rng, scene, times)
        if shade:
            scene = disturbance.shadow(rng, grid, scene, times)
        return scene

    def _filmed(self, scene: Field, masks: list[Field], mouth: Mouth) -> Sample:
        """Through the camera: tilted, shaken, rained on, exposed, overlaid, packed."""
        rng, (height, width) = self._rng, self._size
        view = self._view()
        shake = rng.uniform(0, 1.5) if rng.random() < 0.25 else 0.0
        seen = []
        for picture in scene:
            moved = view.copy()
            moved[:, 2] += rng.normal(0, shake, 2)
            seen.append(_warped(picture, moved, width, height))
        scene = np.stack(seen)
        if rng.random() < 0.08:
            scene = disturbance.rain(rng, self._tiles, Grid.of(height, width), scene)
        scene = disturbance.lit(rng, scene)
        truth = np.stack([_warped(mask, view, width, height) for mask in masks])
        if rng.random() < 0.3:
            scene, truth = disturbance.overlaid(rng, scene, truth)
        return Sample(
            stack=disturbance.recorded(rng, scene),
            masks=truth,
            labels=self._labels(truth),
            mouth=self._seen(view, mouth) if self._recipe.has_mouth else None,
            times_s=self._times,
        )

    def _view(self) -> NDArray[np.float64]:
        """From canvas to picture: a little rotation and shear about the middle."""
        rng, (height, width) = self._rng, self._size
        tilt, shear = rng.normal(0, 0.05), rng.normal(0, 0.1)
        turn = np.array(((np.cos(tilt), shear - np.sin(tilt)), (np.sin(tilt), np.cos(tilt))))
        middle = np.array((width / 2, height / 2))
        shift = middle - turn @ (middle + self._margin)
        return np.hstack([turn, shift[:, None]])

    def _seen(
        self, view: NDArray[np.float64], mouth: Mouth
    ) -> tuple[float, float, float, float] | None:
        """The mouth's rectangle in the picture, None where it is out of it."""
        opening = _warped(scenery.opening(self._grid, mouth), view, *self._size[::-1]) > 0.5
        rows, columns = np.flatnonzero(opening.any(axis=1)), np.flatnonzero(opening.any(axis=0))
        if not len(rows):
            return None
        return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)

    def _labels(self, truth: Field) -> Field:
        shown = (truth[:4] > SEEN).sum(axis=(1, 2)) >= _LEAST
        return np.array((not shown.any(), *shown), np.float32)


def _warped(picture: Field, view: NDArray[np.float64], width: int, height: int) -> Field:
    moved = cv2.warpAffine(
        picture, view, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    return np.asarray(moved, np.float32)
