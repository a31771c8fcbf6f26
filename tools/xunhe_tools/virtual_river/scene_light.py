"""Daylight by the river's clock, lamps at night, clouds and the sensor's noise."""

from __future__ import annotations

import math

import cv2
import numpy as np

from xunhe_tools.virtual_river.scene_ground import HEIGHT, WIDTH
from xunhe_tools.virtual_river.scene_litter import Rng
from xunhe_tools.virtual_river.scene_noise import Bgr

_UTC_PLUS_S = 8 * 3600
# What a camera with a bright lens makes of a lamp-lit bank: darker than day, far from black.
_NIGHT = 0.58
_CLOUD = 0.025  # share by which clouds change the light, over tens of seconds
_SPARE_PX = 64  # noise is drawn once and moved about


def daylight(river_s: float) -> float:
    """0 at night, 1 by day, between them for about an hour at dawn and dusk; China's time."""
    hour = (river_s + _UTC_PLUS_S) % 86400 / 3600
    height = math.sin((hour - 6) * math.pi / 12)
    share = min(1.0, max(0.0, (height + 0.12) / 0.4))
    return share * share * (3 - 2 * share)


class Light:
    """Turns a frame drawn in full daylight into one of the time it shows."""

    def __init__(self, rng: Rng) -> None:
        grain = rng.integers(0, 5, (HEIGHT + _SPARE_PX, WIDTH + _SPARE_PX, 1), np.uint8)
        self._grain = np.repeat(grain, 3, axis=2)
        self._phase = float(rng.uniform(0, 2 * math.pi))

    def fall(self, frame: Bgr, time_s: float, river_s: float) -> None:
        """Light `frame`, in place; deterministic in both times (wall and river seconds)."""
        day = daylight(river_s)
        clouds = math.sin(0.11 * time_s + self._phase) + math.sin(0.047 * time_s)
        gain = _NIGHT + (1 - _NIGHT) * day + _CLOUD * clouds * (0.3 + 0.7 * day)
        cv2.convertScaleAbs(frame, dst=frame, alpha=gain)
        rng = np.random.default_rng(round(time_s * 1000) % 2**32)
        x, y = rng.integers(0, _SPARE_PX, 2).tolist()
        cv2.add(frame, self._grain[y : y + HEIGHT, x : x + WIDTH], dst=frame)
