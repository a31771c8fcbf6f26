"""The shipped model on real clips: sights that a person would agree with."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from xunhe.domain.sight import Phase, Sight, SightKind
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.pipeline import CameraPipeline
from xunhe.vision.view import View

_DATA = Path(os.environ.get("XUNHE_DATA", Path(__file__).parents[4] / "shared/data"))


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes.load()


def views(path: Path, apart_s: float = 0.19) -> Iterator[View]:
    """The frames of a file about five times a second."""
    last_s = -1.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            time_s = float(frame.time or 0.0)
            if time_s - last_s < apart_s:
                continue
            last_s, bgr = time_s, np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)
            scale = min(1.0, 480 / bgr.shape[1])
            small = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), np.uint8)
            yield View(time_s, luma, lambda bgr=bgr: bgr, is_key=True)  # type: ignore[misc]


def sights(eyes: Eyes, name: str, zones: dict[str, Any]) -> list[Sight]:
    path = _DATA / name
    if not path.is_file():
        pytest.skip(f"no clip {path}")
    camera = CameraPipeline("C1", Zones.parse(zones), eyes, VisionSettings())
    return [sight for view in views(path) for sight in camera.see(view)]


def river(*polygon: list[float]) -> dict[str, Any]:
    return {"water": [{"name": "河", "polygon": list(polygon)}]}


def test_bottles_on_a_canal_are_one_incident(eyes: Eyes) -> None:
    zones = river([0, 0.27], [1, 0.13], [1, 1], [0, 1])
    (opened,) = sights(eyes, "clips/ORCA-Uboat_scene2.gif", zones)
    assert (opened.kind, opened.phase) == (SightKind.LITTER, Phase.OPENED)
    assert 2 <= opened.count <= 3  # two bottles, and a small white thing between them
    assert opened.score > 0.6


def test_white_water_from_an_outfall_is_no_litter(eyes: Eyes) -> None:
    zones = river([0, 0.2], [0.28, 0.3], [0.55, 0.5], [1, 0.7], [1, 0.95], [0, 0.95])
    assert sights(eyes, "outfall/pipe_flow.mp4", zones) == []
