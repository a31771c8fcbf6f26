"""What a camera's fixed surroundings look like: edges, slowly learnt, one set for each light."""

import base64
import math
import zlib
from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.float32]

_LEARN_S = 600.0  # shadows that wander are learnt, a hand before the lens is not
_FIRST_S = 10.0
_MOST_S = 60.0  # that one view can count for
_NOISE = 4.0  # grey levels; a sensor's own, once blurred
_LEAST_STRENGTH = 0.2  # of a learnt view, below which it has nothing to lose
_LEVELS = 1.0  # per grey level, in the stored form


@dataclass(slots=True)
class Outlook:
    """Mean strength of the edges (h, w), and how many seconds of seeing it rests on."""

    edges: Edges
    learnt_s: float = 0.0

    def learn(self, edges: Edges, elapsed_s: float) -> None:
        """Draw it towards a view: quickly in the first minutes, then slowly."""
        lasted = min(max(elapsed_s, 0.0), _MOST_S)
        self.learnt_s += lasted
        pace = min(_LEARN_S, _FIRST_S + self.learnt_s)
        self.edges += np.float32(1 - math.exp(-lasted / pace)) * (edges - self.edges)

    def strength_of(self, edges: Edges) -> float:
        """The strength of a view's edges over that of the learnt ones."""
        learnt = _above_noise(self.edges)
        return _above_noise(edges) / learnt if learnt > _LEAST_STRENGTH else 1.0

    def likeness(self, edges: Edges, where: NDArray[np.bool_]) -> float:
        """Correlation -1..1 inside a mask, compressed so that no single edge decides.

        1 where there is too little structure to tell.
        """
        a, b = np.sqrt(edges[where]), np.sqrt(self.edges[where])
        a, b = a - a.mean(), b - b.mean()
        norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
        return float((a * b).sum()) / norm if norm > 0.05 * a.size else 1.0

    def to_json(self) -> dict[str, Any]:
        """Quantised, packed, as text."""
        levels = np.clip(self.edges * _LEVELS, 0, 255).astype(np.uint8)
        packed = base64.b64encode(zlib.compress(levels.tobytes(), 9)).decode("ascii")
        return {"shape": list(levels.shape), "edges": packed, "learnt_s": self.learnt_s}

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """From `to_json`; ValueError, TypeError or KeyError where it is none."""
        try:
            raw = zlib.decompress(base64.b64decode(value["edges"]))
        except zlib.error as error:
            raise ValueError(f"edges are damaged: {error}") from error
        height, width = value["shape"]
        levels = np.frombuffer(raw, np.uint8).reshape(int(height), int(width))
        return cls(levels.astype(np.float32) / np.float32(_LEVELS), float(value["learnt_s"]))


def _above_noise(edges: Edges) -> float:
    return float(np.maximum(edges - np.float32(_NOISE), 0).mean())


def edges_of(small: NDArray[np.uint8]) -> Edges:
    """Strength of the gradient (h, w), grey levels over two pixels."""
    dx = cv2.Sobel(small, cv2.CV_32F, 1, 0, ksize=1)
    dy = cv2.Sobel(small, cv2.CV_32F, 0, 1, ksize=1)
    return np.asarray(cv2.magnitude(dx, dy), np.float32)
