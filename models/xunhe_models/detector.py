"""A detector in an ONNX file: pictures in, boxes out, on one thread.

The file. Input `image` float32 (1, 3, S, S), BGR, 0..255, the picture at the top left with its
aspect kept and the rest grey. Outputs `boxes` float32 (1, A, 4), xyxy in input pixels, and `scores`
float32 (1, A, C), 0..1. Metadata: see `ModelCard`.

The overhead over the bare run is kept under a millisecond: buffers are reused (a fresh array of
2 MB costs 3 to 6 ms), and nothing but the candidates leaves numpy's compiled loops.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as failures

from xunhe_models.boxes import Detections, Floats, nms

MIN_SCORE = 0.01
MAX_CANDIDATES = 1000
MAX_BOXES = 300
NMS_IOU = 0.5

# ONNX Runtime's exceptions have no common base of their own.
_FAILURES = (
    failures.Fail,
    failures.InvalidArgument,
    failures.InvalidGraph,
    failures.InvalidProtobuf,
    failures.NoModel,
    failures.NotImplemented,
    failures.RuntimeException,
)
_KEYS = ("kind", "name", "classes", "input", "thresholds", "tile", "data_sha256", "git_commit")


class ModelError(ValueError):
    """A model file that is missing, damaged or not what it should be; names the file."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """The metadata inside a detector's file.

    `thresholds` are the scores from which a class raises an alarm; `tile` the side, in pixels of
    the picture, of the tiles that suit the model; `size` the side S of its input; `whole_frame` the
    classes of large things, not looked for on tiles.
    """

    name: str
    classes: tuple[str, ...]
    thresholds: tuple[float, ...]
    size: int
    pad: int
    tile: int
    data_sha256: str
    git_commit: str
    whole_frame: tuple[str, ...] = ()

    @classmethod
    def read(cls, file: Path, metadata: dict[str, str]) -> Self:
        """From the strings in the file; ModelError names the key that is missing or wrong."""
        for key in _KEYS:
            if key not in metadata:
                raise ModelError(f"{file}: the metadata has no `{key}`; export the model again")
        if metadata["kind"] != "detector":
            raise ModelError(f"{file}: `kind` is {metadata['kind']!r}, a detector is needed")
        try:
            return cls._parsed(metadata)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"{file}: {error}") from error

    @classmethod
    def _parsed(cls, metadata: dict[str, str]) -> Self:
        classes = tuple(_structure(metadata, "classes", list))
        thresholds = _structure(metadata, "thresholds", dict)
        picture = _structure(metadata, "input", dict)
        if not classes or not all(isinstance(label, str) for label in classes):
            raise ValueError(f"`classes` must be a list of names, not {metadata['classes']}")
        if picture.get("order") != "BGR" or picture.get("range") != [0, 255]:
            raise ValueError(f"`input` must be BGR in [0, 255], not {metadata['input']}")
        return cls(
            name=metadata["name"],
            classes=classes,
            thresholds=tuple(_fraction(thresholds, label) for label in classes),
            size=_whole(picture, "size", 1),
            pad=_whole(picture, "pad", 0),
            tile=_whole(metadata, "tile", 1),
            data_sha256=metadata["data_sha256"],
            git_commit=metadata["git_commit"],
            whole_frame=_some_of(metadata, "whole_frame", classes),
        )


class Letterbox:
    """Fits pictures into a square of `size` pixels, float32 (1, 3, size, size), in place.

    `blob` is overwritten by every `fill`. Reductions below one half go by exact halves first (a
    mean of 2×2 pixels, ten times as fast as a full area mean), so that glints do not alias.
    """

    def __init__(self, size: int, pad: int) -> None:
        self.blob: Floats = np.empty((1, 3, size, size), np.float32)
        self._size, self._pad = size, pad
        self._canvas = np.full((size, size, 3), pad, np.uint8)
        self._planes = [np.empty((size, size), np.uint8) for _ in range(3)]
        self._halves: list[NDArray[np.uint8]] = []

    def fill(self, bgr: NDArray[np.uint8]) -> tuple[float, float]:
        """Write a picture (H, W, 3) into `blob`; returns its pixels per input pixel, (x, y)."""
        height, width = bgr.shape[:2]
        scale = self._size / max(width, height)
        inside_w, inside_h = max(1, round(width * scale)), max(1, round(height * scale))
        smaller, halvings = self._halved(bgr, scale)
        inside = self._canvas[:inside_h, :inside_w]
        cv2.resize(smaller, (inside_w, inside_h), dst=inside, interpolation=cv2.INTER_LINEAR)
        self._canvas[inside_h:] = self._pad
        self._canvas[:inside_h, inside_w:] = self._pad
        cv2.split(self._canvas, self._planes)
        for plane, channel in zip(self._planes, self.blob[0], strict=True):
            np.copyto(channel, plane)
        # Halves leave out the odd last row and column: count what is really shown.
        shown_h, shown_w = (side << halvings for side in smaller.shape[:2])
        return shown_w / inside_w, shown_h / inside_h

    def _halved(self, bgr: NDArray[np.uint8], scale: float) -> tuple[NDArray[np.uint8], int]:
        halvings = 0
        while scale < 0.5 and min(bgr.shape[:2]) >= 2:
            height, width = bgr.shape[0] // 2, bgr.shape[1] // 2
            half = self._buffer(halvings, height, width)
            even = bgr[: 2 * height, : 2 * width]
            cv2.resize(even, (width, height), dst=half, interpolation=cv2.INTER_AREA)
            bgr, scale, halvings = half, scale * 2, halvings + 1
        return bgr, halvings

    def _buffer(self, level: int, height: int, width: int) -> NDArray[np.uint8]:
        if level == len(self._halves):
            self._halves.append(np.empty((height, width, 3), np.uint8))
        elif self._halves[level].shape[:2] != (height, width):
            self._halves[level] = np.empty((height, width, 3), np.uint8)
        return self._halves[level]


class Detector:
    """A detector with its session and buffers: one per thread.

    ModelError (a ValueError) names a file that is missing, damaged or without its metadata.
    """

    def __init__(self, path: Path, nms_iou: float = NMS_IOU) -> None:
        self._session = open_session(path)
        self.card = ModelCard.read(path, self._session.get_modelmeta().custom_metadata_map)
        _check_graph(path, self._session, self.card)
        self.classes, self.thresholds = self.card.classes, self.card.thresholds
        self.tile, self.size, self.nms_iou = self.card.tile, self.card.size, nms_iou
        self.whole_only = frozenset(map(self.classes.index, self.card.whole_frame))
        self._letterbox = Letterbox(self.card.size, self.card.pad)

    def detect(self, bgr: NDArray[np.uint8]) -> Detections:
        """Boxes of a whole picture, BGR uint8 (H, W, 3), in its pixels and inside it.

        All with a score of at least 0.01 after NMS per class, at most 300, best first.
        """
        if bgr.dtype != np.uint8 or bgr.ndim != 3 or bgr.shape[2] != 3 or bgr.size == 0:
            raise ValueError(f"a picture is BGR uint8 (H, W, 3), not {bgr.dtype} {bgr.shape}")
        scale_xy = self._letterbox.fill(bgr)
        boxes, scores = self._session.run(["boxes", "scores"], {"image": self._letterbox.blob})
        found = candidates(boxes[0], scores[0]).mapped(scale_xy, (0, 0))
        return nms(found.clipped(bgr.shape[1], bgr.shape[0]), self.nms_iou, MAX_BOXES)


def open_session(path: Path) -> Any:
    """An ONNX Runtime session on one thread of the CPU; ModelError if there is none in the file."""
    if not path.is_file():
        raise ModelError(f"{path}: there is no such model file")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4  # what goes wrong is raised
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except _FAILURES as error:
        raise ModelError(f"{path}: ONNX Runtime cannot read it: {error}") from error


def kind_of(path: Path) -> str:
    """What the file says it is ("detector", "discharge"); empty where it says nothing."""
    metadata: dict[str, str] = open_session(path).get_modelmeta().custom_metadata_map
    return metadata.get("kind", "")


def candidates(boxes: Floats, scores: Floats) -> Detections:
    """The at most 1,000 best pairs of a box (A, 4) and a class of `scores` (A, C), from 0.01 up.

    A box may stand for two classes. Boxes and scores that are not finite are left out.
    """
    anchor, class_id = np.nonzero(scores >= MIN_SCORE)
    score = scores[anchor, class_id]
    if len(score) > MAX_CANDIDATES:
        best = np.argpartition(-score, MAX_CANDIDATES)[:MAX_CANDIDATES]
        anchor, class_id, score = anchor[best], class_id[best], score[best]
    xyxy = boxes[anchor]
    finite = np.isfinite(xyxy).all(axis=1) & np.isfinite(score)
    return Detections(xyxy[finite], score[finite], class_id[finite])


def _check_graph(path: Path, session: Any, card: ModelCard) -> None:
    """The graph's inputs and outputs agree with the metadata."""
    shapes = {node.name: node.shape for node in (*session.get_inputs(), *session.get_outputs())}
    side = card.size
    wanted: dict[str, list[int | None]] = {
        "image": [1, 3, side, side],
        "boxes": [1, None, 4],
        "scores": [1, None, len(card.classes)],
    }
    for name, expected in wanted.items():
        if name not in shapes:
            raise ModelError(f"{path}: the graph has no `{name}`, only {', '.join(shapes)}")
        if not _agree(shapes[name], expected):
            raise ModelError(f"{path}: `{name}` is {shapes[name]}, the metadata say {expected}")


