"""A data folder as small as can be: three frames of a bridge camera, two clean rivers, a clip."""

import csv
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from xunhe_models.data.own_labels import own_labels

SIDE = 416  # one cell of the tiny detector is 32 px of it
RED, GREY = (0, 0, 255), (120, 120, 120)


def write_small_data(folder: Path) -> Path:
    """In frame 0 the red square is labelled, in frame 1 it is not, in frame 2 there is none."""
    images = folder / "river-plastic/images"
    images.mkdir(parents=True)
    names = [f"Grogol_Location_3_2018-05-0{i + 3}_10-00-00-05_cam8.webp" for i in range(3)]
    for name, squares in zip(names, ([(64, 96)], [(64, 96)], []), strict=True):
        cv2.imwrite(str(images / name), _river(squares))
    with (folder / "river-plastic/labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["image", "width", "height", "xmin", "ymin", "xmax", "ymax", "class"])
        table.writerow([names[0], SIDE, SIDE, 64, 96, 96, 128, "plastic"])
        table.writerow([names[1], SIDE, SIDE, 192, 192, 224, 224, "plastic"])
        table.writerow([names[2], SIDE, SIDE, 320, 320, 352, 352, "plastic"])
    _clean(folder)
    return folder


def _clean(folder: Path) -> None:
    """All clean rivers that are kept out, the first with a red square; the last is damaged."""
    clean = folder / "river-scenes/clean"
    clean.mkdir(parents=True)
    kept_out = [p for p in own_labels("clean", clean) if p.site == "clean/kept-out"]
    for i, picture in enumerate(kept_out):
        cv2.imwrite(str(picture.path), _river([(0, 0)] if i == 0 else []))
    kept_out[-1].path.write_bytes(kept_out[0].path.read_bytes()[:40])


def write_animation(file: Path, frames: int) -> Path:
    """A GIF whose frame `i` is grey of value 20 i."""
    pictures = [Image.new("L", (40, 30), 20 * i) for i in range(frames)]
    pictures[0].save(file, save_all=True, append_images=pictures[1:], duration=100)
    return file


def _river(squares: list[tuple[int, int]]) -> np.ndarray:
    river = np.full((SIDE, SIDE, 3), GREY, np.uint8)
    for x, y in squares:
        river[y : y + 32, x : x + 32] = RED
    return river
