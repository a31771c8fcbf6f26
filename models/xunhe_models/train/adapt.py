"""Learning on the spot: a site's own model from what an operator confirmed and rejected.

A part of the site's pictures is held out, never cutting through pictures that are nearly the same.
The adapted model is kept only if it is better there, and at most a point of AP50 worse on the base
set (van Lieshout et al. 2020 gained 22 points of precision from 50 local objects; what a site
gains is measured, not promised).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor

from xunhe_models.data.hashes import LIMIT, distances, perceptual_hash
from xunhe_models.data.pictures import CLASSES, Picture
from xunhe_models.data.reading import with_pixels
from xunhe_models.detector import Detector
from xunhe_models.evaluate.tally import Sight, tally
from xunhe_models.tiles import detect_tiled
from xunhe_models.train.export import About, export_detector
from xunhe_models.train.loop import Plan, train
from xunhe_models.train.network import DebrisNet
from xunhe_models.train.recipe import KEPT_OUT
from xunhe_models.train.sources import load_library

HELD_OUT_SHARE = 0.3
MOST_LOST = 0.01  # AP50 on the base set
ADAPT = Plan(samples=6_400, rate=3e-4, warm_up=50, average=0.99, threads=2)


@dataclass(frozen=True, slots=True)
class Figures:
    """AP50 of litter (NaN without boxes) and false boxes a picture at the alarm threshold."""

    ap50: float
    false_per_picture: float
    pictures: int
    boxes: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Before and after, at the site's held-out pictures and on the base set."""

    kept: bool
    reason: str
    site_before: Figures
    site_after: Figures
    base_before: Figures
    base_after: Figures


def adapt(
    base: Path,
    site: Sequence[Picture],
    base_set: Sequence[Picture],
    data: Path,
    out: Path,
    plan: Plan,
    report: Callable[[str], None],
) -> Outcome:
    """Fine-tune the detector file `base` on `site` and write `out` if it is to be kept.

    `site` are pictures with confirmed boxes, and with none where all was rejected; ValueError for
    fewer than two groups of pictures. The pictures of `data` are replayed beside them.
    """
    learn, judge = apart(site, plan.seed)
    report(f"{len(learn)} pictures to learn from, {len(judge)} held out")
    site_before, base_before = figures(base, judge), figures(base, base_set)
    library = load_library(data, KEPT_OUT, report, learn)
    net = DebrisNet(len(CLASSES))
    net.load_state_dict(weights_of(base))
    part = out.with_suffix(".part.onnx")
    weights = train(plan, library, net, out.with_suffix(".ckpt"), report)
    export_detector(weights, plan.size, part, _about(base, out.stem))
    site_after, base_after = figures(part, judge), figures(part, base_set)
    kept, reason = verdict(site_before, site_after, base_before, base_after)
    if kept:
        part.replace(out)
    else:
        part.unlink()
    out.with_suffix(".ckpt").unlink()
    return Outcome(kept, reason, site_before, site_after, base_before, base_after)


def verdict(
    site_before: Figures, site_after: Figures, base_before: Figures, base_after: Figures
) -> tuple[bool, str]:
    """Keep it? And why."""
    lost = base_before.ap50 - base_after.ap50
    if lost > MOST_LOST:
        return False, f"基准集下降 / worse on the base set by {lost:.3f} AP50 (limit {MOST_LOST})"
    fewer_false = site_after.false_per_picture < site_before.false_per_picture
    if np.isnan(site_before.ap50):
        reason = "误报减少 / fewer" if fewer_false else "误报未减少 / no fewer"
        return fewer_false, f"{reason} false boxes at the site's held-out pictures"
    gain = site_after.ap50 - site_before.ap50
    if gain > 0 or (gain == 0 and fewer_false):
        return True, f"现场提升 / better at the site by {gain:.3f} AP50"
    return False, f"现场未提升 / not better at the site ({gain:+.3f} AP50)"


def apart(site: Sequence[Picture], seed: int) -> tuple[list[Picture], list[Picture]]:
    """(to learn from, held out): whole groups of nearly equal pictures, drawn by `seed`."""
    groups = alike(site)
    if len(groups) < 2:
        raise ValueError(
            f"{len(site)} pictures, all nearly the same: bring pictures of other days or places"
        )
    order = np.random.default_rng(seed).permutation(len(groups))
    held: list[Picture] = []
    learn: list[Picture] = []
    for k in order:
        enough = len(held) >= HELD_OUT_SHARE * len(site) or k == order[-1]
        (learn if enough else held).extend(groups[k])
    return learn, held


def alike(pictures: Sequence[Picture]) -> list[list[Picture]]:
    """Groups linked by pairs of nearly equal pictures."""
    bits = np.stack([perceptual_hash(bgr) for _, bgr in with_pixels(pictures)])
    near = distances(bits, bits) <= LIMIT
    left, groups = set(range(len(pictures))), []
    while left:
        group, edge = set[int](), {min(left)}
        while edge:
            group |= edge
            edge = {int(k) for i in edge for k in np.flatnonzero(near[i])} - group
        left -= group
        groups.append([pictures[k] for k in sorted(group)])
    return groups


def figures(model: Path, pictures: Sequence[Picture]) -> Figures:
    """What the detector file is worth on pictures, tiles included."""
    detector = Detector(model)
    sights = [
        Sight(picture, detect_tiled(detector, bgr), number)
        for number, (picture, bgr) in enumerate(with_pixels(pictures))
    ]
    curve = tally(sights, "litter").curve()
    threshold = detector.thresholds[detector.classes.index("litter")]
    wrong = curve.at_score(threshold)[3]
    boxes = sum(box.label == "litter" for p in pictures for box in p.boxes)
    return Figures(curve.average_precision(), wrong / max(len(pictures), 1), len(pictures), boxes)


def weights_of(model: Path) -> dict[str, Tensor]:
    """The network's parameters out of an exported file."""
    graph = onnx.load(str(model)).graph
    prefix = "net."
    found = {
        value.name.removeprefix(prefix): torch.from_numpy(numpy_helper.to_array(value).copy())
        for value in graph.initializer
        if value.name.startswith(prefix)
    }
    missing = DebrisNet(len(CLASSES)).state_dict().keys() - found.keys()
    if missing:
        raise ValueError(
            f"{model} lacks {len(missing)} weights of the debris network: name an fp32"
            " file that `xunhe model train` made"
        )
    return found


def _about(base: Path, name: str) -> About:
    """What the base says, under a new name; its thresholds stay, to compare like with like."""
    card = Detector(base).card
    thresholds = dict(zip(card.classes, card.thresholds, strict=True))
    return About(name, thresholds, card.tile, KEPT_OUT, card.data_sha256, card.git_commit)


def shipped() -> Path:
    """The debris model of this installation."""
    return Path(str(files("xunhe_models"))) / "shipped" / "debris.onnx"


def plan_for(samples: int | None, seed: int, threads: int) -> Plan:
    """The plan of an adaptation, with what was asked for."""
    return replace(ADAPT, samples=samples or ADAPT.samples, seed=seed, threads=threads)
