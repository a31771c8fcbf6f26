"""What comes out of an outfall: a jet, white water at its foot, a plume along the wall.

When and how strongly is the script's: the probes downstream measure the same event.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_tools.virtual_river.scene_ground import WIDTH, Ground
from xunhe_tools.virtual_river.scene_litter import Rng
from xunhe_tools.virtual_river.scene_noise import Bgr, Sheet, tile
from xunhe_tools.virtual_river.script import Discharge

Floats = NDArray[np.float32]

_TILE = 512
_RISES_S = 60.0  # river seconds in which a pipe fills and runs dry
_FULL_M3_S = 0.4  # from this flow on the pipe runs full
_SEWAGE, _FOAM = (118.0, 132.0, 138.0), (226.0, 232.0, 232.0)
_JET = (188.0, 200.0, 204.0)
_FALL_PX_S = 420.0
_PLUME_PX = 150  # rows below the wall in which it is seen
_GRAIN = (48.0, 30.0)  # tile pixels a metre across and away


@dataclass(frozen=True, slots=True)
class Outflow:
    """`strength` 0..1 of the jet; the plume reaches from `tail_m` to `front_m` downstream."""

    strength: float
    front_m: float
    tail_m: float


def outflow(discharges: Sequence[Discharge], velocity_m_s: float, river_s: float) -> Outflow:
    """What is seen at river time, of the discharges at this outfall."""
    dry = Outflow(0.0, 0.0, 0.0)
    for one in discharges:
        since_s, over_s = river_s - one.start_s, river_s - one.start_s - one.duration_s
        if since_s < 0 or over_s * velocity_m_s > 60:
            continue
        ramp = min(1.0, since_s / _RISES_S, max(0.0, 1 - over_s / _RISES_S))
        full = min(1.0, 0.35 + 0.65 * one.flow_m3_s / _FULL_M3_S)
        return Outflow(ramp * full, since_s * velocity_m_s, max(0.0, over_s * velocity_m_s))
    return dry


class OutfallWater:
    """Draws an `Outflow` from a pipe at `mouth` px whose lowest lip is `radius` px below it."""

    def __init__(
        self,
        rng: Rng,
        ground: Ground,
        mouth: tuple[int, int],
        radius: int,
        water_y: int,
        current_m_s: float,
    ) -> None:
        self._x, self._lip_y, self._radius = mouth[0], mouth[1] + radius - 6, radius
        self._water_y, self._current = water_y, current_m_s
        self._streaks = tile(rng, _TILE, ((1.4, 26), (3.5, 40)), 60)
        self._clumps = tile(rng, _TILE, ((3.0, 3.0), (7, 5)), 60)
        self._ground = ground
        self._along, self._across = self._plume_metres()
        self._cloudy = self._sheet(tile(rng, _TILE, ((26, 14), (9, 6)), 50))
        self._flecks = self._sheet(tile(rng, _TILE, ((3.2, 1.6), (7, 3)), 60))

    def paint(self, frame: Bgr, flow: Outflow, time_s: float) -> None:
        """Draw onto `frame`; nothing where the pipe is dry and the water clear."""
        if flow.front_m > flow.tail_m:
            self._paint_plume(frame, flow, time_s)
        if flow.strength > 0:
            self._paint_jet(frame, flow.strength, time_s)
            self._paint_splash(frame, flow.strength, time_s)

    def _plume_metres(self) -> tuple[Floats, Floats]:
        """Metres downstream of the foot and out from the wall, of every second pixel each way."""
        top = self._water_y
        ys, xs = np.mgrid[top : top + _PLUME_PX : 2, self._left : WIDTH : 2]
        rows = ys.astype(np.float32) - self._ground.horizon_y
        scale = self._ground.px_per_m_row * rows
        along = (xs - self._ground.centre_x) / scale - self._foot_m
        far = self._ground.depth_px_m / (top - self._ground.horizon_y)
        return along.astype(np.float32), (far - self._ground.depth_px_m / rows).astype(np.float32)

    def _sheet(self, grain: NDArray[np.uint8]) -> Sheet:
        """A tile that lies on the water, on the plume's half-size grid."""
        halved = np.array([[2.0, 0, self._left], [0, 2, self._water_y], [0, 0, 1]])
        to_tile = np.diag([_GRAIN[0], _GRAIN[1], 1.0]) @ self._ground.to_metres() @ halved
        height, width = self._along.shape
        return Sheet(grain, to_tile, 0, 0, width, height)

    @property
    def _left(self) -> int:
        return max(0, self._x - 3 * self._radius)

    @property
    def _foot_m(self) -> float:
        return self._ground.metres(self._x, self._water_y)[0]

    def _paint_plume(self, frame: Bgr, flow: Outflow, time_s: float) -> None:
        cloudy, flecks = self._carried(self._cloudy, time_s), self._carried(self._flecks, time_s)
        cover = self._cover(flow, cloudy)
        thin = 0.82 * cover * np.clip(1.05 - 0.035 * self._along, 0.35, 1)
        fresh = np.clip(1 - self._along / 7, 0, 1) * cover
        foam = np.clip((flecks - 1.15 + 1.25 * fresh) * 2.2, 0, 0.9) * (fresh > 0.05)
        sewage = np.clip(1 + 0.12 * cloudy, 0, 2)[..., None] * np.array(_SEWAGE, np.float32)
        rest = (1 - thin) * (1 - foam)
        light = sewage * (thin * (1 - foam))[..., None]
        light += np.array(_FOAM, np.float32) * foam[..., None]
        part = frame[self._water_y : self._water_y + _PLUME_PX, self._left :]
        _blend(part, np.asarray(light, np.float32), np.asarray(rest, np.float32))

    def _cover(self, flow: Outflow, cloudy: Floats) -> Floats:
        """How much of the plume's water is where, 0..1; its edges are ragged."""
        along = self._along + 0.9 * cloudy
        width = 1.3 + 0.24 * np.maximum(self._along, 0)
        cover = np.exp(-((self._across / width) ** 2)) * (0.9 + 0.5 * cloudy)
        cover *= np.clip(along + 0.6, 0, 1) * np.clip(flow.front_m - along, 0, 1)
        if flow.tail_m > 0:
            cover *= np.clip(along - flow.tail_m, 0, 1)
        return np.asarray(np.clip(cover, 0, 1), np.float32)

    def _carried(self, sheet: Sheet, time_s: float) -> Floats:
        """A tile that drifts with the water, about -1..1."""
        seen = sheet.at(self._current * time_s * _GRAIN[0], 0)
        return np.asarray((seen.astype(np.float32) - 128) / 64, np.float32)

    def _paint_jet(self, frame: Bgr, strength: float, time_s: float) -> None:
        half = self._radius * (0.35 + 0.5 * strength)
        reach = self._radius + 14
        x0, y0, y1 = self._x - reach, self._lip_y - 10, self._water_y + 8
        height, width = y1 - y0, 2 * reach
        fallen = np.linspace(0, 1, height, dtype=np.float32)[:, None]
        across = np.abs(np.arange(width, dtype=np.float32) - reach)[None, :]
        noise = _window(self._streaks, -_FALL_PX_S * time_s, 0, height, width)
        broken = _window(self._clumps, -_FALL_PX_S * time_s, 3 * time_s, height, width)
        edge = half * (1 - 0.16 * fallen) + 6 * noise * fallen - across
        alpha = np.clip(edge / 3 + 0.5, 0, 1) * np.clip(fallen * 12, 0, 1)
        alpha *= 0.9 + 0.1 * noise
        tone = 0.86 + 0.2 * noise + 0.22 * fallen * broken
        _lay(frame[y0:y1, x0 : x0 + width], np.array(_JET, np.float32), tone, alpha)

    def _paint_splash(self, frame: Bgr, strength: float, time_s: float) -> None:
        reach = int(self._radius * (1.1 + 0.9 * strength))
        up, down = int(0.45 * reach), int(0.85 * reach)
        x0, y0 = self._x - reach, self._water_y - up
        height, width = up + down, 2 * reach
        u = (np.arange(width, dtype=np.float32) - reach)[None, :] / reach
        v = (np.arange(height, dtype=np.float32) - up)[:, None] / np.float32(down)
        near = np.clip(1.15 - np.hypot(u, np.where(v < 0, v * 2.2, v)), 0, 1)
        a = _window(self._clumps, 60 * time_s, 210 * time_s, height, width)
        b = _window(self._clumps, -130 * time_s + 77, -170 * time_s, height, width)
        clumps = 0.5 + 0.25 * (a + b)
        alpha = np.clip((clumps - 0.62 + 0.8 * near) * 3, 0, 1) * np.clip(near * 3, 0, 1)
        _lay(
            frame[y0 : y0 + height, x0 : x0 + width],
            np.array(_FOAM, np.float32),
            0.72 + 0.42 * clumps,
            (alpha * strength * 0.95).astype(np.float32),
        )


def _window(grain: NDArray[np.uint8], down: float, right: float, height: int, width: int) -> Floats:
    """Part of a tile about -1..1; its content moves down and right as the offsets fall."""
    rows = (np.arange(height) + math.floor(down)) % _TILE
    columns = (np.arange(width) + math.floor(right)) % _TILE
    return np.asarray((grain[np.ix_(rows, columns)].astype(np.float32) - 128) / 64, np.float32)


def _blend(part: Bgr, light: Floats, rest: Floats) -> None:
    """`part · rest + light`, both given at half the size; in bytes, for speed."""
    size = (part.shape[1], part.shape[0])
    kept = cv2.resize((rest * 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    added = cv2.resize(np.clip(light, 0, 255).astype(np.uint8), size)
    dimmed = cv2.multiply(part, cv2.merge([kept, kept, kept]), scale=1 / 255)
    cv2.add(dimmed, added, dst=part)


def _lay(
    part: Bgr, colour: Floats, tone: NDArray[np.floating], alpha: NDArray[np.floating]
) -> None:
    lit = colour * tone[..., None]
    part[:] = np.clip(part + (lit - part) * alpha[..., None], 0, 255).astype(np.uint8)
