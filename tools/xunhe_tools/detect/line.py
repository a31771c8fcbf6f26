"""A line of the JSON file, and its writers."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NotRequired, TypedDict

import typer

from xunhe_models.boxes import Detections
from xunhe_models.images import Frame


class Found(TypedDict):
    """One box: `xyxy` in pixels of the original; `alarm` from the class's threshold on."""

    label: str
    score: float
    xyxy: list[float]
    alarm: bool


class Line(TypedDict):
    """One frame, or what is wrong with a file."""

    image: NotRequired[str]  # first in the file; the runner knows it, the model does not
    time_s: NotRequired[float]
    frame: NotRequired[int]
    width: NotRequired[int]
    height: NotRequired[int]
    detections: NotRequired[list[Found]]
    error: NotRequired[str]


def line_of(
    frame: Frame, found: Detections, classes: tuple[str, ...], thresholds: tuple[float, ...]
) -> Line:
    """What was found on a frame, from the frame's pixels to those it is stored with.

    The alarm is judged by the score as written, so that the line agrees with itself.
    """
    stored = found.mapped(frame.scale_xy, (0, 0)).clipped(frame.width, frame.height)
    line: Line = {}
    if frame.time_s is not None and frame.number is not None:
        line = {"time_s": round(frame.time_s, 3), "frame": frame.number}
    detections: list[Found] = []
    for xyxy, score, class_id in zip(
        stored.xyxy.tolist(), stored.score.tolist(), stored.class_id.tolist(), strict=True
    ):
        written = round(score, 4)
        detections.append(
            {
                "label": classes[class_id],
                "score": written,
                "xyxy": [round(value, 2) for value in xyxy],
                "alarm": written >= thresholds[class_id],
            }
        )
    return {**line, "width": frame.width, "height": frame.height, "detections": detections}


def alarms(line: Line) -> list[Found]:
    """The boxes that raise an alarm."""
    return [found for found in line.get("detections", []) if found["alarm"]]


@contextmanager
def writing(target: Path | None) -> Iterator[Callable[[Line], None]]:
    """Write lines to a file, to standard output where it is `-`, or nowhere.

    Each line is flushed: what was written stays, however the run ends. OSError as `open` and
    `write` raise it.
    """
    if target is None:
        yield lambda _line: None
    elif str(target) == "-":
        yield lambda line: typer.echo(_text(line).encode("utf-8"))  # whatever the locale
    else:
        with target.open("w", encoding="utf-8", buffering=1) as file:
            yield lambda line: print(_text(line), file=file, flush=True)


def _text(line: Line) -> str:
    return json.dumps(line, ensure_ascii=False)
