"""One look at a mouth: how strongly it flows, foams, is coloured or oily, or why nobody can tell.

Strengths are 0..1 and 0.5 is the limit for all of them, whatever a label's own threshold is.
The network and its joined signals say what flows; what a mouth's own past and the water beside it
say goes against them:

* where nothing moves at all (a dry slab with pale streaks), or where the zone has no more white
  water, texture and flicker than while it was dry (rain), the score of flowing has to be higher;
* where the water upstream would count as flowing too, it is rain, waves or a weir;
* a colour needs the zone to be off its past and off the water upstream; the network alone is heard
  only where no past is known, or where it is backed by the change it cannot have without;
* foam and sheen need more than a dry mouth of this place usually scores.
"""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.vision.baseline import Baseline, Colours, Shift, colours_of
from xunhe.vision.mouth import FRAMES, Stack
from xunhe_models.discharge.finder import Finder
from xunhe_models.discharge.signals import Signals, measured

STATES = ("flowing", "foaming", "coloured", "sheen")  # the later, the worse
LIMIT = 0.5

_TIMES_S = np.linspace(0, 2, FRAMES).tolist()  # as the network was taught; see `mouth`
_SIGNALS = ("white_share", "texture", "flicker")  # that a mouth's past is kept of

_STILL = (0.8, 0.08)  # flicker in grey levels and movement in pixels of what does not move
_DOUBT = 0.625  # so that a still or familiar zone flows from a score of 0.8 on
_WHITER, _ROUGHER, _LIVELIER = 0.03, 1.25, 2.5  # share of the zone, factor, grey levels
_FLAT = 3.0  # grey levels of deviation in a picture of nothing
_LIGHT_L = 4.0  # of the zone and of its reference, within one stack
_RIVERWIDE = 0.2  # that the zone must score more than the water upstream
# White water of a clean jet scores up to 0.88 as foam for moments, 0.72 in the median.
_FOAM_LIMIT, _FOAM_SHARE = 0.85, 0.15
_ABOVE_USUAL = 0.3
_DYED, _SHADED = 0.15, 0.15  # share of the zone
_UNCHANGED = 0.04  # share of cells below which a zone looks as it always does
_BACKED = 0.5  # of the network's score of colour, where the lightness is off too


class Veto(StrEnum):
    """Why a look says nothing."""

    DARK = "dark"
    FLAT = "flat"
    LIGHT = "light"
    RIVERWIDE = "riverwide"


@dataclass(frozen=True, slots=True)
class Look:
    """`strengths` by state; with a `veto` they are not to be counted.

    `values` are scores and signals as they came, for the baseline.
    """

    time_s: float
    strengths: dict[str, float]
    veto: Veto | None
    values: dict[str, float]
    colours: Colours | None

    @property
    def strongest(self) -> float:
        """Of all states."""
        return max(self.strengths.values(), default=0.0)


def look(stack: Stack, finder: Finder, baseline: Baseline, night_luma: float) -> Look:
    """Judge a stack."""
    if veto := _unseen(stack, night_luma):
        return Look(stack.time_s, {}, veto, {}, None)
    colours = colours_of(stack)
    verdict = finder.zone(list(stack.zone), _TIMES_S, _whole(stack.zone))
    shift = baseline.shift(colours, stack.time_s)
    signals = measured(stack.zone)
    scores = verdict.scores | {"flowing": verdict.flowing}
    strengths = _strengths(scores, signals, shift, baseline, finder.card.thresholds)
    found = max(strengths["flowing"], strengths["foaming"]) >= LIMIT
    riverwide = found and stack.is_upstream and _is_riverwide(stack, finder, verdict.flowing)
    values = scores | {name: getattr(signals, name) for name in _SIGNALS}
    return Look(stack.time_s, strengths, Veto.RIVERWIDE if riverwide else None, values, colours)


def _whole(crops: NDArray[np.uint8]) -> tuple[float, float, float, float]:
    return (0.0, 0.0, float(crops.shape[2]), float(crops.shape[1]))


