"""The real clips and stills against our annotations, and false alarms on held-out photographs.

    python -m xunhe_models.discharge.evaluate --data DATA --model discharge.onnx

Each mouth is judged twice a second as a zone, by the network, the signals and both; whole frames
are judged as `xunhe detect` does, where nobody says where the mouths are. Overlays are masked, and
once more left in, since the clips of users have them. JSON on standard output.
"""

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from xunhe_models.detector import ModelError
from xunhe_models.discharge.annotations import AnnotatedFile, AnnotatedMouth, annotated_files
from xunhe_models.discharge.finder import Finder, Found
from xunhe_models.discharge.grounds import held_out
from xunhe_models.discharge.joint import classical_score
from xunhe_models.discharge.watch import followed
from xunhe_models.discharge.zones import chosen, cropped
from xunhe_models.images import Frame, read_image
from xunhe_models.videos import read_video

_EVERY_S = 0.5
_WAYS = ("network", "classical", "joined")
_NEAR_IOA = 0.15  # of a mouth's zone that an alarm must cover to be about this mouth


def frames_of(data: Path, file: AnnotatedFile, masked: bool) -> Iterator[Frame]:
    """Its frames twice a second without the blacked-out ones; overlays masked where asked."""
    path = data / "outfall" / file.name
    frames: Iterable[Frame] = [read_image(path)] if file.is_still else read_video(path, _EVERY_S)
    for frame in frames:
        if not file.is_blacked_out(frame.time_s or 0.0):
            bgr = file.masked(frame.bgr) if masked else frame.bgr
            yield Frame(bgr, frame.width, frame.height, frame.number, frame.time_s)


def seen_by(frames: list[Frame], last: int) -> list[Frame]:
    """The two seconds of frames, with some grace, that end with the frame `last`."""
    return [one for one in frames[: last + 1] if _time(frames[last]) - _time(one) < 2.2]


def zone_scores(finder: Finder, frames: list[Frame], mouth: AnnotatedMouth) -> list[dict[str, Any]]:
    """For each frame the truth and the score of flowing in each of the three ways.

    ModelError where the file has no rule for the signals alone.
    """
    rule = finder.card.rule("classical")
    if rule is None:
        raise ModelError(
            f"{finder.card.name}: no rule `classical` in the model's metadata;"
            " fit the rules with `python -m xunhe_models.discharge.joint`"
        )
    rows = []
    for last in range(len(frames)):
        since = seen_by(frames, last)
        times = [_time(frame) for frame in since]
        picks = chosen(times, finder.card.frames, finder.span_s) if len(since) > 1 else [0]
        crops = cropped([since[pick].bgr for pick in picks], mouth.zone, finder.card.size)
        scores, _ = finder.features(crops)
        joined = finder.zone([frame.bgr for frame in since], times, mouth.zone).flowing
        rows.append(
            {
                "time_s": times[-1],
                "flows": "flowing" in mouth.states(times[-1]),
                "network": float(scores[1]),
                "classical": classical_score(rule, crops),
                "joined": joined,
            }
        )
    return rows


def summed_up(rows: list[dict[str, Any]], way: str, limit: float) -> dict[str, float]:
    """Share of the moments judged rightly, and the longest stretch of wrong ones in seconds."""
    wrong = [(row[way] >= limit) != row["flows"] for row in rows]
    longest = run = 0
    for one in wrong:
        run = run + 1 if one else 0
        longest = max(longest, run)
    scores = [row[way] for row in rows]
    return {
        "right": round(1 - sum(wrong) / len(wrong), 4),
        "longest_wrong_s": longest * _EVERY_S,
        "score_min": round(min(scores), 3),
        "score_median": round(float(np.median(scores)), 3),
        "score_max": round(max(scores), 3),
    }


def whole_frames(finder: Finder, file: AnnotatedFile, frames: list[Frame]) -> dict[str, Any]:
    """Alarms of flowing by mouth and elsewhere, as shares of the frames."""
    told = list(followed(finder, frames))
    result: dict[str, Any] = {"frames": len(told), "mouths": {}}
    for mouth in file.mouths:
        hits = [any(_about(one, mouth) for one in _flowing(found)) for _, found in told]
        result["mouths"][mouth.name] = {
            "truth": mouth.states(_time(told[-1][0])),
            "alarmed": round(sum(hits) / len(hits), 4),
            "longest_s": _longest(hits) * _EVERY_S,
        }
    stray = [
        any(not any(_about(one, mouth) for mouth in file.mouths) for one in _flowing(found))
        for _, found in told
    ]
    result["elsewhere"] = round(sum(stray) / len(stray), 4)
    result["elsewhere_longest_s"] = _longest(stray) * _EVERY_S
    others = {one.label for _, found in told for one in found if one.alarm} - {"flowing"}
    result["other_alarms"] = sorted(others)
    return result


def _flowing(found: list[Found]) -> list[Found]:
    return [one for one in found if one.alarm and one.label == "flowing"]


def _about(one: Found, mouth: AnnotatedMouth) -> bool:
    """An alarm is about a mouth if it covers enough of its zone and its middle lies in it."""
    x0, y0, x1, y1 = mouth.zone
    a0, b0, a1, b1 = one.xyxy
    shared = max(0.0, min(x1, a1) - max(x0, a0)) * max(0.0, min(y1, b1) - max(y0, b0))
    x, y = (a0 + a1) / 2, (b0 + b1) / 2
    inside = x0 - 15 <= x <= x1 + 15 and y0 - 15 <= y <= y1 + 15
    return inside and shared / ((x1 - x0) * (y1 - y0)) >= _NEAR_IOA


def _longest(flags: list[bool]) -> int:
    longest = run = 0
    for one in flags:
        run = run + 1 if one else 0
        longest = max(longest, run)
    return longest


def false_alarms(finder: Finder, data: Path) -> dict[str, Any]:
    """Photographs without an outfall that raise an alarm, by label; highest scores beside."""
    paths = held_out(data)
    best: dict[str, list[float]] = {label: [] for label in finder.labels}
    for path in paths:
        found = finder.still(read_image(path).bgr)
        for label in finder.labels:
            best[label].append(max((o.score for o in found if o.label == label), default=0.0))
    limits = dict(zip(finder.labels, finder.thresholds, strict=True))
    return {
        label: {
            "pictures": len(paths),
            "alarmed": sum(score >= limits[label] for score in scores),
            "top": [round(score, 3) for score in sorted(scores)[::-1][:12]],
        }
        for label, scores in best.items()
    }


def evaluated(finder: Finder, data: Path, masked: bool) -> dict[str, Any]:
    """All files: zones in three ways, whole frames."""
    limit = finder.card.thresholds["flowing"]
    result: dict[str, Any] = {}
    for file in annotated_files():
        frames = list(frames_of(data, file, masked))
        zones = {}
        for mouth in file.mouths:
            rows = zone_scores(finder, frames, mouth)
            zones[mouth.name] = {way: summed_up(rows, way, limit) for way in _WAYS}
        result[file.name] = {"zones": zones, "whole": whole_frames(finder, file, frames)}
    return result


def _time(frame: Frame) -> float:
    return frame.time_s or 0.0


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the shared data folder")
    parser.add_argument("--model", type=Path, required=True, help="the ONNX file")
    given = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        finder = Finder(given.model)
        figures = {
            "masked": evaluated(finder, given.data, masked=True),
            "overlays left in": evaluated(finder, given.data, masked=False),
            "false alarms": false_alarms(finder, given.data),
        }
    except ModelError as error:
        parser.error(str(error))
    print(json.dumps(figures, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
