"""Fits the joint verdict on generated zones, and compares it with its two parts on others.

What judges those better goes into the ONNX file: both joined, or the network alone. The real clips
have no part in it.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray

from xunhe_models.discharge.finder import Finder
from xunhe_models.discharge.generator import SEEN, Generator, Recipe, Sample
from xunhe_models.discharge.grounds import dry_photographs, load_grounds
from xunhe_models.discharge.signals import measured
from xunhe_models.discharge.textures import Image
from xunhe_models.discharge.verdict import Floats, Logistic, classical, fitted
from xunhe_models.discharge.zones import Rectangle, cropped, squared

Rules = dict[str, Logistic]

_ZONE_SIDE = 176  # of the scenes that zones are cut from
_SCENE = (272, 480)
_FLOWING = 1  # of a zone's features: the network's own logit
_CLASSICAL_FROM = 4  # those before are the network's
_HIT, _MISS = 0.3, 0.02  # share of the flow that a place holds


@dataclass(frozen=True, slots=True)
class Zones:
    """Many zones: `moving` and `still` features (N, 10), `flows` (N,) the truth."""

    moving: Floats
    still: Floats
    flows: NDArray[np.bool_]


def zones_of(finder: Finder, generator: Generator, numbers: range) -> Zones:
    """Render, cut out the zones, run the network, measure the signals."""
    moving, still, flows = [], [], []
    for number in numbers:
        sample = generator.sample(number, (_ZONE_SIDE, _ZONE_SIDE), _recipe(number))
        crops = cropped(list(sample.stack), _zone(sample, number), finder.card.size)
        moving.append(finder.features(crops)[1])
        still.append(finder.features(crops[-1:])[1])
        flows.append(bool(sample.labels[1]))
    return Zones(np.stack(moving), np.stack(still), np.array(flows))


@dataclass(frozen=True, slots=True)
class Places:
    """Places on whole pictures that the network's maps propose: `features` (N, 11), `flows` (N,).

    `found` and `discharges` count pictures in which something flows, and those where it is among
    the places.
    """

    features: Floats
    flows: NDArray[np.bool_]
    found: int
    discharges: int

    def summary(self) -> str:
        """In words."""
        return (
            f"{self.found} of {self.discharges} discharges are among the places;"
            f" {len(self.flows)} places, {int(self.flows.sum())} of them flow"
        )


def places_of(
    finder: Finder, generator: Generator, numbers: range, dry: Sequence[Image], still: bool
) -> Places:
    """From rendered scenes, and from dry photographs (a video of them would not move)."""
    rows: list[tuple[Floats, bool]] = []
    found = discharges = 0
    for number in numbers:
        sample = generator.sample(number, _SCENE)
        judged = list(_judged(finder, sample, still))
        rows += judged
        discharges += bool(sample.labels[1])
        found += any(flows for _, flows in judged)
    for picture in dry:
        stack = picture[None] if still else _shaken(picture, finder.card.frames)
        rows += [(one.features, False) for one in finder.candidates(stack) if one.class_id == 0]
    features, flows = zip(*rows, strict=True)
    return Places(np.stack(features), np.array(flows), found, discharges)


def _judged(finder: Finder, sample: Sample, still: bool) -> Iterator[tuple[Floats, bool]]:
    """The places for flowing water, each with the truth; those that cut a flow are left out."""
    truth = sample.masks[0] > SEEN
    whole = max(int(truth.sum()), 1)
    for one in finder.candidates(sample.stack[-1:] if still else sample.stack):
        if one.class_id:
            continue
        x0, y0, x1, y1 = (round(side) for side in one.xyxy)
        inside = int(truth[y0:y1, x0:x1].sum())
        if inside / whole >= _HIT and inside / max((x1 - x0) * (y1 - y0), 1) > 0.08:
            yield one.features, True
        elif not truth.any() or inside / whole < _MISS:
            yield one.features, False


def _shaken(picture: Image, frames: int) -> Image:
    """A photograph as a camera on a windy bridge films it."""
    rng = np.random.default_rng(int(picture[::16, ::16].sum()))
    shift = rng.normal(0, rng.uniform(0, 1.2), (frames, 2))
    views = [np.array(((1, 0, x), (0, 1, y))) for x, y in shift]
    size = (picture.shape[1], picture.shape[0])
    moved = [cv2.warpAffine(picture, v, size, borderMode=cv2.BORDER_REPLICATE) for v in views]
    noisy = np.stack(moved) + rng.normal(0, 2.5, (frames, *picture.shape[:2], 1))
    return np.clip(noisy, 0, 255).astype(np.uint8)


def _recipe(number: int) -> Recipe:
    rng = np.random.default_rng((number, 78))
    drawn = Recipe.drawn(rng)
    share = float(rng.uniform(0.05, 0.25))
    return Recipe(drawn.kind, drawn.foam, drawn.dye, drawn.film, share)


def _zone(sample: Sample, number: int) -> Rectangle:
    """Round the mouth and what it brings, as carelessly as a person draws it."""
    rng = np.random.default_rng((number, 79))
    room = float(rng.uniform(1.1, 2.2))
    seen = (sample.masks[0] > 0.3) | (sample.masks[4] > 0.5)
    if not seen.any():
        x, y = rng.uniform(0.2 * _ZONE_SIDE, 0.8 * _ZONE_SIDE, 2)
        half = rng.uniform(0.1, 0.3) * _ZONE_SIDE
        return x - half, y - half, x + half, y + half
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    box = (float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1))
    x0, y0, x1, y1 = squared(box, room)
    shift_x, shift_y = rng.uniform(-0.1, 0.1, 2) * (x1 - x0)
    return x0 + shift_x, y0 + shift_y, x1 + shift_x, y1 + shift_y


def zone_rules(zones: Zones) -> Rules:
    """`moving`, `still` of all features, `classical` of the signals alone (moving)."""
    return {
        "moving": fitted(zones.moving, zones.flows),
        "still": fitted(zones.still, zones.flows),
        "classical": fitted(zones.moving[:, _CLASSICAL_FROM:], zones.flows),
    }


def compared(rules: Rules, zones: Zones) -> dict[str, float]:
    """Share of zones judged rightly by the network, the signals and both."""
    judged = {
        "network": zones.moving[:, _FLOWING] > 0,
        "classical": rules["classical"].score(zones.moving[:, _CLASSICAL_FROM:]) > 0.5,
        "joined": rules["moving"].score(zones.moving) > 0.5,
        "network, still": zones.still[:, _FLOWING] > 0,
        "joined, still": rules["still"].score(zones.still) > 0.5,
    }
    return {name: round(float((said == zones.flows).mean()), 4) for name, said in judged.items()}


def chosen(rules: Rules, zones: Zones) -> Rules:
    """The rules; where the network alone judges these zones better, its own word is the rule."""
    shares = compared(rules, zones)
    said = _word(zones.moving.shape[1])
    kept = {
        "moving": said if shares["network"] > shares["joined"] else rules["moving"],
        "still": said if shares["network, still"] > shares["joined, still"] else rules["still"],
    }
    return rules | kept


def _word(features: int) -> Logistic:
    """The rule that gives back the network's score of flowing."""
    weights = np.zeros(features)
    weights[_FLOWING] = 1.0
    return Logistic(np.zeros(features), np.ones(features), weights, 0.0)


