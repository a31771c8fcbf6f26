"""What the pages may ask of the running cameras, whoever runs them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from xunhe.domain.camera import Camera
from xunhe.domain.zones import Zones

Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in fractions of the frame
Labelled = tuple[float, float, float, float, float, str]  # a box, its score 0..1 and its label


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """How a camera is. `counts`: received, decoded, gated, inferred, skipped, dropped, age_s, …"""

    camera: Camera
    state: str  # live, connecting, unreachable, wrong_password, stalled, …, off
    detail: str
    at: datetime | None
    counts: dict[str, float]


@dataclass(frozen=True, slots=True)
class Preview:
    """A live frame as JPEG, what the gate let through, what was found, how each outfall is.

    `at` is when the gateway got it, by the machine's clock. `limits`: the score of each label from
    which a thing counts.
    """

    at: datetime
    width: int
    height: int
    jpeg: bytes
    gate: tuple[Box, ...]
    found: tuple[Labelled, ...]
    outfalls: dict[str, tuple[str, float]]  # code: state, score
    limits: dict[str, float] = field(default_factory=dict)


class CameraDesk(Protocol):
    """The cameras of this gateway. KeyError for one that is not registered."""

    def statuses(self) -> list[CameraStatus]:
        """Every registered camera, in the registry's order."""

    def preview(self, camera: str) -> Preview | None:
        """The newest live frame; None before the first. Each call keeps them coming for 10 s."""

    def dismiss(self, camera: str, zone: str) -> None:
        """A person said that what this camera sees flowing at an outfall is a false alarm."""

    def zones(self, camera: str) -> Zones:
        """Its zones; the whole picture as water where nobody has drawn any."""

    def save_zones(self, camera: str, zones: Zones) -> None:
        """Write them beside the registry; the running pipeline takes them over."""
