"""Copies of the frames with boxes drawn on them, for people to look at."""

from pathlib import Path, PurePosixPath

import cv2
from PIL import Image

from xunhe_models.images import Frame
from xunhe_models.marking import Edges, Mark, draw
from xunhe_tools.detect.line import Found, Line, alarms
from xunhe_tools.detect.sources import Source

_FAINT = 0.1  # fainter boxes are in the JSON file; drawn, they would hide the picture


class Annotator:
    """Writes into `folder`: a copy of each picture, and of a video's frames those with alarms.

    Labels are Chinese where a font for them is installed, English otherwise. OSError where the
    folder cannot be written. Safe to use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def draw(self, source: Source, frame: Frame, line: Line) -> None:
        """Write the copy of one frame, unless it is one of a video without alarms."""
        if frame.time_s is not None and not alarms(line):
            return
        target = self.target(source, frame.time_s)
        target.parent.mkdir(parents=True, exist_ok=True)
        _drawn(frame, line).save(target, quality=90)

    def target(self, source: Source, time_s: float | None = None) -> Path:
        """Where the copy goes: PNG for PNG, JPEG for all others."""
        parts = [part for part in PurePosixPath(source.name).parts if part not in ("/", "..")]
        copy = self._folder.joinpath(*parts)
        if time_s is not None:
            return copy.with_name(f"{copy.name}-{time_s:010.3f}s.jpg")
        kept = copy.suffix.lower() in (".jpg", ".jpeg", ".png")
        return copy if kept else copy.with_name(f"{copy.name}.jpg")


def _drawn(frame: Frame, line: Line) -> Image.Image:
    picture = Image.fromarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2RGB))
    boxes = [(found, _mark(found, frame)) for found in line.get("detections", [])]
    raised = [mark for found, mark in boxes if found["alarm"]]
    faint = [mark for found, mark in boxes if not found["alarm"] and found["score"] >= _FAINT]
    draw(picture, raised, faint)
    return picture


def _mark(found: Found, frame: Frame) -> Mark:
    return Mark(_on_frame(found, frame), found["label"], f"{found['score']:.2f}")


def _on_frame(found: Found, frame: Frame) -> Edges:
    """First and last pixels of a box, on the frame in memory."""
    (scale_x, scale_y), (x0, y0, x1, y1) = frame.scale_xy, found["xyxy"]
    left, top = x0 / scale_x, y0 / scale_y
    return left, top, max(left, x1 / scale_x - 1), max(top, y1 / scale_y - 1)
