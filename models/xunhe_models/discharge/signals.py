"""Signals of a zone that need no training: colour, white water, texture, flicker, flow.

Stacks are uint8 (T, S, S, 3), BGR, about two seconds; lengths in the stack's pixels. Colours are
CIE Lab with L 0..100; a shift is the distance ΔE*ab (CIE 1976).
"""

from dataclasses import astuple, dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe_models.discharge.textures import Field, Image

_WHITE_L, _GREY_CHROMA = 12.0, 22.0  # lighter than the zone's median by; nearly without colour
_RELIEF = 2.5  # grey levels of local deviation from which a surface has texture


@dataclass(frozen=True, slots=True)
class Signals:
    """What is seen in one zone over one stack.

    `white_share`: share of the zone that is pale, without colour and textured, as white water is;
    `column`: how much of that stands in one upright streak, 0..1; `texture`: local deviation of the
    luma there; `flicker`: temporal deviation of the luma there less the zone's median, grey levels;
    `down_px` and `move_px`: flow from frame to frame there, downwards and in any direction.
    `baseline_shift` and `upstream_shift`: ΔE of the zone's lower half from its own past and from
    the patch upstream, 0 without them; `light_shift`: change of the zone's median L in the stack.
    """

    white_share: float
    column: float
    texture: float
    flicker: float
    down_px: float
    move_px: float
    baseline_shift: float = 0.0
    upstream_shift: float = 0.0
    light_shift: float = 0.0

    def vector(self) -> NDArray[np.float64]:
        """The six that need no past, for the joint verdict."""
        return np.array(astuple(self)[:6], np.float64)


def measured(
    stack: Image, baseline: NDArray[np.float64] | None = None, upstream: Image | None = None
) -> Signals:
    """The signals of a stack; `baseline` is a Lab colour (3,), `upstream` a stack of its own."""
    lab = _lab(stack.mean(axis=0).astype(np.float32))
    luma = np.stack([cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) for frame in stack]).astype(np.float32)
    mean = luma.mean(axis=0)
    relief = _deviation(mean)
    white = _white(lab, relief)
    weight = white / max(float(white.sum()), 1e-6)
    spread = luma.std(axis=0)
    flows = _flow(luma, weight)
    colour = zone_colour(stack)
    medians = np.median(luma, axis=(1, 2)) / 2.55
    return Signals(
        white_share=float(white.mean()),
        column=_column(white),
        texture=float((relief * weight).sum()),
        flicker=float((spread * weight).sum() - np.median(spread)) if white.any() else 0.0,
        down_px=flows[0],
        move_px=flows[1],
        baseline_shift=0.0 if baseline is None else _shift(colour, baseline),
        upstream_shift=0.0 if upstream is None else _shift(colour, zone_colour(upstream)),
        light_shift=float(medians[-1] - medians[0]),
    )


def zone_colour(stack: Image) -> NDArray[np.float64]:
    """Median Lab (3,) of the lower half of a zone, where its water stands."""
    lab = _lab(stack.mean(axis=0).astype(np.float32))
    return np.asarray(np.median(lab[lab.shape[0] // 2 :].reshape(-1, 3), axis=0), np.float64)


def _lab(bgr: Field) -> Field:
    return np.asarray(cv2.cvtColor(bgr / 255, cv2.COLOR_BGR2LAB), np.float32)


def _shift(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(a - b))


def _deviation(luma: Field, sigma: float = 2.0) -> Field:
    """Local standard deviation, grey levels."""
    mean = cv2.GaussianBlur(luma, (0, 0), sigma)
    square = cv2.GaussianBlur(luma * luma, (0, 0), sigma)
    return np.sqrt(np.maximum(square - mean * mean, 0)).astype(np.float32)


def _white(lab: Field, relief: Field) -> Field:
    lightness = lab[..., 0]
    pale = lightness > max(float(np.median(lightness)) + _WHITE_L, 45.0)
    grey = np.hypot(lab[..., 1], lab[..., 2]) < _GREY_CHROMA
    return np.asarray(pale & grey & (relief > _RELIEF), np.float32)


def _column(white: Field) -> float:
    """The best upright streak: share of the zone's height that one band of columns fills."""
    band = max(1, white.shape[1] // 12)
    narrow = cv2.blur(white, (band, 1))
    return float((narrow > 0.5).mean(axis=0).max())


def _flow(luma: Field, weight: Field) -> tuple[float, float]:
    """Median over the stack of the weighted flow, (downwards, any direction), pixels a frame."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    down, move = [], []
    frames = luma.astype(np.uint8)
    for before, after in pairwise(frames):
        flow = dis.calc(before, after, np.zeros((*before.shape, 2), np.float32))
        # The camera's own movement is that of most of the zone.
        own = flow - np.median(flow.reshape(-1, 2), axis=0)
        down.append(float((own[..., 1] * weight).sum()))
        move.append(float((np.linalg.norm(own, axis=2) * weight).sum()))
    return (float(np.median(down)), float(np.median(move))) if down else (0.0, 0.0)
