"""Parts of a reach as lines on the ground."""

import numpy as np

from xunhe.domain.flight import Flight, Stretch
from xunhe.domain.position import LonLat
from xunhe.vision.findings.course import Course


def on_ground(stretch: Stretch, flight: Flight, course: Course) -> list[LonLat]:
    """The river's line from one end of the stretch to the other, WGS-84."""
    length_m = stretch.to_m if flight.coverage is None else flight.coverage.length_m
    scale = course.length_m / length_m
    start, end = stretch.from_m * scale, min(stretch.to_m * scale, course.length_m)
    inside = course.starts_m[(course.starts_m > start) & (course.starts_m < end)]
    along = np.concatenate([[start], inside, [end]])
    return [course.lon_lat(float(metres), 0.0) for metres in along]
