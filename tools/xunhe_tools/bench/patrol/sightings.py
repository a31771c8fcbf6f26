"""Things found in rendered pictures by their colour, and which thing each truly is."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import dist

import cv2
import numpy as np

from xunhe_tools.flight_renderer.flight import Flight
from xunhe_tools.flight_renderer.ground import Picture, Thing

_LEAST_PX, _NEAR_PX = 6, 6.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A thing in the picture of a time, at a pixel (x, y) found in it."""

    time_s: float
    thing: Thing
    pixel: tuple[float, float]


def sightings(flight: Flight, time_s: float, frame: Picture) -> Iterator[Sighting]:
    """Whole spots of the things' colour; one that lies near no thing's middle is two in one."""
    truth = [(thing, flight.pixels_of(thing, time_s)) for thing in flight.things]
    for spot in _spots(frame):
        for thing, pixel in truth:
            if pixel is not None and dist(pixel, spot) < _NEAR_PX:
                yield Sighting(time_s, thing, spot)
                break


def _spots(frame: Picture) -> Iterator[tuple[float, float]]:
    """Middles of magenta spots that do not touch the edge."""
    blue, green, red = (frame[..., i].astype(np.int16) for i in range(3))
    strength = np.clip(np.minimum(blue, red) - green - 60, 0, None).astype(np.float32)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((strength > 0).astype(np.uint8))
    height, width = strength.shape
    for i, (x, y, across, down, area) in enumerate(stats.tolist()):
        is_whole = x > 0 and y > 0 and x + across < width and y + down < height
        if i and area >= _LEAST_PX and is_whole:
            weight = np.where(labels[y : y + down, x : x + across] == i, 1.0, 0.0)
            weight *= strength[y : y + down, x : x + across]
            rows, columns = np.indices(weight.shape)
            total = weight.sum()
            yield (
                x + float((columns * weight).sum() / total),
                y + float((rows * weight).sum() / total),
            )
