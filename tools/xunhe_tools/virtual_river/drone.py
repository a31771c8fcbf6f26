"""A drone over the virtual river: a rendered film, its subtitles (SRT) and its MAVLink log.

The flight follows a reach of the registry, straight down. What lies on the water is drawn from the
seed: litter, a mat of plants, coloured water below a farm. No photograph is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from xunhe_tools.flight_renderer import telemetry
from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.ground import Picture, Point, ground
from xunhe_tools.flight_renderer.patch import Patch, plume, shrunk
from xunhe_tools.flight_renderer.path import along
from xunhe_tools.virtual_river.scene_litter import KINDS

FILM, SUBTITLES, LOG = "DJI_0001.MP4", "DJI_0001.SRT", "flight.tlog"
RIVER_M = 26.0
_MARGIN_M = 45.0
_HEIGHT_M = 28.0
_FOCAL_PX = 1280 * 24 / 36  # the 24 mm of the subtitles, over 36 mm
_OPTIONS = {"preset": "ultrafast", "crf": "21"}
_PIECES = 5  # of litter, lying together
_LITTER_M = 1.1
_MAT_M = 9.0
_PLUME_M = 40.0
_PLUME_BGR = (60, 92, 120)
_DROPPED_AT = (0.18, 0.42, 0.77)  # shares of the way
_MAT_AT, _PLUME_AT = 0.6, 0.31


@dataclass(frozen=True, slots=True)
class Sortie:
    """What is to be flown: along `line` (lon, lat), at a mean speed, filmed so often."""

    line: tuple[tuple[float, float], ...]
    seed: int
    began_at: datetime
    speed_m_s: float = 14.0
    frames_per_s: float = 2.5

    def render(self, folder: Path) -> None:
        """Write film, subtitles and log."""
        folder.mkdir(parents=True, exist_ok=True)
        flight = flown(self)
        (folder / SUBTITLES).write_text(
            telemetry.srt(flight, self.began_at, self.frames_per_s), "utf-8"
        )
        (folder / LOG).write_bytes(telemetry.tlog(flight, self.began_at))
        _film(flight, self.frames_per_s, folder / FILM)


def flown(sortie: Sortie) -> Flight:
    """The flight with the truth of everything in it."""
    lon, lat = sortie.line[0]
    origin = Origin(lat, lon)
    line = [origin.metres(lat, lon) for lon, lat in sortie.line]
    draw = np.random.default_rng(sortie.seed)
    return Flight(
        origin,
        along(line, _HEIGHT_M, -90.0, sortie.speed_m_s),
        TrueCamera(1280, 720, _FOCAL_PX, (645.0, 355.0)),
        ground(line, RIVER_M, _MARGIN_M, sortie.seed),
        (),
        (*_litter(line, draw), _mat(line, draw), _coloured_water(line)),
    )


def water_of(line: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """The outline (GeoJSON) of the river of `RIVER_M` along a line (lon, lat)."""
    lon, lat = line[0]
    origin = Origin(lat, lon)
    flat = np.array([origin.metres(lat, lon) for lon, lat in line])
    ways = np.diff(flat, axis=0)
    normals = np.column_stack([-ways[:, 1], ways[:, 0]]) / np.linalg.norm(ways, axis=1)[:, None]
    aside = np.vstack([normals[:1], (normals[:-1] + normals[1:]) / 2, normals[-1:]])
    aside *= RIVER_M / 2 / (np.linalg.norm(aside, axis=1) ** 2)[:, None]
    corners = [*(flat + aside), *(flat - aside)[::-1]]
    ring = [origin.degrees((float(east), float(north), 0.0))[::-1] for east, north in corners]
    geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    feature = {"type": "Feature", "properties": {}, "geometry": geometry}
    return {"type": "FeatureCollection", "features": [feature]}


def _litter(line: list[Point], draw: np.random.Generator) -> list[Patch]:
    """Some pieces here and there, each heap within a few metres."""
    patches = []
    for share in _DROPPED_AT:
        (east, north), _ = _place(line, share)
        for _ in range(_PIECES):
            sprite = KINDS[int(draw.integers(len(KINDS)))](draw)
            aside = draw.normal(0.0, 1.6, 2)
            bearing_deg = float(draw.uniform(0, 360))
            middle = (east + float(aside[0]), north + float(aside[1]))
            picture = shrunk(sprite.bgr, sprite.alpha)
            patches.append(Patch(*middle, _LITTER_M, bearing_deg, *picture))
    return patches


def _mat(line: list[Point], draw: np.random.Generator) -> Patch:
    """Floating plants: leaves in clumps, no straight edge."""
    (east, north), bearing_deg = _place(line, _MAT_AT)
    side = 96
    clumps = cv2.GaussianBlur(draw.random((side, side), np.float32), (0, 0), 6)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    dense = (clumps - clumps.mean()) / clumps.std() * 0.5 + 1.4 - 1.9 * np.hypot(x, y)
    alpha = (255 * np.clip(dense * 2, 0, 1)).astype(np.uint8)
    leaves = draw.integers(-28, 28, (side, side, 1)) + np.array((48, 128, 70))
    return Patch(east, north, _MAT_M, bearing_deg, leaves.astype(np.uint8), alpha)


def _coloured_water(line: list[Point]) -> Patch:
    """It begins at the bank and goes with the water."""
    (east, north), bearing_deg = _place(line, _PLUME_AT)
    turn = np.radians(bearing_deg)
    across = np.array((np.cos(turn + np.pi / 2), -np.sin(turn + np.pi / 2))) * RIVER_M * 0.28
    middle = np.array((east, north)) + across
    place = (float(middle[0]), float(middle[1]))
    return plume(place, _PLUME_M, bearing_deg, _PLUME_BGR)


def _place(line: list[Point], share: float) -> tuple[Point, float]:
    """The place at a share of the line, and where it leads there, clockwise from east."""
    lengths = [hypot(end[0] - start[0], end[1] - start[1]) for start, end in pairwise(line)]
    rest_m = share * sum(lengths)
    for (start, end), length_m in zip(pairwise(line), lengths, strict=True):
        if rest_m <= length_m:
            part = rest_m / length_m
            east, north = (a + part * (b - a) for a, b in zip(start, end, strict=True))
            turn = np.degrees(np.arctan2(start[1] - end[1], end[0] - start[0]))
            return (east, north), float(turn)
        rest_m -= length_m
    return line[-1], 0.0


def _film(flight: Flight, frames_per_s: float, path: Path) -> None:
    count = int(flight.path.lasts_s * frames_per_s) + 1
    times_s = [number / frames_per_s for number in range(count)]
    with av.open(str(path), "w") as container:
        rate = Fraction(frames_per_s).limit_denominator(1000)
        stream: VideoStream = container.add_stream("libx264", rate=rate, options=_OPTIONS)
        stream.width, stream.height = flight.camera.width_px, flight.camera.height_px
        stream.pix_fmt, stream.codec_context.thread_count = "yuv420p", 1
        stream.codec_context.gop_size = round(frames_per_s)  # a key frame a second, as drones do
        for _, picture in flight.frames(times_s):
            container.mux(stream.encode(_frame(picture)))
        container.mux(stream.encode(None))


def _frame(picture: Picture) -> VideoFrame:
    return VideoFrame.from_ndarray(picture, format="bgr24")
