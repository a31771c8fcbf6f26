"""Runs detectors over the sets, and joins their figures.

Every picture is read once for all models. Boxes found at sites that a model was trained on say
little: unless the evaluation is a full one, such a model sees every fourth picture of the set only.
Of the negatives, it never counts those of a site that it was trained on.
"""

import hashlib
import importlib.util
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.boxes import Detections
from xunhe_models.data.pictures import IGNORE, Picture
from xunhe_models.data.reading import clip_of, frames_of
from xunhe_models.evaluate.latency import latency
from xunhe_models.evaluate.metrics import class_figures, negative_figures, tidy
from xunhe_models.evaluate.sets import EvaluationSet, name_of
from xunhe_models.evaluate.subjects import Subject
from xunhe_models.evaluate.tally import Sight
from xunhe_models.images import UnreadableError
from xunhe_models.tiles import Tiling

EVERY_NTH_SEEN = 4
_SAMPLES = 8  # pictures for latency and parity
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """`full`: tiles of fixed sides too, and all pictures even of sets that a model was trained on.

    `checkpoint` holds the torch weights of the models, for parity.
    """

    data: Path
    full: bool = False
    seed: int = 1
    checkpoint: Path | None = None

    @property
    def tilings(self) -> tuple[Tiling, ...]:
        """Whole frame, the model's own tiles, and sides in pixels."""
        return ("off", "auto", 320, 640) if self.full else ("off", "auto")


@dataclass(slots=True)
class Run:
    """What one model found on one set with one tiling."""

    subject: Subject
    of: EvaluationSet
    tiling: Tiling
    sights: list[Sight] = field(default_factory=list)
    _units: dict[Path, int] = field(default_factory=dict)

    def add(self, picture: Picture, found: Detections) -> None:
        """Frames of one clip are one unit of the bootstrap."""
        unit = self._units.setdefault(clip_of(picture) or picture.path, len(self._units))
        self.sights.append(Sight(picture, found, unit))


@dataclass(slots=True)
class Evaluation:
    """`runs` in the order of sets, models, tilings; `unreadable` names what no one saw."""

    runs: list[Run] = field(default_factory=list)
    sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    samples: list[NDArray[np.uint8]] = field(default_factory=list)


def evaluate(
    subjects: Sequence[Subject], sets: Iterable[EvaluationSet], plan: Plan, progress: Progress
) -> Evaluation:
    """Look at every set with every model; `progress` hears of set, pictures done, and all."""
    evaluation = Evaluation()
    for each in sets:
        unreadable = _look_at(each, subjects, plan, progress, evaluation)
        evaluation.sets[each.name] = _about(each, unreadable, plan.data)
    return evaluation


def figures(evaluation: Evaluation, subjects: Sequence[Subject], plan: Plan) -> dict[str, Any]:
    """All figures, as they stand in the JSON."""
    return {
        "seed": plan.seed,
        "full": plan.full,
        "intervals": "95 %, two-sided; of AP, precision and recall by 1000 bootstraps of the"
        " pictures, with all frames of a clip as one",
        "sets": evaluation.sets,
        "models": [_of_model(subject, evaluation, plan) for subject in subjects],
    }


def _look_at(
    of: EvaluationSet,
    subjects: Sequence[Subject],
    plan: Plan,
    progress: Progress,
    evaluation: Evaluation,
) -> list[dict[str, str]]:
    runs = {(s.name, t): Run(s, of, t) for s in subjects for t in plan.tilings}
    chosen = {s.name: _chosen(s, of, plan) for s in subjects}
    unreadable, total = [], len(of.pictures)
    for i, (picture, frame) in enumerate(frames_of(of.pictures)):
        progress(of.name, i, total)
        if isinstance(frame, UnreadableError):
            unreadable.append({"image": name_of(picture, plan.data), "error": str(frame)})
            continue
        if len(evaluation.samples) < _SAMPLES and i % 16 == 0:
            evaluation.samples.append(frame.bgr)
        for subject in (s for s in subjects if picture.path in chosen[s.name]):
            for tiling, found in subject.look(frame, plan.tilings).items():
                runs[subject.name, tiling].add(picture, found)
    progress(of.name, total, total)
    evaluation.runs += [run for run in runs.values() if run.sights]
    return unreadable


