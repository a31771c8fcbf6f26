"""The drones that a plan can be made for.

Angles of view follow from the 24 mm equivalent that DJI states for these wide cameras, endurance
is DJI's figure in still air; the numbers are those of DJI's cloud interface (机型枚举).
"""

from dataclasses import dataclass
from math import radians, tan


@dataclass(frozen=True, slots=True)
class Drone:
    """`aspect` is the picture's height over its width; `endurance_min` hovering in still air.

    `wpml_model` is (drone, sub-type, payload) as DJI counts them.
    """

    name: str
    horizontal_fov_deg: float
    aspect: float
    endurance_min: float
    wpml_model: tuple[int, int, int]
    climb_m_s: float = 4.0
    descend_m_s: float = 3.0

    def swath_m(self, height_m: float) -> float:
        """How wide the water is that a picture shows, looking straight down."""
        return 2 * height_m * tan(radians(self.horizontal_fov_deg) / 2)


DRONES = {
    "mavic3e": Drone("DJI Mavic 3E", 71.6, 0.75, 45, (77, 0, 66)),
    "m30": Drone("DJI M30", 71.6, 0.75, 41, (67, 0, 52)),
    "m4e": Drone("DJI Matrice 4E", 71.6, 0.75, 49, (99, 0, 88)),
}
