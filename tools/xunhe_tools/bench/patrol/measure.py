"""The figures of `xunhe bench patrol`.

A flight is rendered, its telemetry written as a DJI subtitle file and read again; things are found
in the pictures by their colour, georeferenced, and compared with where the renderer put them.
"""

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from math import hypot
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np

from xunhe.codecs.srt.poses import decode
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.pose_track import PoseTrack
from xunhe.vision.georeference.aligned_track import AlignedTrack
from xunhe.vision.georeference.alignment import Alignment, align
from xunhe.vision.georeference.image_motion import Motion, motions
from xunhe.vision.georeference.placing import GroundPoint, WaterPlane, georeference
from xunhe_tools.bench.patrol import ten_minutes
from xunhe_tools.bench.patrol.course import course, lens_of
from xunhe_tools.bench.patrol.photographs import residuals
from xunhe_tools.bench.patrol.sightings import Sighting, sightings
from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.telemetry import srt

Say = Callable[[str], None]

OFFSET_S, GIMBAL_DEG = 1.0, 2.0

_FRAMES_PER_S = 1.25
_BEGAN_AT = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
_WATER = WaterPlane(Measured(0.0, 0.3))
_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Recording:
    """What a flight leaves: its telemetry, what was found in its pictures and how they moved."""

    flight: Flight
    poses: tuple[Pose, ...]
    seen: tuple[Sighting, ...]
    moved: tuple[Motion, ...]


@dataclass(frozen=True, slots=True)
class Errors:
    """Of positions, in metres, and the share of them inside their own 95 % ellipse."""

    metres: tuple[float, ...]
    inside: float

    @property
    def median_m(self) -> float:
        return round(median(self.metres), 3)


def measure(seed: int, photographs: Path | None, say: Say) -> dict[str, Any]:
    """Every figure; but for times the same seed gives the same ones.

    Of a folder of photographs, residuals.
    """
    begun_s = time.monotonic()
    flights = course(seed)
    say("rendering the flight that looks straight down")
    nadir = record(flights.nadir)
    say("rendering the flight that looks 45° forward")
    oblique = record(flights.oblique)
    clean = {"nadir": errors(nadir, nadir.poses), "oblique": errors(oblique, oblique.poses)}
    say("estimating the offset and the gimbal's error from the pictures")
    wrong = {
        "nadir": measured_misalignment(nadir, seed),
        "oblique": measured_misalignment(oblique, seed + 1),
    }
    say("reporting a flight of ten minutes in Full HD (2 GB of disk, some minutes)")
    reported = ten_minutes.measure(seed)
    return {
        "median_error_nadir_m": clean["nadir"].median_m,
        "median_error_oblique_m": clean["oblique"].median_m,
        "median_error_offset_m": wrong["nadir"]["aligned_m"],
        "median_error_offset_oblique_m": wrong["oblique"]["aligned_m"],
        "median_error_unaligned_m": wrong["nadir"]["unaligned_m"],
        "median_error_unaligned_oblique_m": wrong["oblique"]["unaligned_m"],
        "inside_95_nadir": round(clean["nadir"].inside, 3),
        "inside_95_oblique": round(clean["oblique"].inside, 3),
        "offset": wrong,
        "n_nadir": len(nadir.seen),
        "n_oblique": len(oblique.seen),
        **reported,
        "photographs": [asdict(one) for one in residuals(photographs)] if photographs else None,
        "height_m": flights.nadir.path.at(0).up_m,
        "seed": seed,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "seconds": round(time.monotonic() - begun_s, 1),
    }


def record(flight: Flight) -> Recording:
    """Fly it."""
    times = np.arange(0.0, flight.path.lasts_s, 1 / _FRAMES_PER_S).tolist()
    seen: list[Sighting] = []
    lumas = []
    for time_s, frame in flight.frames(times):
        seen += sightings(flight, time_s, frame)
        lumas.append((time_s, np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)))
    poses = decode(srt(flight, _BEGAN_AT)).poses
    return Recording(flight, poses, tuple(seen), tuple(motions(lumas)))


def errors(
    recording: Recording, poses: Sequence[Pose], alignment: Alignment | None = None
) -> Errors:
    """How far the things seen are placed from where they truly are."""
    track = AlignedTrack(PoseTrack.of(poses), alignment)
    lens = lens_of(recording.flight.camera)
    found: list[float] = []
    inside = 0
    for sighting in recording.seen:
        pose = track.at(sighting.time_s)
        point = None if pose is None else georeference(pose, lens, sighting.pixel, _WATER)
        if not isinstance(point, GroundPoint):
            continue
        off = _off(recording.flight, point, sighting)
        found.append(hypot(*off))
        inside += _is_inside(point, off)
    return Errors(tuple(found), inside / len(found))


def measured_misalignment(recording: Recording, seed: int) -> dict[str, float]:
    """The telemetry a second late and the gimbal off by two degrees in yaw and pitch."""
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], 3)
    offset_s, yaw_deg, pitch_deg = (signs * (OFFSET_S, GIMBAL_DEG, GIMBAL_DEG)).tolist()
    poses = [_wrong(pose, offset_s, yaw_deg, pitch_deg) for pose in recording.poses]
    lens = lens_of(recording.flight.camera)
    found = align(poses, recording.moved, lens, _WATER)
    if found is None:
        raise RuntimeError("the rendered flight shows too few points to follow")
    return {
        "aligned_m": errors(recording, poses, found).median_m,
        "unaligned_m": errors(recording, poses).median_m,
        "offset_missed_s": round(found.offset_s.value - offset_s, 3),
        "offset_sd_s": round(found.offset_s.sd, 3),
        "yaw_missed_deg": round(found.yaw_deg.value + yaw_deg, 3),
        "pitch_missed_deg": round(found.pitch_deg.value + pitch_deg, 3),
        "points": found.points,
    }


def _wrong(pose: Pose, offset_s: float, yaw_deg: float, pitch_deg: float) -> Pose:
    return replace(
        pose,
        time_s=pose.time_s + offset_s,
        yaw_deg=_turned(pose.yaw_deg, yaw_deg),
        pitch_deg=_turned(pose.pitch_deg, pitch_deg),
    )


def _turned(angle: Measured | None, by_deg: float) -> Measured | None:
    return None if angle is None else Measured(angle.value + by_deg, angle.sd)


def _off(flight: Flight, point: GroundPoint, sighting: Sighting) -> tuple[float, float]:
    """(east, north) from the truth, by the renderer's own geodesy."""
    longitude, latitude = point.lon_lat
    east, north = flight.origin.metres(latitude, longitude)
    return east - sighting.thing.east_m, north - sighting.thing.north_m


def _is_inside(point: GroundPoint, off: tuple[float, float]) -> bool:
    distance_2 = np.array(off) @ np.linalg.inv(np.array(point.covariance)) @ np.array(off)
    return bool(distance_2 <= point.ellipse.scale(_CONFIDENCE) ** 2)
