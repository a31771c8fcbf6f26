"""Moving water: two sheets of ripples that drift with the current, over a picture of stillness."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.virtual_river.scene_ground import WIDTH, Ground
from xunhe_tools.virtual_river.scene_noise import Bgr, Gray, Sheet, tile

_TILE = 512
_GRAIN = (56.0, 22.0)  # tile pixels a metre across and away: rows far off are squeezed
_WAVE = 22.0  # grey levels by which a crest may be lighter than the still water
_GLINT_FROM = 206  # of 255: how high a crest stands that throws the light back


class Water:
    """Paints the rows from `top` down.

    `still` is the picture of the water without waves, BGR (H, W, 3); `mask` uint8 (H, W) is 255 on
    water; `glare` uint8 (H, W) says where the light is thrown back. `current_m_s` is across and
    away from the camera, in metres a second.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        ground: Ground,
        still: Bgr,
        mask: Gray,
        glare: Gray,
        current_m_s: tuple[float, float],
    ) -> None:
        self.top = int(np.flatnonzero(mask.any(axis=1))[0])
        self._ground, self._current = ground, current_m_s
        self._mask = np.ascontiguousarray(mask[self.top :])
        self._long = self._sheet(tile(rng, _TILE, ((16, 5), (9, 3))))
        self._fine = self._sheet(tile(rng, _TILE, ((5, 1.8), (2.2, 1.0))))
        rows, columns = np.flatnonzero(glare.any(axis=1)), np.flatnonzero(glare.any(axis=0))
        self._shine = (int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1)
        y0, y1, x0, x1 = self._shine
        self._glare = np.ascontiguousarray(glare[y0:y1, x0:x1])
        self._base = _lowered(still[self.top :], self._mask)
        self._tint = _tint()
        self._glints = np.clip((np.arange(256.0) - _GLINT_FROM) * 7, 0, 255).astype(np.uint8)

    def paint(self, frame: Bgr, time_s: float) -> Gray:
        """Paint onto `frame`; returns the relief (H - top, W), 0 where there is no water."""
        relief = self._relief(time_s)
        below = frame[self.top :]
        cv2.add(self._base, cv2.applyColorMap(relief, self._tint), dst=below)
        y0, y1, x0, x1 = self._shine
        crest = relief[y0 - self.top : y1 - self.top, x0:x1]
        glints = cv2.multiply(cv2.LUT(crest, self._glints), self._glare, scale=1 / 255)
        shining = frame[y0:y1, x0:x1]
        cv2.add(shining, cv2.merge([glints, glints, glints]), dst=shining)
        return relief

    def _relief(self, time_s: float) -> Gray:
        """Waves run on the current: the long ones a little ahead of it, the fine ones behind."""
        long = self._moved(self._long, time_s, 1.25, (0.06, -0.11))
        fine = self._moved(self._fine, time_s, 0.8, (-0.09, 0.05))
        both = cv2.addWeighted(long, 0.55, fine, 0.45, 0)
        return np.asarray(cv2.bitwise_and(both, self._mask), np.uint8)

    def _sheet(self, grain: Gray) -> Sheet:
        to_tile = np.diag([_GRAIN[0], _GRAIN[1], 1.0]) @ self._ground.to_metres()
        return Sheet(grain, to_tile, 0, self.top, WIDTH, self._mask.shape[0])

    def _moved(
        self, sheet: Sheet, time_s: float, share: float, own_m_s: tuple[float, float]
    ) -> Gray:
        across = (self._current[0] * share + own_m_s[0]) * time_s
        away = (self._current[1] * share + own_m_s[1]) * time_s
        return sheet.at(across * _GRAIN[0], away * _GRAIN[1])


def _lowered(still: Bgr, mask: Gray) -> Bgr:
    """The picture from which waves rise: darker by half a wave on water, unchanged elsewhere."""
    down = (mask > 0)[..., None] * np.float32(_WAVE)
    return np.asarray(np.clip(still.astype(np.float32) - down, 0, 255), np.uint8)


def _tint() -> NDArray[np.uint8]:
    """(256, 1, 3): crests take the colour of the sky, troughs nothing; 0 is no water."""
    height = np.clip((np.arange(256.0) - 70) / 116, 0, 2)
    colour = height[:, None] * np.array([1.06, 1.0, 0.94]) * _WAVE
    colour[0] = 0
    return np.asarray(np.clip(colour, 0, 255)[:, None, :], np.uint8)
