"""Our AP against pycocotools, the reference implementation, on random scenes."""

from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import numpy as np
import pytest

from tests.models.evaluate.sights import chance_sights
from xunhe_models.data.pictures import CLASSES, IGNORE
from xunhe_models.evaluate.matching import ANY_SIZE, IOU_LIMITS, SIZES, SizeRange
from xunhe_models.evaluate.tally import Sight, tally

coco = pytest.importorskip("pycocotools.coco", reason="pip install pycocotools")
cocoeval = pytest.importorskip("pycocotools.cocoeval")

RANGES = (ANY_SIZE, *(sizes for sizes in SIZES if sizes.by_area))


def annotations(sights: list[Sight], label: str) -> Iterator[dict[str, Any]]:
    for s in sights:
        for box in s.picture.boxes:
            if box.label in (label, IGNORE):
                x0, y0, x1, y1 = np.array([box.x0, box.y0, box.x1, box.y1], np.float32).tolist()
                yield {
                    "image_id": s.unit,
                    "category_id": 1,
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": (x1 - x0) * (y1 - y0),
                    "iscrowd": int(box.label == IGNORE),
                }


def results(sights: list[Sight], label: str) -> Iterator[dict[str, Any]]:
    for s in sights:
        found = s.of(label)
        for (x0, y0, x1, y1), score in zip(found.xyxy.tolist(), found.score.tolist(), strict=True):
            box = [x0, y0, x1 - x0, y1 - y0]
            yield {"image_id": s.unit, "category_id": 1, "bbox": box, "score": score}


def reference(sights: list[Sight], label: str) -> np.ndarray:
    """(ranges, limits) AP by pycocotools."""
    truth = coco.COCO()
    rows = list(annotations(sights, label))
    truth.dataset = {
        "images": [{"id": s.unit} for s in sights],
        "annotations": [row | {"id": i + 1} for i, row in enumerate(rows)],
        "categories": [{"id": 1, "name": label}],
        "info": {},
    }
    with redirect_stdout(StringIO()):
        truth.createIndex()
        judge = cocoeval.COCOeval(truth, truth.loadRes(list(results(sights, label))), "bbox")
        judge.params.areaRng = [[r.low, min(r.high, 1e10)] for r in RANGES]
        judge.params.areaRngLbl = [r.name for r in RANGES]
        judge.params.maxDets = [1000]
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, 0, :, 0]  # limit, recall, range
    return np.where(precision < 0, np.nan, precision).mean(axis=1).T


def ours(sights: list[Sight], label: str, sizes: SizeRange) -> list[float]:
    counted = tally(sights, label, sizes)
    return [counted.curve(limit=i).average_precision() for i in range(len(IOU_LIMITS))]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("label", CLASSES)
def test_ap_equals_that_of_pycocotools(seed: int, label: str) -> None:
    sights = chance_sights(np.random.default_rng(seed), pictures=12)
    mine = [ours(sights, label, sizes) for sizes in RANGES]
    np.testing.assert_allclose(mine, reference(sights, label), rtol=0, atol=1e-9)
