"""Views straight down over a straight river that flows due east, for tests."""

from dataclasses import replace

from tests.gateway.drone.test_pose_track import pose as bare_pose
from xunhe.domain.classes import WaterClass
from xunhe.domain.pose import Measured
from xunhe.domain.registry import Reach
from xunhe.vision.georeference.earth import moved
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import View, WaterPlane

HEAD = (119.4, 30.3)
LENGTH_M = 600.0
LENS = Lens.of_view(1000, 500, Measured(90.0, 1.0))  # 500 px focal length
REACH = Reach(
    "R1",
    "河",
    "river",
    "河",
    None,
    LENGTH_M,
    0.4,
    5.0,
    1.0,
    WaterClass.III,
    (HEAD, moved(HEAD, LENGTH_M, 0.0)),
)


def looking_down(east_m: float, north_m: float = 0.0, height_m: float = 50.0) -> View:
    """North is up; at 50 m a picture shows 100 × 50 m, ten pixels a metre."""
    longitude, latitude = moved(HEAD, east_m, north_m)
    pose = replace(
        bare_pose(0.0),
        longitude_deg=longitude,
        latitude_deg=latitude,
        position_sd_m=1.5,
        height_above_ground_m=Measured(height_m, 0.5),
        yaw_deg=Measured(0.0, 1.0),
        pitch_deg=Measured(-90.0, 0.5),
        roll_deg=Measured(0.0, 0.5),
    )
    view = View.of(pose, LENS, WaterPlane(Measured(0.0, 0.0)))
    assert isinstance(view, View)
    return view
