"""How large a thing on the water is, and the water that a whole picture shows."""

import numpy as np

from xunhe.domain.position import LonLat
from xunhe.domain.zones import polygon_area
from xunhe.vision.geometry import Box, ring
from xunhe.vision.georeference.earth import moved
from xunhe.vision.georeference.placing import View

_EDGE_POINTS = 16


def area_m2(view: View, polygon: list[tuple[float, float]]) -> float | None:
    """Of a polygon of pixels laid on the water; None where part of it is off the water."""
    corners = view.ground_m(np.array(polygon))
    return None if np.isnan(corners).any() else polygon_area(corners.tolist())


def box_area_m2(view: View, box: Box) -> float | None:
    """Of the round thing that a box of pixels holds."""
    return area_m2(view, ring(box))


def footprint(view: View) -> list[LonLat]:
    """The outline of the water in the picture, without what is nearly level; may be empty."""
    right, bottom = view.lens.width_px, view.lens.height_px
    share = np.linspace(0, 1, _EDGE_POINTS, endpoint=False)
    flat = np.zeros(_EDGE_POINTS)
    edge = np.concatenate(
        [
            np.column_stack([share * right, flat]),
            np.column_stack([flat + right, share * bottom]),
            np.column_stack([(1 - share) * right, flat + bottom]),
            np.column_stack([flat, (1 - share) * bottom]),
        ]
    )
    ground = view.ground_m(edge)
    seen = ground[~np.isnan(ground).any(axis=1)]
    return [moved(view.pose.lon_lat, float(east), float(north)) for east, north in seen]
