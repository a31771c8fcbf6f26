"""The light in which a picture was taken: what was seen in one light is not gone in another."""

from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

_STEP = 8  # every eighth pixel of each side is enough
_GREY = 3.0  # mean saturation, of 255, below which a picture has no colour (infrared at night)
_DIMMER, _PALER = 0.7, 0.4


@dataclass(frozen=True, slots=True)
class Light:
    """Mean grey level and mean saturation of a picture, both 0..255."""

    luma: float
    colour: float

    @classmethod
    def of(cls, bgr: NDArray[np.uint8]) -> Self:
        """The light of a picture (H, W, 3)."""
        few = np.ascontiguousarray(bgr[::_STEP, ::_STEP])
        blue, green, red = cv2.split(few)
        most, least = cv2.max(cv2.max(blue, green), red), cv2.min(cv2.min(blue, green), red)
        luma = cv2.mean(cv2.cvtColor(few, cv2.COLOR_BGR2GRAY))[0]
        return cls(luma, cv2.mean(cv2.subtract(most, least))[0])

    @property
    def is_grey(self) -> bool:
        """Whether the picture has no colour."""
        return self.colour < _GREY

    def shows_as_well_as(self, other: "Light") -> bool:
        """Whether what was seen in the other light would be seen in this one."""
        is_as_bright = self.luma >= _DIMMER * other.luma
        return is_as_bright and (other.is_grey or self.colour >= _PALER * other.colour)

    def to_json(self) -> list[float]:
        """The two numbers."""
        return [round(self.luma, 2), round(self.colour, 2)]

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """From the two numbers; ValueError or TypeError for anything else."""
        luma, colour = value
        return cls(float(luma), float(colour))
