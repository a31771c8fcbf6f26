"""The flights on which positions are measured: a river with a bend, and things on it."""

from dataclasses import dataclass, replace

import numpy as np

from xunhe.domain.pose import Measured
from xunhe.vision.georeference.lens import Lens
from xunhe_tools.flight_renderer.camera import TrueCamera
from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.geodesy import Origin
from xunhe_tools.flight_renderer.ground import Thing, ground
from xunhe_tools.flight_renderer.path import along

HEIGHT_M, SPEED_M_S = 60.0, 6.0
MAGENTA = (250, 0, 250)  # BGR: nothing else has this colour

_LINE = ((0.0, 0.0), (90.0, 30.0), (130.0, 110.0), (220.0, 140.0))
_RIVER_M, _MARGIN_M = 32.0, 160.0
_THINGS = 40


@dataclass(frozen=True, slots=True)
class Course:
    """Flights over one river: straight down, and 45° forward."""

    nadir: Flight
    oblique: Flight


def course(seed: int) -> Course:
    """The same seed, the same course."""
    draw = np.random.default_rng(seed)
    camera = TrueCamera()
    banks = ground(_LINE, _RIVER_M, _MARGIN_M, seed)
    things = tuple(_thing(draw) for _ in range(_THINGS))
    path = along(_LINE, HEIGHT_M, -90.0, SPEED_M_S)
    nadir = Flight(Origin(30.318, 119.412), path, camera, banks, things)
    return Course(nadir, replace(nadir, path=along(_LINE, HEIGHT_M, -45.0, SPEED_M_S)))


def lens_of(camera: TrueCamera) -> Lens:
    """What a calibration of this camera would say."""
    size = (camera.width_px, camera.height_px)
    return Lens(*size, Measured(camera.focal_px, 2.0), camera.centre_px, camera.distortion)


def _thing(draw: np.random.Generator) -> Thing:
    """Somewhere on the river, 0.4 to 0.8 m in radius."""
    part = int(draw.integers(len(_LINE) - 1))
    start, end = np.array(_LINE[part]), np.array(_LINE[part + 1])
    along_it = (end - start) / np.linalg.norm(end - start)
    across = np.array([-along_it[1], along_it[0]]) * draw.uniform(-0.45, 0.45) * _RIVER_M
    east, north = (start + draw.uniform() * (end - start) + across).tolist()
    return Thing(east, north, float(draw.uniform(0.4, 0.8)), MAGENTA)
