"""From the COCO weights and the shared data to the shipped file and its evaluation twin.

The twin is the same plan without the test sites, so its figures there are those of the recipe at
places it never saw.
"""

import hashlib
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path

from xunhe_models.data.pictures import CLASSES, Picture
from xunhe_models.data.reading import MARK, with_pixels
from xunhe_models.detector import Detector
from xunhe_models.evaluate.sets import load_set
from xunhe_models.tiles import detect_tiled
from xunhe_models.train.export import About, describe, export_detector
from xunhe_models.train.loop import Plan, new_network, train
from xunhe_models.train.sources import all_pictures, load_library

TEST_SITES = (
    "river-plastic/location-3",
    "floating-crops/bridge",  # may come from the same canal as location 3
    "floating-crops/stone-wall",  # the canal of the clip ORCA-Uboat
    "surfrider/second",
    "clips/",
    "vegetation/mats/4",
    "vegetation/mats/5",
    "clean/litter",
)
KEPT_OUT = ("clean/tune", "clean/kept-out", "land-plants/kept-out")  # in neither model, ever
COCO_WEIGHTS = "weights/yolox_nano_from_onnx.pth"
ROUNDS = ((80_000, 1e-3), (70_000, 5e-4))  # samples and highest learning rate
TILE_PX = 416
# A mat is large and stays: better told a day late than grass on a bank every day.
_LIMITS = {"litter": (0.6, 0.7), "vegetation_mat": (0.75, 0.75)}


HELD_OUT = {"debris-twin": KEPT_OUT + TEST_SITES, "debris": KEPT_OUT}


def make(
    name: str,
    data: Path,
    out: Path,
    plans: Sequence[Plan],
    git_commit: str,
    report: Callable[[str], None],
    brought: Sequence[Picture] = (),
) -> Path:
    """Train and export the model `name` of HELD_OUT; goes on where it was stopped.

    Each round of `plans` (see `rounds`) starts from the averaged weights of the one before.
    """
    out.mkdir(parents=True, exist_ok=True)
    held_out = HELD_OUT[name]
    library = load_library(data, held_out, report, brought)
    net = new_network(data / COCO_WEIGHTS)
    for number, plan in enumerate(plans, 1):
        weights = train(plan, library, net, out / f"{name}-{number}.ckpt", report)
        net.load_state_dict(weights)
    file = out / f"{name}.onnx"
    digest = data_digest(data, held_out, brought)
    about = About(name, dict.fromkeys(CLASSES, 1.0), TILE_PX, held_out, digest, git_commit)
    size = plans[-1].size
    export_detector(net.state_dict(), size, file, about)
    describe(file, size, replace(about, thresholds=chosen_thresholds(file, data)))
    return file


def rounds(samples: int | None, seed: int, threads: int) -> list[Plan]:
    """The plans that make the shipped files; a single one of `samples` where that is given."""
    taken = ROUNDS if samples is None else ((samples, ROUNDS[0][1]),)
    return [
        Plan(count, seed=seed + number, rate=rate, threads=threads)
        for number, (count, rate) in enumerate(taken)
    ]


def chosen_thresholds(file: Path, data: Path) -> dict[str, float]:
    """Per class the lowest step of 0.05 that no box on the tuning stills reaches, within _LIMITS.

    These stills hold nothing to find, are never trained on and judge nothing.
    """
    detector = Detector(file)
    highest = dict.fromkeys(CLASSES, 0.0)
    for _, bgr in with_pixels(load_set("negatives-tuning", data).pictures):
        found = detect_tiled(detector, bgr)
        for score, class_id in zip(found.score.tolist(), found.class_id.tolist(), strict=True):
            label = detector.classes[class_id]
            highest[label] = max(highest[label], score)
    return {
        k: round(min(max(math.floor(v * 20 + 1) / 20, _LIMITS[k][0]), _LIMITS[k][1]), 2)
        for k, v in highest.items()
    }


def data_digest(data: Path, held_out: Collection[str], brought: Sequence[Picture] = ()) -> str:
    """SHA-256 over sites, file names, file contents and boxes that a stage may see."""
    digest = hashlib.sha256()
    ours = (p for p in all_pictures(data) if not p.site.startswith(tuple(held_out)))
    for picture in (*ours, *brought):
        file = picture.path.with_name(picture.path.name.split(MARK)[0])
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{picture.site} {picture.path.name} {content} {picture.boxes}\n".encode())
    return digest.hexdigest()
