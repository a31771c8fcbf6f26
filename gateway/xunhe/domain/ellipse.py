"""How unsure a position on the ground is, as an ellipse."""

from dataclasses import dataclass
from math import atan2, degrees, hypot, log, sqrt

Covariance = tuple[tuple[float, float], tuple[float, float]]  # of (east, north), m²


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Of one standard deviation: half-axes in metres, the longer one's bearing from north."""

    major_m: float
    minor_m: float
    bearing_deg: float

    @classmethod
    def of(cls, covariance: Covariance) -> "Ellipse":
        """Of a symmetric covariance (2, 2)."""
        (east, both), (_, north) = covariance
        middle, apart = (east + north) / 2, hypot((north - east) / 2, both)
        # Twice the angle of the longer axis from north has these parts.
        bearing_deg = degrees(atan2(2 * both, north - east)) / 2
        minor_m = sqrt(max(middle - apart, 0.0))
        return cls(sqrt(max(middle + apart, 0.0)), minor_m, bearing_deg % 180)

    def scale(self, confidence: float) -> float:
        """By what the half-axes grow so that the ellipse holds the truth this often, 0 to 1."""
        return sqrt(-2 * log(1 - confidence))