def _chosen(subject: Subject, of: EvaluationSet, plan: Plan) -> set[Path]:
    """The pictures that a model looks at."""
    seen = subject.saw(of.sites) or ()
    if not of.classes:
        return {picture.path for picture in of.pictures if picture.site not in seen}
    step = EVERY_NTH_SEEN if seen and not plan.full else 1
    return {picture.path for picture in of.pictures[::step]}


def _about(of: EvaluationSet, unreadable: list[dict[str, str]], data: Path) -> dict[str, Any]:
    labels = hashlib.sha256()
    for picture in of.pictures:
        labels.update(f"{name_of(picture, data)} {picture.site} {picture.boxes}\n".encode())
    boxes = Counter(box.label for picture in of.pictures for box in picture.boxes)
    clips = [clip for picture in of.pictures if (clip := clip_of(picture)) is not None]
    return {
        "title": of.title,
        "pictures": len(of.pictures),
        "clip_frames": len(clips),
        "clips": len(set(clips)),
        "sites": of.sites,
        "boxes": {label: boxes[label] for label in of.classes},
        "places_left_out": boxes[IGNORE],
        "shares_places_with_training": of.near,
        "labels_sha256": labels.hexdigest(),
        "unreadable": unreadable,
        **({} if of.pictures else {"skipped": f"no picture of this set in {data}"}),
    }


def _of_model(subject: Subject, evaluation: Evaluation, plan: Plan) -> dict[str, Any]:
    by_set: dict[str, Any] = {}
    for run in (r for r in evaluation.runs if r.subject is subject):
        sites = sorted({sight.picture.site for sight in run.sights})
        held: dict[str, Any] = {
            "pictures": len(run.sights),
            "clips": len({clip_of(sight.picture) for sight in run.sights} - {None}),
            "trained_on_sites": subject.saw(sites),
            "sites_left_out": [site for site in run.of.sites if site not in sites],
            "tilings": {},
        }
        by_set.setdefault(run.of.name, held)["tilings"][_key(run.tiling)] = _of_run(run, plan.seed)
    return {
        **subject.about(),
        "sets": by_set,
        "sets_left_out": [name for name in evaluation.sets if name not in by_set],
        "latency": _latency(subject, evaluation.samples),
        "parity": _parity(subject, evaluation.samples, plan.checkpoint),
    }


def _key(tiling: Tiling) -> str:
    return {"off": "whole", "auto": "auto"}.get(str(tiling), f"tiles_{tiling}")


def _of_run(run: Run, seed: int) -> dict[str, Any]:
    if not run.of.classes:
        return negative_figures(run.sights, run.subject.thresholds)
    return {
        label: class_figures(run.sights, label, threshold, seed)
        for label, threshold in run.subject.thresholds.items()
        if label in run.of.classes
    }


def _latency(subject: Subject, samples: Sequence[NDArray[np.uint8]]) -> dict[str, Any]:
    """On a tile that needs no resizing, and on the largest of the pictures."""
    if not samples:
        return {"skipped": "no picture could be read"}
    side = subject.detector.card.size
    largest = max(samples, key=lambda bgr: bgr.size)
    scale = max(1.0, side / min(largest.shape[:2]))
    enlarged = cv2.resize(largest, None, fx=scale, fy=scale) if scale > 1 else largest
    tile = np.ascontiguousarray(enlarged[:side, :side], np.uint8)
    pair = {"tile": tile, "frame": largest}
    return {k: tidy(latency(subject.detector, subject.session, v)) for k, v in pair.items()}


def _parity(
    subject: Subject, samples: Sequence[NDArray[np.uint8]], checkpoint: Path | None
) -> dict[str, Any]:
    """Null differences, with the reason, where they cannot be measured."""
    if checkpoint is None:
        return {"largest_score_difference": None, "reason": "no --checkpoint was given"}
    if importlib.util.find_spec("torch") is None:
        return {"largest_score_difference": None, "reason": "torch is not installed"}
    from xunhe_models.evaluate.parity import parity  # noqa: PLC0415 - torch is an extra

    return tidy(parity(subject.session, subject.detector.card, checkpoint, samples))
