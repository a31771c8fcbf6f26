"""The models that look at frames, by the name that the command gives them."""

from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Protocol

import numpy as np

from xunhe_models.boxes import Detections
from xunhe_models.detector import Detector, ModelError, kind_of
from xunhe_models.discharge.finder import Finder
from xunhe_models.discharge.watch import followed
from xunhe_models.images import Frame
from xunhe_models.tiles import Tiling, detect_tiled
from xunhe_tools.detect.line import Line, line_of


class Model(Protocol):
    """Turns the frames of one source into lines, one a frame and in their order.

    A model `by_frame` looks at each frame by itself: several of it share a source's frames. Any
    other sees all frames of a source, in order; it may lag behind them.
    """

    by_frame: bool

    def lines(self, frames: Iterable[Frame]) -> Iterator[Line]:
        """The lines, without `image`."""


class DebrisModel:
    """A detector, on whole frames and tiles."""

    by_frame = True

    def __init__(self, path: Path, tiling: Tiling) -> None:
        self._detector = Detector(path)
        self._tiling = tiling

    def lines(self, frames: Iterable[Frame]) -> Iterator[Line]:
        """A line a frame."""
        for frame in frames:
            found = detect_tiled(self._detector, frame.bgr, self._tile(frame))
            yield line_of(frame, found, self._detector.classes, self._detector.thresholds)

    def _tile(self, frame: Frame) -> Tiling:
        """The side that was asked for, which is in pixels of the original."""
        if not isinstance(self._tiling, int):
            return self._tiling
        return max(1, round(self._tiling / max(frame.scale_xy)))


class DischargeModel:
    """What flows out of outfalls: two seconds of a video at a time, or a still by its looks."""

    by_frame = False

    def __init__(self, path: Path, _tiling: Tiling) -> None:
        self._finder = Finder(path)

    def lines(self, frames: Iterable[Frame]) -> Iterator[Line]:
        """A line a frame."""
        labels = self._finder.labels
        for frame, flowing in followed(self._finder, frames):
            found = Detections(
                np.array([one.xyxy for one in flowing], np.float32).reshape(-1, 4),
                np.array([one.score for one in flowing], np.float32),
                np.array([labels.index(one.label) for one in flowing], np.int64),
            )
            yield line_of(frame, found, labels, self._finder.thresholds)


def open_models(name: str, tiling: Tiling, count: int) -> list[Model]:
    """`count` models of a shipped name, or of a detector's file; fewer where one is enough.

    ModelError says what is wrong, and what to try next.
    """
    opened: list[Model] = []
    opener, path = _found(name)
    while len(opened) < count and all(model.by_frame for model in opened):
        opened.append(opener(path, tiling))
    return opened


_SHIPPED: dict[str, Callable[[Path, Tiling], Model]] = {
    "debris": DebrisModel,
    "discharge": DischargeModel,
}


def _found(name: str) -> tuple[Callable[[Path, Tiling], Model], Path]:
    if name in _SHIPPED:
        path = Path(str(files("xunhe_models"))) / "shipped" / f"{name}.onnx"
        if not path.is_file():
            raise ModelError(
                f"the {name} model is not in this installation ({path} is missing): install xunhe"
                " again, or name a file with --model FILE.onnx"
            )
        return _SHIPPED[name], path
    path = Path(name)
    if not path.is_file():
        raise ModelError(
            f"unknown model {name}: --model takes {', '.join(_SHIPPED)} or an existing FILE.onnx"
        )
    opener = DischargeModel if kind_of(path) == "discharge" else DebrisModel
    return opener, path
