"""Our own labels of pictures that stay outside the repository.

A CSV with the columns image, width, height, xmin, ymin, xmax, ymax, class, site; a picture
without anything to find has one row of class `none` and no corners. `image` is a path below the
folder of the pictures.
"""

import csv
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from xunhe_models.data.pictures import Box, Picture

FIELDS = ("image", "width", "height", "xmin", "ymin", "xmax", "ymax", "class", "site")
NOTHING = "none"


def own_labels(name: str, pictures: Path) -> list[Picture]:
    """Pictures of the label file `name`, in its order, under the folder `pictures`."""
    text = files("xunhe_models").joinpath(f"labels/{name}.csv").read_text("utf-8")
    return list(_grouped(csv.DictReader(text.splitlines()), pictures))


def _grouped(rows: Iterable[dict[str, str]], folder: Path) -> Iterable[Picture]:
    boxes: dict[tuple[str, str], list[Box]] = {}
    for row in rows:
        found = boxes.setdefault((row["image"], row["site"]), [])
        if row["class"] != NOTHING:
            x0, y0, x1, y1 = (float(row[k]) for k in ("xmin", "ymin", "xmax", "ymax"))
            found.append(Box(x0, y0, x1, y1, row["class"]))
    return [Picture(folder / image, site, tuple(b)) for (image, site), b in boxes.items()]
