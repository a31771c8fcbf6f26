"""Trains the discharge network on rendered scenes and writes the ONNX file.

    python -m xunhe_models.discharge.train --data DATA --work WORK --out discharge.onnx

Rendering and training take about an hour on one thread. Rendered samples stay in WORK
and are taken up again; the seed decides everything else.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from xunhe_models.discharge import CLASSES
from xunhe_models.discharge.dry_crops import Batch, DryCrops, tint
from xunhe_models.discharge.generator import FRAMES, SEEN, SPAN_S, Generator, Recipe
from xunhe_models.discharge.grounds import dry_photographs, load_grounds
from xunhe_models.discharge.network import (
    CHANNELS,
    STRIDE,
    Exported,
    Trunk,
    moments,
    parameters,
    with_coco,
)

SIZE = 128
SAMPLES, VALIDATION = 16_000, 500
BATCH, DRY, STEPS = 24, 10, 10_000  # rendered samples, photographs; batches
TOP_RATE, TAUGHT_RATE = 2e-3, 3e-4
_KEPT = 0.998  # of the averaged weights at each step: the last thousand steps count
_STILL_SHARE = 0.45
_CLOSE_SHARE = 0.35  # of the samples show the mouth as a zone does, large
_MAP_WEIGHT = (1.5, 2.0, 4.0, 4.0, 1.0)  # of what is there over what is not
_SCORE_WEIGHT = (1.0, 1.0, 1.5, 2.5, 3.0)
_STRICTER = {"foaming": 0.6, "coloured": 0.85, "sheen": 0.95}  # real water has hardly shown them


@dataclass(frozen=True, slots=True)
class Rendered:
    """Samples as the network needs them: `seen` uint8 (N, 9, S, S), `masks` uint8 (N, 5, S/4, S/4).

    `labels` float32 (N, 5).
    """

    seen: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    labels: NDArray[np.float32]

    def sha256(self) -> str:
        """Of all samples, in order."""
        digest = hashlib.sha256(self.labels.tobytes())
        for start in range(0, len(self.seen), 256):
            digest.update(self.seen[start : start + 256].tobytes())
            digest.update(self.masks[start : start + 256].tobytes())
        return digest.hexdigest()


def rendered(
    generator: Generator, numbers: range, folder: Path, report: Callable[[str], None]
) -> Rendered:
    """The samples of those numbers, from the folder as far as they are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for start in range(numbers.start, numbers.stop, 500):
        part = range(start, min(start + 500, numbers.stop))
        file = folder / f"{part.start:06}-{part.stop:06}.npz"
        if not file.exists():
            _render(generator, part, file)
            report(f"rendered {part.stop}")
        with np.load(file) as saved:
            parts.append((saved["seen"], saved["masks"], saved["labels"]))
    return Rendered(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _render(generator: Generator, numbers: range, file: Path) -> None:
    count, side = len(numbers), SIZE // STRIDE
    seen = np.empty((count, CHANNELS, SIZE, SIZE), np.uint8)
    masks = np.empty((count, 5, side, side), np.uint8)
    labels = np.empty((count, len(CLASSES)), np.float32)
    for row, number in enumerate(numbers):
        sample = generator.sample(number, (SIZE, SIZE), _recipe(number))
        stack = torch.from_numpy(sample.stack).permute(0, 3, 1, 2)[None].float()
        seen[row] = moments(stack)[0].round().byte().numpy()
        shown = [cv2.resize(m, (side, side), interpolation=cv2.INTER_AREA) for m in sample.masks]
        masks[row] = (np.clip(np.stack(shown), 0, 1) * 255).astype(np.uint8)
        labels[row] = sample.labels
    unfinished = file.with_suffix(".part.npz")
    np.savez(unfinished, seen=seen, masks=masks, labels=labels)
    unfinished.replace(file)


def _recipe(number: int) -> Recipe | None:
    """Every third sample is as near to its mouth as a zone on a camera; the others are drawn."""
    rng = np.random.default_rng((number, 77))
    if rng.random() >= _CLOSE_SHARE:
        return None
    drawn = Recipe.drawn(rng)
    kind = "dry" if drawn.kind == "nothing" else drawn.kind
    share = float(rng.uniform(0.1, 0.35))
    return Recipe(kind, drawn.foam, drawn.dye, drawn.film, share)


def trained(
    trunk: Trunk,
    samples: Rendered,
    dry: DryCrops,
    check: Rendered,
    seed: int,
    steps: int,
    report: Callable[[str], None],
) -> Trunk:
    """The trunk after `steps` batches, each of rendered samples and of dry photographs.

    Its weights are averaged over the last steps, which carries further than the last step's alone.
    """
    rng = np.random.default_rng(seed)
    trunk = trunk.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    report(f"{parameters(trunk)} parameters, {len(samples.seen)} samples")
    optimiser, rate = _optimiser(trunk, steps)
    averaged = AveragedModel(trunk, multi_avg_fn=get_ema_multi_avg_fn(_KEPT), use_buffers=True)
    map_weight, score_weight = torch.tensor(_MAP_WEIGHT)[:, None, None], torch.tensor(_SCORE_WEIGHT)
    for number in range(steps):
        rows = zip(_batch(samples, rng), dry.batch(rng, DRY), strict=True)
        seen, masks, labels = (torch.from_numpy(np.concatenate(pair)) for pair in rows)
        maps, scores = trunk(seen.contiguous(memory_format=torch.channels_last))
        loss = 3 * nn.functional.binary_cross_entropy_with_logits(
            maps, masks, pos_weight=map_weight
        ) + nn.functional.binary_cross_entropy_with_logits(scores, labels, pos_weight=score_weight)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        rate.step()
        averaged.update_parameters(trunk)
        dry.remember(maps[BATCH:, :4].detach().amax(dim=(1, 2, 3)).numpy())
        if number % 400 == 399:
            report(f"step {number + 1}: loss {loss.item():.3f}; {_checked(averaged, check)}")
    return cast(Trunk, averaged.module.eval())


def _optimiser(
    trunk: Trunk, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    taught = trunk.taught()
    known = {id(parameter) for parameter in taught}
    fresh = [parameter for parameter in trunk.parameters() if id(parameter) not in known]
    optimiser = torch.optim.AdamW(
        [{"params": taught, "lr": TAUGHT_RATE}, {"params": fresh, "lr": TOP_RATE}],
        weight_decay=0.02,
    )
    rates = [TAUGHT_RATE, TOP_RATE]
    return optimiser, torch.optim.lr_scheduler.OneCycleLR(optimiser, rates, total_steps=steps)


def _batch(samples: Rendered, rng: np.random.Generator) -> Batch:
    """Rendered samples, mirrored, tinted, and partly made into stills."""
    rows = rng.integers(len(samples.seen), size=BATCH)
    seen = samples.seen[rows].astype(np.float32)
    masks, labels = samples.masks[rows], samples.labels[rows]
    seen[:, 6:] *= rng.uniform(0.15, 1.25, (BATCH, 1, 1, 1))
    still = rng.random(BATCH) < _STILL_SHARE
    seen[still, 3:6] = seen[still, :3]
    seen[still, 6:] = 0
    tint(seen, rng)
    mirrored = rng.random(BATCH) < 0.5
    seen[mirrored] = seen[mirrored, :, :, ::-1]
    masks = np.where(mirrored[:, None, None, None], masks[..., ::-1], masks)
    return seen, (masks > 255 * SEEN).astype(np.float32), labels


def _checked(averaged: AveragedModel, check: Rendered) -> str:
    """Accuracy per class on samples that are not trained on, moving and as stills."""
    averaged.eval()
    texts = []
    for still in (False, True):
        seen = check.seen.astype(np.float32)
        if still:
            seen[:, 3:6], seen[:, 6:] = seen[:, :3], 0
        with torch.no_grad():
            parts = np.array_split(seen, 16)
            scores = torch.cat([averaged(torch.from_numpy(part))[1] for part in parts])
        right = ((scores > 0).numpy() == (check.labels > 0.5)).mean(axis=0)
        shares = " ".join(f"{name} {share:.3f}" for name, share in zip(CLASSES, right, strict=True))
        texts.append(("stills " if still else "moving ") + shares)
    return "; ".join(texts)


def export(trunk: Trunk, file: Path, metadata: dict[str, str]) -> None:
    """Write the ONNX file with its metadata; width and height stay free, multiples of 16."""
    free = {0: "batch", 3: "height", 4: "width"}
    torch.onnx.export(
        Exported(trunk.to(memory_format=torch.contiguous_format)).eval(),  # type: ignore[call-overload]
        (torch.zeros(1, FRAMES, 3, SIZE, SIZE),),
        str(file),
        input_names=["stack"],
        output_names=["scores", "maps"],
        dynamic_axes={"stack": free, "scores": {0: "batch"}, "maps": {0: "batch", 2: "h", 3: "w"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(str(file))
    onnx.helper.set_model_props(model, metadata)
    onnx.save(model, str(file))


def metadata_of(samples: Rendered, name: str, git_commit: str) -> dict[str, str]:
    """What the file says of itself; the joint verdict is added when it is fitted."""
    return {
        "kind": "discharge",
        "name": name,
        "classes": json.dumps(list(CLASSES)),
        "input": json.dumps(
            {"size": SIZE, "frames": FRAMES, "span_s": SPAN_S, "order": "BGR", "range": [0, 255]}
        ),
        "thresholds": json.dumps(dict.fromkeys(CLASSES, 0.5) | _STRICTER),
        "data_sha256": samples.sha256(),
        "git_commit": git_commit,
    }


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="the shared data folder")
    parser.add_argument("--work", type=Path, required=True, help="for rendered samples")
    parser.add_argument("--out", type=Path, required=True, help="the ONNX file")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--samples", type=int, default=SAMPLES)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--git-commit", default="unknown")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{time.monotonic() - started:6.0f} s  {text}", flush=True)

    generator = Generator(load_grounds(given.data), given.seed)
    check = rendered(generator, range(VALIDATION), given.work / "check", report)
    numbers = range(VALIDATION, VALIDATION + given.samples)
    samples = rendered(generator, numbers, given.work / "samples", report)
    torch.manual_seed(given.seed)
    trunk = with_coco(given.data / "weights/yolox_nano_from_onnx.pth")
    dry = DryCrops(dry_photographs(given.data), SIZE, SIZE // STRIDE)
    trunk = trained(trunk, samples, dry, check, given.seed, given.steps, report)
    torch.save(trunk.state_dict(), given.work / "trunk.pt")
    export(trunk, given.out, metadata_of(samples, given.out.stem, given.git_commit))
    report(f"wrote {given.out}")


if __name__ == "__main__":
    main()
