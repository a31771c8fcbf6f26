"""How long the report of a ten-minute flight in Full HD takes.

Ten seconds are rendered, grain and all, over a straight river that repeats every eighty metres, and
encoded as drones do, with a key frame each second; the film is their packets sixty times, and the
telemetry that of a drone that flies on.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame

from xunhe.domain.classes import WaterClass
from xunhe.domain.registry import Reach
from xunhe.vision.findings.water import Water
from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.ground import Picture, ground
from xunhe_tools.flight_renderer.patch import Patch, shrunk
from xunhe_tools.flight_renderer.path import Path as Way
from xunhe_tools.flight_renderer.path import Stop, TruePose
from xunhe_tools.flight_renderer.telemetry import srt
from xunhe_tools.patrol.report import files, job
from xunhe_tools.patrol.report.order import Order
from xunhe_tools.virtual_river.scene_litter import KINDS

MINUTES = 10
_FPS, _LOOP_S, _SPEED_M_S, _HEIGHT_M = 30, 10, 8.0, 50.0
_WIDE, _HIGH = 1920, 1080
_RIVER_M, _MARGIN_M = 32.0, 60.0
_PIECES, _PIECE_M = 3, 0.9
_GRAIN = 3.0
_OPTIONS = {"preset": "superfast", "crf": "20", "g": str(_FPS), "bf": "0", "sc_threshold": "0"}
_BEGAN_AT = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
_ORIGIN = Origin(30.318, 119.412)


def measure(seed: int, minutes: int = MINUTES) -> dict[str, float | int]:
    """`minutes_per_10_min_flight`, scaled where `minutes` is another, and what was found."""
    with tempfile.TemporaryDirectory() as folder:
        order = _filmed(Path(folder), seed, minutes)
        begun_s, begun_cpu_s = time.monotonic(), time.process_time()
        reported = job.report(order, lambda _done, _of: None)
        flight = files.write(order, reported)
        seconds, cpu_s = time.monotonic() - begun_s, time.process_time() - begun_cpu_s
    return {
        "minutes_per_10_min_flight": round(seconds / 60 * MINUTES / minutes, 2),
        "cpu_minutes_per_10_min_flight": round(cpu_s / 60 * MINUTES / minutes, 2),
        "report_frames": flight.frames_looked_at,
        "report_findings": len(flight.findings),
        "report_coverage": round(flight.coverage.share, 3) if flight.coverage else 0.0,
    }


def _filmed(folder: Path, seed: int, minutes: int) -> Order:
    film, telemetry = folder / "flight.mp4", folder / "flight.srt"
    lasts_s = 60 * minutes
    _write_film(film, _rendered(seed), lasts_s // _LOOP_S)
    telemetry.write_text(srt(_flight(seed, lasts_s), _BEGAN_AT, _FPS), "utf-8")
    reach = _reach(lasts_s * _SPEED_M_S)
    water = Water.along(reach.line, _RIVER_M)
    return Order(film, telemetry, reach, water, folder / "report")


def _flight(seed: int, lasts_s: float) -> Flight:
    """Due north at one speed; the litter of the first eighty metres."""
    draw = np.random.default_rng(seed)
    loop_m = _LOOP_S * _SPEED_M_S
    banks = ground(((0.0, -_MARGIN_M), (0.0, loop_m + _MARGIN_M)), _RIVER_M, _MARGIN_M, seed)
    camera = TrueCamera(_WIDE // 2, _HIGH // 2, 666.0, (_WIDE / 4, _HIGH / 4), (0.0,) * 5)
    times = np.arange(0.0, lasts_s + 1.0, 0.25).tolist()
    stops = tuple(Stop(s, TruePose(0.0, s * _SPEED_M_S, _HEIGHT_M, 0.0, -90.0)) for s in times)
    return Flight(_ORIGIN, Way(stops), camera, banks, (), tuple(_litter(draw, loop_m)))


def _litter(draw: np.random.Generator, loop_m: float) -> Iterator[Patch]:
    """Also before and after the loop, so that every picture is that of an endless river."""
    for _ in range(_PIECES):
        sprite = KINDS[int(draw.integers(len(KINDS)))](draw)
        small = shrunk(sprite.bgr, sprite.alpha)
        east, north = draw.uniform(-12, 12), draw.uniform(0, loop_m)
        turn = float(draw.uniform(0, 360))
        for loop in (-1, 0, 1):
            yield Patch(float(east), float(north) + loop * loop_m, _PIECE_M, turn, *small)


def _rendered(seed: int) -> Iterator[Picture]:
    """Full HD out of half of it, with the grain that a sensor adds and an encoder must carry."""
    draw = np.random.default_rng(seed)
    grains = [draw.normal(0, _GRAIN, (_HIGH, _WIDE, 1)).astype(np.int8) for _ in range(8)]
    times = (np.arange(_LOOP_S * _FPS) / _FPS).tolist()
    for i, (_, frame) in enumerate(_flight(seed, _LOOP_S).frames(times)):
        large = cv2.resize(frame, (_WIDE, _HIGH), interpolation=cv2.INTER_LINEAR)
        grain = np.roll(grains[i % len(grains)], 37 * i, axis=1)
        yield np.clip(large.astype(np.int16) + grain, 0, 255).astype(np.uint8)


def _write_film(path: Path, pictures: Iterator[Picture], loops: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=_FPS, options=_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = _WIDE, _HIGH, "yuv420p"
        frames = (VideoFrame.from_ndarray(picture, format="bgr24") for picture in pictures)
        packets = [packet for frame in frames for packet in stream.encode(frame)]
        packets += stream.encode(None)
        for number, packet in enumerate(_again(packets, loops)):
            packet.stream, packet.time_base = stream, Fraction(1, _FPS)
            packet.pts = packet.dts = number
            container.mux_one(packet)


def _again(packets: Sequence["Packet[Any]"], loops: int) -> Iterator["Packet[Any]"]:
    data = [(bytes(packet), packet.is_keyframe) for packet in packets]
    for content, is_key in data * loops:
        packet: Packet[Any] = Packet(content)
        packet.is_keyframe = is_key
        yield packet


def _reach(length_m: float) -> Reach:
    ends = [_ORIGIN.degrees((0.0, north, 0.0)) for north in (0.0, length_m)]
    line = tuple((longitude, latitude) for latitude, longitude in ends)
    river = "测试河"
    return Reach("B-1", river, "Bench", river, None, length_m, 0.4, 5.0, 1.0, WaterClass.III, line)
