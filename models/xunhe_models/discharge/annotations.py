"""Our annotations of the real outfall clips: mouths, intervals, and overlays to be masked."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import cv2
import numpy as np

from xunhe_models.discharge.textures import Image
from xunhe_models.discharge.zones import Rectangle


@dataclass(frozen=True, slots=True)
class Interval:
    """From `start_s` up to `end_s` a mouth shows `states` of CLASSES."""

    start_s: float
    end_s: float
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnnotatedMouth:
    """An opening, the zone a person would draw for it, a patch of river, and when it flows."""

    name: str
    mouth: Rectangle
    zone: Rectangle
    upstream: Rectangle | None
    intervals: tuple[Interval, ...]

    def states(self, time_s: float) -> tuple[str, ...]:
        """What it shows at that time; nothing where it is not to be seen."""
        for one in self.intervals:
            if one.start_s <= time_s <= max(one.end_s, one.start_s):
                return one.states
        return ()


@dataclass(frozen=True, slots=True)
class AnnotatedFile:
    """A clip or still: its mouths, and rectangles that somebody burnt in."""

    name: str
    mouths: tuple[AnnotatedMouth, ...]
    overlays: tuple[Rectangle, ...]
    blackouts: tuple[tuple[float, float], ...]

    @property
    def is_still(self) -> bool:
        """A picture, not a clip."""
        return not self.name.endswith(".mp4")

    def is_blacked_out(self, time_s: float) -> bool:
        """The mouths are covered."""
        return any(start <= time_s <= end for start, end in self.blackouts)

    def masked(self, bgr: Image) -> Image:
        """The picture without overlays: rectangles and pure magenta are painted over."""
        mask = _magenta(bgr)
        for x0, y0, x1, y1 in self.overlays:
            mask[round(y0) : round(y1), round(x0) : round(x1)] = 255
        return np.asarray(cv2.inpaint(bgr, mask, 3, cv2.INPAINT_TELEA), np.uint8)


def annotated_files() -> tuple[AnnotatedFile, ...]:
    """From `labels/outfall.json`, in its order."""
    text = files("xunhe_models").joinpath("labels/outfall.json").read_text(encoding="utf-8")
    return tuple(_file(name, entry) for name, entry in json.loads(text)["files"].items())


def _magenta(bgr: Image) -> Image:
    blue, green, red = (bgr[..., k].astype(np.int16) for k in range(3))
    strong = (blue > 130) & (red > 130) & (np.minimum(blue, red) - green > 70)
    return np.asarray(cv2.dilate(strong.astype(np.uint8) * 255, np.ones((3, 3), np.uint8)))


def _file(name: str, entry: dict[str, Any]) -> AnnotatedFile:
    return AnnotatedFile(
        name=name,
        mouths=tuple(_mouth(one) for one in entry["mouths"]),
        overlays=tuple(tuple(one["xyxy"]) for one in entry["overlays"]),
        blackouts=tuple((one["start_s"], one["end_s"]) for one in entry["blackouts"]),
    )


def _mouth(entry: dict[str, Any]) -> AnnotatedMouth:
    upstream = entry.get("upstream")
    return AnnotatedMouth(
        name=entry["name"],
        mouth=tuple(entry["mouth"]),
        zone=tuple(entry["zone"]),
        upstream=tuple(upstream) if upstream else None,
        intervals=tuple(
            Interval(one["start_s"], one["end_s"], tuple(one["states"]))
            for one in entry["intervals"]
        ),
    )