def _medians(crops: NDArray[np.uint8], mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Median luma (T,) of what was drawn."""
    lumas = [cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)[mask] for crop in crops]
    return np.array([float(np.median(luma)) for luma in lumas])


def _unseen(stack: Stack, night_luma: float) -> Veto | None:
    """Night, a covered lens, or a light change: zone and reference jump the same way together."""
    lumas = _medians(stack.zone, stack.zone_mask)
    beside = _medians(stack.reference, stack.reference_mask)
    if max(lumas[-1], beside[-1]) < night_luma:
        return Veto.DARK
    if all(
        float(crops[-1].std(axis=(0, 1)).max()) < _FLAT for crops in (stack.zone, stack.reference)
    ):
        return Veto.FLAT
    jump, jump_beside = (lumas - lumas[0]) / 2.55, (beside - beside[0]) / 2.55
    together = np.minimum(np.abs(jump), np.abs(jump_beside)) * (jump * jump_beside > 0)
    return Veto.LIGHT if together.max() >= _LIGHT_L else None


def _is_riverwide(stack: Stack, finder: Finder, flowing: float) -> bool:
    """Does the water upstream look as much like a discharge as the mouth does?"""
    beside = finder.zone(list(stack.reference), _TIMES_S, _whole(stack.reference))
    return beside.flowing >= LIMIT and beside.flowing >= flowing - _RIVERWIDE


def _strengths(
    scores: dict[str, float],
    signals: Signals,
    shift: Shift | None,
    baseline: Baseline,
    limits: dict[str, float],
) -> dict[str, float]:
    is_still = signals.flicker < _STILL[0] and signals.move_px < _STILL[1]
    doubt = _DOUBT if is_still or _is_familiar(signals, baseline) else 1.0
    foam_limit = max(limits["foaming"], _FOAM_LIMIT, _needed("foaming", baseline))
    is_pale = signals.white_share >= _FOAM_SHARE
    return {
        "flowing": doubt * _strength(scores["flowing"], _flow_limit(limits["flowing"], baseline)),
        "foaming": _strength(scores["foaming"], foam_limit) if is_pale else 0.0,
        "coloured": _coloured(scores["coloured"], limits["coloured"], shift),
        "sheen": _strength(scores["sheen"], max(limits["sheen"], _needed("sheen", baseline))),
    }


def _is_familiar(signals: Signals, baseline: Baseline) -> bool:
    """Does the zone show no more of white water than while it was dry?"""
    if not baseline.is_known:
        return False
    usual = baseline.usual
    return (
        signals.white_share < usual["white_share"] + _WHITER
        and signals.texture < _ROUGHER * usual["texture"] + 1
        and signals.flicker < usual["flicker"] + _LIVELIER
    )


def _flow_limit(limit: float, baseline: Baseline) -> float:
    """Where a person called a zone dry that scores above the limit, it must exceed its usual."""
    return limit if baseline.usual.get("flowing", 0.0) < limit else _needed("flowing", baseline)


def _needed(label: str, baseline: Baseline) -> float:
    return min(baseline.usual.get(label, 0.0) + _ABOVE_USUAL, 0.99)


def _coloured(score: float, limit: float, shift: Shift | None) -> float:
    told = _strength(score, limit)
    if shift is None:
        return told
    dyed = min(1.0, LIMIT * shift.dyed / _DYED)
    if max(shift.dyed, shift.shaded) < _UNCHANGED:
        return dyed
    shaded = min(1.0, LIMIT * shift.shaded / _SHADED)
    return max(dyed, told, min(shaded, _strength(score, _BACKED)))


def _strength(score: float, limit: float) -> float:
    """The score bent so that its limit is 0.5."""
    if score < limit:
        return LIMIT * score / limit
    return LIMIT + (1 - LIMIT) * (score - limit) / max(1 - limit, 1e-6)