def _agree(shape: list[int | str | None], expected: list[int | None]) -> bool:
    """Whether two shapes can be the same; axes without a fixed length agree with any."""
    if len(shape) != len(expected):
        return False
    fixed = (
        (a, b) for a, b in zip(shape, expected, strict=True) if isinstance(a, int) and b is not None
    )
    return all(a == b for a, b in fixed)


def _structure(metadata: dict[str, str], key: str, kind: type) -> Any:
    value = json.loads(metadata[key])
    if not isinstance(value, kind):
        raise ValueError(f"`{key}` must be a JSON {kind.__name__}, not {metadata[key]}")
    return value


def _some_of(metadata: dict[str, str], key: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """A list of some of the classes; empty where the key is missing."""
    chosen = tuple(_structure(metadata, key, list)) if key in metadata else ()
    for label in chosen:
        if label not in classes:
            raise ValueError(f"`{key}` names {label!r}, which is none of the classes")
    return chosen


def _fraction(thresholds: dict[str, Any], label: str) -> float:
    if label not in thresholds:
        raise ValueError(f"`thresholds` has none for the class {label}")
    value = float(thresholds[label])
    if not 0 <= value <= 1:
        raise ValueError(f"the threshold of {label} must be in 0..1, not {value}")
    return value


def _whole(values: dict[str, Any], key: str, least: int) -> int:
    if key not in values:
        raise ValueError(f"`input` has no `{key}`")
    value = int(values[key])
    if value < least:
        raise ValueError(f"`{key}` must be at least {least}, not {value}")
    return value
