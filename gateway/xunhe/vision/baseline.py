"""How the water of an outfall's zone looks while nothing flows: its own past, by hour of the day.

The zone's cells are compared with the patch upstream, or with the surroundings: a river that turns
brown everywhere after rain, or a sun that comes out, moves both, and a cell that lies anywhere
between its own past and its past moved along with the reference is usual. So is one that looks as
it did of late, or as it does at this hour. What turns paler and greyer is white water, no colour.

Limits: black water and a shadow look alike to it (`shaded`), and the network has to say which; a
discharge that is on when the first frames arrive is learnt as usual unless the network names it.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.domain.clock import SHANGHAI
from xunhe.vision.mouth import Stack

Floats = NDArray[np.float64]

_GRID = 6  # cells along a side of the zone's square
_LEAST_COVER = 0.25  # of a cell that was drawn
_RECENT_S, _HOUR_S = 1200.0, 3600.0  # time constants of what is learnt
_STEP_MOST_S = 10.0  # that one look counts for
_READY_S, _READY_LOOKS = 30.0, 8
_DYED, _SHADED = 8.0, 12.0  # Lab: chroma that is off, lightness that is off
_WHITER_L = 4.0
_GREY_CHROMA = 2.5  # at night under infrared light every picture is grey
_DIGITS = 1


@dataclass(frozen=True, slots=True)
class Colours:
    """Lab of a mouth: of its `cells` (36, 3), which of them count (36,), of its reference (3,)."""

    cells: Floats
    counts: NDArray[np.bool_]
    reference: Floats

    @property
    def is_grey(self) -> bool:
        """A picture without colour has nothing to say about colours."""
        chroma = np.hypot(self.cells[self.counts, 1], self.cells[self.counts, 2])
        own = float(np.hypot(self.reference[1], self.reference[2]))
        return max(float(chroma.mean()), own) < _GREY_CHROMA


@dataclass(frozen=True, slots=True)
class Shift:
    """Shares of the zone, 0..1, that are of another hue and of another lightness than usual."""

    dyed: float
    shaded: float


def colours_of(stack: Stack) -> Colours:
    """The colours of a stack's mean picture."""
    lab = _lab(stack.zone)
    weight = stack.zone_mask.astype(np.float32)
    cover = cv2.resize(weight, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    summed = cv2.resize(lab * weight[..., None], (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    cells = (summed / np.maximum(cover, 1e-6)[..., None]).reshape(-1, 3).astype(np.float64)
    counts = cover.ravel() >= min(_LEAST_COVER, float(cover.max()))
    beside = np.median(_lab(stack.reference)[stack.reference_mask], axis=0).astype(np.float64)
    return Colours(np.where(counts[:, None], cells, 0.0), counts, beside)


def _lab(stack: NDArray[np.uint8]) -> NDArray[np.float32]:
    mean = stack.mean(axis=0).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(mean, cv2.COLOR_BGR2LAB), np.float32)


@dataclass(slots=True)
class _Past:
    """Learnt colours: means of cells (36, 3) and reference (3,), seconds and looks behind them."""

    cells: Floats
    reference: Floats
    seconds: float = 0.0
    looks: int = 0

    @property
    def is_ready(self) -> bool:
        return self.seconds >= _READY_S and self.looks >= _READY_LOOKS

    def learn(self, colours: Colours, step_s: float, constant_s: float) -> None:
        self.seconds, self.looks = self.seconds + step_s, self.looks + 1
        share = max(1 / self.looks, 1 - math.exp(-step_s / constant_s))
        self.cells = self.cells + share * (colours.cells - self.cells)
        self.reference = self.reference + share * (colours.reference - self.reference)

    def unusual(self, colours: Colours) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which cells (36,) are dyed, which shaded."""
        moved = colours.reference - self.reference
        off = colours.cells - self.cells
        along = np.clip(off @ moved / max(float(moved @ moved), 1e-9), 0, 1)
        off = off - along[:, None] * moved
        chroma = np.hypot(colours.cells[:, 1], colours.cells[:, 2])
        whiter = (off[:, 0] > _WHITER_L) & (chroma < np.hypot(self.cells[:, 1], self.cells[:, 2]))
        dyed = (np.hypot(off[:, 1], off[:, 2]) >= _DYED) & ~whiter
        return dyed, np.abs(off[:, 0]) >= _SHADED

    def to_json(self) -> dict[str, Any]:
        return {
            "cells": np.round(self.cells, _DIGITS).tolist(),
            "reference": np.round(self.reference, _DIGITS).tolist(),
            "seconds": round(self.seconds, _DIGITS),
            "looks": self.looks,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "_Past":
        cells = np.array(saved["cells"], np.float64).reshape(_GRID * _GRID, 3)
        reference = np.array(saved["reference"], np.float64).reshape(3)
        return cls(cells, reference, float(saved["seconds"]), int(saved["looks"]))


@dataclass(slots=True)
class Baseline:
    """The past of one mouth. The caller lets it learn only while nothing flows and all is seen.

    `usual` are values of a dry zone by name (scores of the network, signals), learnt over the same
    `seconds` and `looks`.
    """

    usual: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    looks: int = 0
    _pasts: dict[str, _Past] = field(default_factory=dict)  # "recent", and hours "0" to "23"
    _learnt_s: float | None = None

    @property
    def is_known(self) -> bool:
        """Was the mouth seen dry for long enough to say what is usual?"""
        return self.seconds >= _READY_S and self.looks >= _READY_LOOKS

    def learn(self, colours: Colours, values: dict[str, float], time_s: float) -> None:
        """A look at a dry mouth. Grey pictures teach no colours."""
        since_s = 0.0 if self._learnt_s is None else time_s - self._learnt_s
        step_s = min(max(since_s, 0.0), _STEP_MOST_S)
        self._learnt_s = time_s
        self.seconds, self.looks = self.seconds + step_s, self.looks + 1
        share = max(1 / self.looks, 1 - math.exp(-step_s / _RECENT_S))
        for name, value in values.items():
            before = self.usual.get(name, value)
            self.usual[name] = before + share * (value - before)
        if colours.is_grey:
            return
        for key, constant_s in (("recent", _RECENT_S), (_hour(time_s), _HOUR_S)):
            past = self._pasts.setdefault(key, _Past(colours.cells, colours.reference))
            past.learn(colours, step_s, constant_s)

    def shift(self, colours: Colours, time_s: float) -> Shift | None:
        """How far the mouth is from its past; None where that is not known or all is grey."""
        pasts = [self._pasts.get("recent"), self._pasts.get(_hour(time_s))]
        ready = [past for past in pasts if past is not None and past.is_ready]
        if not ready or colours.is_grey:
            return None
        dyed, shaded = colours.counts.copy(), colours.counts.copy()
        for past in ready:
            is_dyed, is_shaded = past.unusual(colours)
            dyed, shaded = dyed & is_dyed, shaded & is_shaded
        whole = int(colours.counts.sum())
        return Shift(float(dyed.sum() / whole), float(shaded.sum() / whole))

    def to_json(self) -> dict[str, Any]:
        """For `Baseline.from_json`."""
        pasts = {key: past.to_json() for key, past in self._pasts.items()}
        return {
            "usual": {name: round(value, 4) for name, value in self.usual.items()},
            "seconds": round(self.seconds, _DIGITS),
            "looks": self.looks,
            "pasts": pasts,
        }

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> "Baseline":
        """KeyError, TypeError or ValueError where it is not what `to_json` writes."""
        pasts = {str(key): _Past.from_json(past) for key, past in saved["pasts"].items()}
        usual = {str(name): float(value) for name, value in saved["usual"].items()}
        return cls(usual, float(saved["seconds"]), int(saved["looks"]), pasts)


def _hour(time_s: float) -> str:
    return str(datetime.fromtimestamp(time_s, SHANGHAI).hour)
