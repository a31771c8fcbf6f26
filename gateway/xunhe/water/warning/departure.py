"""How far several indicators together stray from what they just were, in standard deviations.

For spans from three slots to four hours: the mean over the span against the median of the hours
before it, divided by what such a difference usually is at that hour. Each indicator counts in the
directions in which a discharge moves it; they join in a cubic norm.
"""

from dataclasses import dataclass

import numpy as np

from xunhe.water.series import HOUR_S
from xunhe.water.warning.indicators import Floats
from xunhe.water.warning.robust import capped_mean, later, median, trailing
from xunhe.water.warning.settings import WarningSettings
from xunhe.water.warning.tracks import Tracks

SPANS_H = (1, 2, 3, 4)
LEAST_SLOTS = 3
_ENOUGH = 1 / 3  # of the slots of a reference must be there
_NORM = 3  # between the sum of squares, for which clouds count as much as sewage, and the maximum


@dataclass(frozen=True, slots=True)
class Departures:
    """The greatest joint score at each slot (n,), the span (slots) that has it, and its parts.

    `parts` (moves, n) are the weighted scores of each move over that span, at least 0; `references`
    (moves, n) the residuals that it moved from.
    """

    score: Floats
    spans: Floats
    parts: Floats
    references: Floats


def departures(tracks: Tracks, settings: WarningSettings) -> Departures:
    """The joint departure at every slot, each from what came before its own span."""
    grid = tracks.grid
    windows = trailing(tracks.residuals, grid.slots(settings.reference_s))
    is_enough = np.mean(~np.isnan(windows), axis=-1) >= _ENOUGH
    before = np.where(is_enough, median(windows), np.nan)
    spans = np.unique([LEAST_SLOTS] + [max(LEAST_SLOTS, grid.slots(h * HOUR_S)) for h in SPANS_H])
    references = np.array([later(before, span) for span in spans])
    parts = np.array(
        [
            parts_of(tracks, reference, int(span), settings)
            for span, reference in zip(spans, references, strict=True)
        ]
    )
    doublings = np.log2(spans / LEAST_SLOTS)[:, None]
    score = joint(parts) / (1 + settings.doubling_needs * doublings)
    best = np.argmax(score, axis=0)
    at = np.arange(len(best))
    return Departures(score[best, at], spans[best], parts[best, :, at].T, references[best, :, at].T)


def joint(parts: Floats) -> Floats:
    """Cubic norm over the moves, the last axis but one."""
    return np.asarray(np.cbrt(np.sum(parts**_NORM, axis=-2)), np.float64)


def parts_of(tracks: Tracks, references: Floats, span: int, settings: WarningSettings) -> Floats:
    """Weighted score of each move over the last `span` slots, shape (moves, n), 0 where unknown.

    `references` has that shape, or (moves, 1) where one stands for all slots.
    """
    span_h = span * tracks.grid.slot_s / HOUR_S
    # The natural size is that of an hour's mean at least; a shorter one has more of the probe's
    # own noise.
    extra = tracks.noise**2 * max(0.0, 1 / span - tracks.grid.slot_s / HOUR_S)
    size = np.sqrt(tracks.size(span_h) ** 2 + extra)
    windows = trailing(tracks.residuals, span)
    mean, count = capped_mean(windows, LEAST_SLOTS, settings.spike_sigma * tracks.noise)
    score = tracks.weights * (mean - references) / size
    is_known = (count >= max(LEAST_SLOTS, span // 2)) & (score > 0)
    return np.where(is_known, score, 0.0)
