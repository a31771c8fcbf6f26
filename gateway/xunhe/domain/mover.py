"""What moves along the river and says where it is, such as a drone on patrol."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mover:
    """Where something was at an instant; `lon_lat` is WGS-84.

    `heading_deg` is clockwise from true north, None where it is not known.
    """

    code: str
    name: str
    name_en: str
    kind: str  # drone | boat
    at: datetime
    lon_lat: tuple[float, float]
    heading_deg: float | None = None
    height_above_ground_m: float | None = None
