"""The training loop: seeded, resumable, its state in one checkpoint file.

Sample `i` is the same picture whatever happened before, so a run that was stopped goes on with
the next sample and ends where an uninterrupted run would, but for the rounding of threads.
"""

import json
import math
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from xunhe_models.data.pictures import CLASSES
from xunhe_models.train.compose import Composer, Library
from xunhe_models.train.loss import Loss, Targets, detection_loss
from xunhe_models.train.network import DebrisNet, anchors, coco_weights, decode

Sample = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]
_EVERY = 100  # steps between two lines of the log
_MOST_BOXES = 60


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run does. `frozen` stages at the input keep their COCO weights."""

    samples: int
    seed: int = 1
    size: int = 416
    batch: int = 16
    rate: float = 1e-3
    last_rate: float = 2e-5
    warm_up: int = 300
    decay: float = 0.02
    average: float = 0.999
    frozen: tuple[str, ...] = ("stem", "dark2")
    threads: int = 1
    workers: int = 1

    @property
    def steps(self) -> int:
        """Optimiser steps in the whole run."""
        return self.samples // self.batch


class _Pictures(Dataset[Sample]):
    def __init__(self, composer: Composer, first: int, end: int) -> None:
        self._composer, self._first, self._end = composer, first, end

    def __len__(self) -> int:
        return self._end - self._first

    def __getitem__(self, index: int) -> Sample:
        scene = self._composer.sample(self._first + index)
        return scene.image, scene.boxes[:_MOST_BOXES], scene.ids[:_MOST_BOXES]


def collate(samples: list[Sample]) -> tuple[Tensor, Targets]:
    """Images [B,3,H,W] float 0..255 in channels-last memory, and padded targets."""
    images = torch.from_numpy(np.stack([s[0] for s in samples])).permute(0, 3, 1, 2)
    most = max(1, *(len(s[1]) for s in samples))
    boxes = torch.zeros(len(samples), most, 4)
    labels = torch.full((len(samples), most), -1)
    present = torch.zeros(len(samples), most, dtype=torch.bool)
    for i, (_, xyxy, ids) in enumerate(samples):
        boxes[i, : len(xyxy)] = torch.from_numpy(xyxy)
        labels[i, : len(ids)] = torch.from_numpy(ids)
        present[i, : len(ids)] = True
    return images, Targets(boxes, labels, present)


def new_network(weights: Path | None) -> DebrisNet:
    """A network with COCO weights, its class layer fresh and quiet (prior 0.01)."""
    net = DebrisNet(len(CLASSES))
    if weights is not None:
        state = torch.load(weights, map_location="cpu", weights_only=True)
        net.load_state_dict(coco_weights(state.get("model", state), net))
    for layers in (net.head.cls_preds, net.head.obj_preds):
        for layer in layers:
            nn.init.constant_(layer.bias, -math.log(99))  # type: ignore[arg-type]
    return net


def train(
    plan: Plan,
    library: Library,
    net: DebrisNet,
    checkpoint: Path,
    report: Callable[[str], None],
) -> dict[str, Tensor]:
    """Train `net` to the end of `plan`; the averaged weights. Goes on from `checkpoint` if any."""
    torch.set_num_threads(plan.threads)
    torch.manual_seed(plan.seed)
    net = net.to(memory_format=torch.channels_last).train()
    trained = _freeze(net, plan.frozen)
    optimiser = torch.optim.AdamW(_groups(trained, plan.decay), plan.rate)
    average = {k: v.clone() for k, v in net.state_dict().items()}
    step = _resume(checkpoint, plan, net, optimiser, average)
    corners, strides = anchors(plan.size, plan.size)
    begun, losses = time.monotonic(), []
    for images, targets in _batches(plan, library, step):
        for group in optimiser.param_groups:
            group["lr"] = _rate(plan, step)
        raw = net(images.to(memory_format=torch.channels_last).float())
        loss = detection_loss(raw, decode(raw, corners, strides), targets, corners, strides)
        optimiser.zero_grad(set_to_none=True)
        loss.total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(trained.values(), 10.0)
        optimiser.step()
        step += 1
        _follow(average, net, min(plan.average, step / (step + 10)))
        losses.append(loss)
        if step % _EVERY == 0 or step == plan.steps:
            _save(checkpoint, plan, step, net, optimiser, average)
            report(_line(plan, step, losses, len(losses) * plan.batch / (time.monotonic() - begun)))
            begun, losses = time.monotonic(), []
    return average


def _batches(plan: Plan, library: Library, step: int) -> Iterator[tuple[Tensor, Targets]]:
    composer = Composer(library, plan.size, plan.seed)
    pictures = _Pictures(composer, step * plan.batch, plan.steps * plan.batch)
    return iter(
        DataLoader(
            pictures,
            plan.batch,
            collate_fn=collate,
            num_workers=plan.workers,
            prefetch_factor=4 if plan.workers else None,
            worker_init_fn=_quiet_worker,
        )
    )


def _quiet_worker(_: int) -> None:
    """Workers compose on one core each; the network has the others."""
    torch.set_num_threads(1)


def _freeze(net: DebrisNet, stages: tuple[str, ...]) -> dict[str, nn.Parameter]:
    """Keep the named stages of the backbone as they are; the parameters that train."""
    for stage in stages:
        for parameter in getattr(net.backbone.backbone, stage).parameters():
            parameter.requires_grad_(False)
    return {k: p for k, p in net.named_parameters() if p.requires_grad}


def _groups(trained: dict[str, nn.Parameter], decay: float) -> list[dict[str, Any]]:
    """Weights decay, biases do not."""
    weights = [p for k, p in trained.items() if not k.endswith("bias")]
    biases = [p for k, p in trained.items() if k.endswith("bias")]
    return [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]


def _rate(plan: Plan, step: int) -> float:
    """Linear warm-up, then half a cosine."""
    if step < plan.warm_up:
        return plan.rate * (step + 1) / plan.warm_up
    done = (step - plan.warm_up) / max(plan.steps - plan.warm_up, 1)
    return plan.last_rate + (plan.rate - plan.last_rate) * (1 + math.cos(math.pi * done)) / 2


@torch.no_grad()
def _follow(average: dict[str, Tensor], net: DebrisNet, keep: float) -> None:
    for name, value in net.state_dict().items():
        average[name].lerp_(value, 1 - keep)


def _save(
    file: Path,
    plan: Plan,
    step: int,
    net: DebrisNet,
    optimiser: torch.optim.Optimizer,
    average: dict[str, Tensor],
) -> None:
    part = file.with_suffix(".part")
    state = {
        "plan": json.dumps(asdict(plan), sort_keys=True),
        "step": step,
        "net": net.state_dict(),
        "optimiser": optimiser.state_dict(),
        "average": average,
    }
    torch.save(state, part)
    os.replace(part, file)


def _resume(
    file: Path,
    plan: Plan,
    net: DebrisNet,
    optimiser: torch.optim.Optimizer,
    average: dict[str, Tensor],
) -> int:
    """The step to go on with. ValueError when the checkpoint is of another plan."""
    if not file.exists():
        return 0
    state = torch.load(file, map_location="cpu", weights_only=True)
    if state["plan"] != json.dumps(asdict(plan), sort_keys=True):
        raise ValueError(f"{file} belongs to another plan: remove it, or train to another folder")
    net.load_state_dict(state["net"])
    optimiser.load_state_dict(state["optimiser"])
    average.update(state["average"])
    return int(state["step"])


def _line(plan: Plan, step: int, losses: list[Loss], per_s: float) -> str:
    def mean(values: list[float]) -> float:
        return sum(values) / len(values)

    left_min = (plan.steps - step) * plan.batch / per_s / 60
    return (
        f"step {step}/{plan.steps} box {mean([v.box for v in losses]):.3f}"
        f" object {mean([v.objectness for v in losses]):.3f}"
        f" class {mean([v.label for v in losses]):.3f}"
        f" positives {mean([v.positives for v in losses]):.0f}"
        f" {per_s:.1f} images/s, {left_min:.0f} min left"
    )
