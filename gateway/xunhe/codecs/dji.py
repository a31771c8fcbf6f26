"""What DJI's subtitles and pictures have in common: how exact their values are, and the lens.

Standard deviations: GNSS without correction 1.5 m and barometric height above take-off 0.5 m are
the hover accuracy that DJI states; above sea 10 m, the gimbal 0.5° in pitch and roll, 3° in yaw,
which leans on a compass, and 2° of the angle of view, as crops differ, are assumptions.
"""

from math import atan, degrees

from xunhe.domain.pose import Measured

GNSS_SD_M, BAROMETER_SD_M, ABOVE_SEA_SD_M = 1.5, 0.5, 10.0
GIMBAL_SD_DEG, YAW_SD_DEG = 0.5, 3.0

_FOV_SD_DEG = 2.0
_HALF_WIDTH_35MM = 43.27 * 0.8 / 2  # mm: the equivalent counts by the diagonal of a 4:3 sensor


def horizontal_fov(focal_35mm: float) -> Measured:
    """Of a focal length in mm of 35 mm film; above 0."""
    return Measured(2 * degrees(atan(_HALF_WIDTH_35MM / focal_35mm)), _FOV_SD_DEG)
