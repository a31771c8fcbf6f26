"""Tiny data sets in every layout: the same pictures and boxes, written by different hands."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 80, 60
Row = tuple[float, float, float, float, str]  # xmin, ymin, xmax, ymax, class
Truth = Mapping[str, Sequence[Row]]

TRUTH: Truth = {
    "canal_0001": [(8, 6, 24, 18, "bottle"), (40, 30, 60, 45, "water_hyacinth")],
    "canal_0002": [(16, 12, 48, 30, "bottle")],
    "lake_0001": [],
}
HEADER = "image,width,height,xmin,ymin,xmax,ymax,class\n"


def scene(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Soft blotches, another pattern for each seed."""
    coarse = np.random.default_rng(seed).integers(0, 255, (12, 16, 3)).astype(np.uint8)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def save(path: Path, seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> Path:
    """One picture as a file, in the format of its suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), scene(seed, width, height))
    return path


def pictures(folder: Path, names: Sequence[str] = tuple(TRUTH), suffix: str = ".png") -> None:
    """The named pictures, each of another seed."""
    for seed, name in enumerate(names):
        save(folder / f"{name}{suffix}", seed)


def write_csv(root: Path, truth: Truth = TRUTH) -> Path:
    """Pictures in `images`, labels in `labels.csv`; nothing to find is a row of class none."""
    pictures(root / "images", tuple(truth))
    rows = [
        f"{name}.png,{WIDTH},{HEIGHT},{x0},{y0},{x1},{y1},{label}\n"
        for name, boxes in truth.items()
        for x0, y0, x1, y1, label in boxes
    ]
    bare = (name for name, boxes in truth.items() if not boxes)
    empty = [f"{name}.png,{WIDTH},{HEIGHT},,,,,none\n" for name in bare]
    (root / "labels.csv").write_text(HEADER + "".join(rows + empty), "utf-8")
    return root


def write_yolo(root: Path, truth: Truth = TRUTH, names: str | None = None) -> Path:
    """`images/train` and `labels/train`, with a data.yaml."""
    pictures(root / "images/train", tuple(truth))
    classes = sorted({row[4] for boxes in truth.values() for row in boxes})
    (root / "labels/train").mkdir(parents=True)
    for name, boxes in truth.items():
        lines = [
            f"{classes.index(label)} {(x0 + x1) / 2 / WIDTH} {(y0 + y1) / 2 / HEIGHT}"
            f" {(x1 - x0) / WIDTH} {(y1 - y0) / HEIGHT}\n"
            for x0, y0, x1, y1, label in boxes
        ]
        if lines:
            (root / f"labels/train/{name}.txt").write_text("".join(lines))
    (root / "data.yaml").write_text(names or f"train: images/train\nnames: {classes}\n", "utf-8")
    return root


def coco(truth: Truth = TRUTH, suffix: str = ".png") -> dict[str, list[dict[str, object]]]:
    """The content of a COCO file."""
    classes = sorted({row[4] for boxes in truth.values() for row in boxes})
    return {
        "images": [
            {"id": i, "file_name": f"{name}{suffix}", "width": WIDTH, "height": HEIGHT}
            for i, name in enumerate(truth)
        ],
        "annotations": [
            {
                "id": f"{i}-{k}",
                "image_id": i,
                "category_id": classes.index(label) + 1,
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "iscrowd": 0,
            }
            for i, boxes in enumerate(truth.values())
            for k, (x0, y0, x1, y1, label) in enumerate(boxes)
        ],
        "categories": [{"id": i, "name": name} for i, name in enumerate(classes, 1)],
    }


def write_coco(root: Path, truth: Truth = TRUTH) -> Path:
    """`annotations/instances_train.json` and `images`."""
    pictures(root / "images", tuple(truth))
    (root / "annotations").mkdir()
    (root / "annotations/instances_train.json").write_text(json.dumps(coco(truth)))
    return root


def voc_xml(name: str, boxes: Sequence[Row], size: tuple[int, int] = (WIDTH, HEIGHT)) -> str:
    """One Pascal VOC file."""
    objects = "".join(
        f"<object><name>{label}</name><difficult>0</difficult><bndbox><xmin>{x0}</xmin>"
        f"<ymin>{y0}</ymin><xmax>{x1}</xmax><ymax>{y1}</ymax></bndbox></object>"
        for x0, y0, x1, y1, label in boxes
    )
    return (
        f"<annotation><filename>{name}.png</filename><size><width>{size[0]}</width>"
        f"<height>{size[1]}</height><depth>3</depth></size>{objects}</annotation>"
    )


def write_voc(
    root: Path,
    truth: Truth = TRUTH,
    annotations: str = "Annotations",
    images: str = "JPEGImages",
) -> Path:
    """`Annotations` and `JPEGImages`."""
    pictures(root / images, tuple(truth))
    (root / annotations).mkdir(parents=True)
    for name, boxes in truth.items():
        (root / annotations / f"{name}.xml").write_text(voc_xml(name, boxes), "utf-8")
    return root