def classical_score(rule: Logistic, crops: Image) -> float:
    """Flowing by the signals alone."""
    return float(rule.score(classical(measured(crops))))


def write_rules(file: Path, rules: Rules, thresholds: dict[str, float]) -> None:
    """Put the rules and the thresholds into the ONNX file's metadata."""
    model = onnx.load(str(file))
    saved = {entry.key: entry.value for entry in model.metadata_props}
    saved["joint"] = json.dumps({name: json.loads(rule.to_json()) for name, rule in rules.items()})
    saved["thresholds"] = json.dumps(thresholds)
    del model.metadata_props[:]
    onnx.helper.set_model_props(model, saved)
    onnx.save(model, str(file))


def main() -> None:
    """The command: python -m xunhe_models.discharge.joint --data DATA --model discharge.onnx."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the shared data folder")
    parser.add_argument("--model", type=Path, required=True, help="the ONNX file, changed in place")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--zones", type=int, default=600)
    parser.add_argument("--scenes", type=int, default=160)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    finder = Finder(given.model)
    generator = Generator(load_grounds(given.data), given.seed)
    start = 100_000
    zones = zones_of(finder, generator, range(start, start + given.zones))
    rules = zone_rules(zones)
    other = zones_of(finder, generator, range(start + given.zones, start + given.zones * 3 // 2))
    print("zones, share right:", compared(rules, other), flush=True)
    rules = chosen(rules, other)
    scenes = range(2 * start, 2 * start + given.scenes)
    dry = dry_photographs(given.data)[::3]
    for name, still in (("candidate moving", False), ("candidate still", True)):
        places = places_of(finder, generator, scenes, dry, still)
        rules[name] = fitted(places.features, places.flows)
        print(f"{name}: {places.summary()}", flush=True)
    write_rules(given.model, rules, finder.card.thresholds)


if __name__ == "__main__":
    main()
