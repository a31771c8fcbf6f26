"""How many pixels a thing on the water gets, and how far a camera sees it.

Pinhole camera, level water; calculated. The picture is the one that the gateway decodes: where
there is a substream, the substream, not the camera's advertised resolution.
"""

import math
from dataclasses import dataclass

# The detector's finest grid has cells of 8 pixels: below a cell and a half there is nothing to
# see, from three cells on a thing has a shape. Rules of thumb, not measured.
LEAST_PX = 12.0
GOOD_PX = 24.0

LEGEND = (
    f"像素 pixels：✓ 好 good ≥ {GOOD_PX:g}，~ 勉强 marginal ≥ {LEAST_PX:g}，✗ 不行 too few"
    "（经验值 rules of thumb）"
)

# (name, length across the view in m)
THINGS = (
    ("饮料瓶 bottle", 0.25),
    ("塑料袋 bag", 0.40),
    ("泡沫箱 foam box", 0.60),
    ("水葫芦一片 raft of weed", 1.50),
    ("人 person", 0.50),
    ("小船 boat", 4.00),
)


@dataclass(frozen=True, slots=True)
class Camera:
    """`width_px`, `height_px` of the decoded picture; `hfov_deg` its horizontal angle of view."""

    width_px: int
    height_px: int
    hfov_deg: float
    height_m: float

    def __post_init__(self) -> None:
        if self.width_px < 1 or self.height_px < 1:
            raise ValueError(f"picture is {self.width_px} × {self.height_px}; give pixels above 0")
        if not 1 <= self.hfov_deg < 170:
            raise ValueError(f"angle of view is {self.hfov_deg}°; give 1 to 170, of one lens")
        if self.height_m <= 0:
            raise ValueError(f"camera is {self.height_m} m above the water; give more than 0")

    @property
    def focal_px(self) -> float:
        return self.width_px / (2 * math.tan(math.radians(self.hfov_deg) / 2))

    @property
    def vfov_deg(self) -> float:
        return math.degrees(2 * math.atan(self.height_px / (2 * self.focal_px)))

    def slant_m(self, distance_m: float) -> float:
        """From the lens to the water at this distance along the ground."""
        return math.hypot(distance_m, self.height_m)

    def pixels(self, length_m: float, distance_m: float) -> float:
        """Of a thing that lies across the view, in the middle of the picture."""
        return self.focal_px * length_m / self.slant_m(distance_m)

    def flattening(self, distance_m: float) -> float:
        """Height over length, in pixels, of a square on the water: a low mast flattens it."""
        return self.height_m / self.slant_m(distance_m)

    def reach_m(self, length_m: float, px: float) -> float:
        """Distance along the ground up to which a thing gets so many pixels; 0 where never."""
        slant = self.focal_px * length_m / px
        return math.sqrt(max(0.0, slant**2 - self.height_m**2))

    def width_m(self, distance_m: float) -> float:
        """Of the water that the picture shows at this distance."""
        return 2 * self.slant_m(distance_m) * math.tan(math.radians(self.hfov_deg) / 2)

    def tilt_deg(self, far_m: float) -> float:
        """Down from the horizon so that the picture's upper edge meets the water at `far_m`."""
        return math.degrees(math.atan2(self.height_m, far_m)) + self.vfov_deg / 2

    def near_m(self, far_m: float) -> float:
        """Where the lower edge meets the water at that tilt; below the mast counts as 0."""
        lower_deg = self.tilt_deg(far_m) + self.vfov_deg / 2
        return 0.0 if lower_deg >= 90 else self.height_m / math.tan(math.radians(lower_deg))


def verdict(px: float) -> str:
    """What so many pixels are good for; LEGEND says what its signs mean."""
    if px >= GOOD_PX:
        return "✓"
    return "~" if px >= LEAST_PX else "✗"


def distances(far_m: float) -> list[float]:
    """Five, evenly up to the farthest."""
    return [round(far_m * n / 5, 1) for n in range(1, 6)]


def figures(camera: Camera, far_m: float) -> dict[str, object]:
    """All that the calculator knows of a camera, for programs."""
    return {
        "tilt_deg": round(camera.tilt_deg(far_m), 2),
        "near_m": round(camera.near_m(far_m), 2),
        "far_m": far_m,
        "width_at_far_m": round(camera.width_m(far_m), 2),
        "flattening_at_far": round(camera.flattening(far_m), 3),
        "pixels": {
            name: {
                f"{metres:g}": round(camera.pixels(length, metres), 1)
                for metres in distances(far_m)
            }
            for name, length in THINGS
        },
        "reach_m": {name: round(camera.reach_m(length, LEAST_PX), 1) for name, length in THINGS},
    }
