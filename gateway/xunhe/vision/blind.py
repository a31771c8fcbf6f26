"""Whether a camera can see: what its picture shows, against what it has learnt to show.

Decided on a small luma plane once a second, by what can be seen:

* dark: nothing stands out (mean below `night_luma` and hardly an edge). A lamp-lit or infrared
  night still shows edges and is no darkness. Where the light went over minutes, or was never seen
  to go, it is **night**: no alarm, nothing is looked for and no absence is counted. Where it went
  within a minute, the camera is blind: the sun does not set that fast. Nor does a night last 18
  hours.
* covered: the edges of the whole picture lost most of their strength at once, and it is not dark.
* moved: the edges outside the water lie elsewhere than in the slowly learnt outlook, or nowhere.
* frozen: the water's pixels are the same to the last bit; living water and a sensor's noise never
  are. (By night they may be, so night comes first.)

A camera that goes over to infrared shows another picture at once: it has no colour, which tells it
from a covered or moved one, and an outlook of its own. Fog and seasons come slowly and are learnt.
What is wrong must last `blind_after_s` to be told.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.settings import VisionSettings
from xunhe.vision.geometry import Mask
from xunhe.vision.outlook import Edges, Outlook, edges_of

_WIDTH = 160  # of the small plane, pixels
_EVERY_S = 0.9
_EDGE_DARK = 6.0  # of the best 2 % of pixels; a sensor's noise, once blurred, stays below
_LEARNT_S = 20.0  # of seeing, before anything is held against the outlook
_MIDDLE = 110.0  # grey level at which edges are compared
_FADED = 0.3  # of the outlook's strength
_ALIKE = 0.35  # correlation; the same place scores 0.7 to 0.95 in any light, another one about 0
_SAME = 5  # frames; a chance on few
_DUSK_S = 60.0
_LONGEST_NIGHT_S = 18 * 3600.0
_LEAST_BANK = 0.08  # of the picture; with less bank than that, the whole picture must tell


class Blindness(StrEnum):
    """Why a camera cannot see."""

    DARK = "dark"
    COVERED = "covered"
    MOVED = "moved"
    FROZEN = "frozen"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Insight:
    """Whether the picture can be used (`clear`), and what is wrong and has lasted."""

    clear: bool
    night: bool = False
    blindness: Blindness | None = None


class Eyesight:
    """Judges one camera's sight.

    The mask `fixed` (h, w) is not 0 where nothing moves, `water` where the picture must live;
    `remembered` is what `memory` gave before a restart.
    """

    def __init__(
        self, fixed: Mask, water: Mask, settings: VisionSettings, remembered: Any = None
    ) -> None:
        self._dusk = _Dusk(settings.night_luma)
        self._blind_after_s = settings.blind_after_s
        self._night_luma = max(settings.night_luma, 1.0)
        self._is_dim = False
        height, width = fixed.shape
        self._size = (min(_WIDTH, width), max(8, round(min(_WIDTH, width) * height / width)))
        small = cv2.resize(fixed, self._size, interpolation=cv2.INTER_NEAREST) > 0
        self._fixed = small if small.mean() >= _LEAST_BANK else np.ones_like(small)
        self._water = water > 0
        self._is_grey = False
        self._outlooks = _recalled(remembered, small.shape)
        self._judged_s: float | None = None
        self._last: NDArray[np.uint8] | None = None
        self._still_s, self._same = 0.0, 0  # since when, and how often, the pixels are the same
        self._wrong: Blindness | None = None
        self._wrong_s = 0.0
        self._insight = Insight(clear=True)

    def see(self, luma: NDArray[np.uint8], time_s: float, is_grey: Callable[[], bool]) -> Insight:
        """Judge a frame (h, w); between two judgements, a second apart, the last one holds.

        `is_grey` tells whether the full picture has no colour; asked only when in doubt.
        """
        if self._judged_s is not None and 0 <= time_s - self._judged_s < _EVERY_S:
            return self._insight
        elapsed_s = 0.0 if self._judged_s is None else time_s - self._judged_s
        self._judged_s = time_s
        small = cv2.resize(luma, self._size, interpolation=cv2.INTER_AREA)
        edges = edges_of(np.asarray(cv2.blur(small, (3, 3)), np.uint8))
        mean = float(small.mean())
        self._dusk.see(mean, edges, time_s, elapsed_s)
        # What the light takes from the edges is not taken by a cover: hold them against it.
        self._is_dim = mean < 2 * self._night_luma
        edges *= np.float32(_MIDDLE / max(mean, self._night_luma))
        wrong = self._wrong_now(luma, edges, time_s, is_grey)
        if wrong is not self._wrong or elapsed_s < 0:
            self._wrong, self._wrong_s = wrong, time_s
        clear = wrong is None and not self._dusk.is_dark
        if clear:
            self._learn(edges, elapsed_s)
        lasts = wrong is Blindness.FROZEN or time_s - self._wrong_s >= self._blind_after_s
        self._insight = Insight(clear, self._dusk.is_night, wrong if lasts else None)
        return self._insight

    def memory(self) -> Any:
        """The outlooks, JSON-able."""
        return {"grey" if grey else "colour": o.to_json() for grey, o in self._outlooks.items()}

    def _wrong_now(
        self,
        luma: NDArray[np.uint8],
        edges: Edges,
        time_s: float,
        is_grey: Callable[[], bool],
    ) -> Blindness | None:
        is_frozen = self._is_frozen(luma, time_s)
        if self._dusk.is_dark:
            return None if self._dusk.is_night else Blindness.DARK
        if is_frozen:
            return Blindness.FROZEN
        doubt = self._doubt(edges, self._is_grey)
        if doubt is None or is_grey() == self._is_grey:
            return doubt
        other = not self._is_grey
        # A cover has no colour either: it is infrared only if there is something to see.
        if doubt is Blindness.COVERED and other not in self._outlooks:
            return doubt
        self._is_grey = other
        return self._doubt(edges, other)

    def _doubt(self, edges: Edges, is_grey: bool) -> Blindness | None:
        """What the outlook of a light says against a view."""
        outlook = self._outlooks.get(is_grey)
        if outlook is None or outlook.learnt_s < _LEARNT_S or self._is_dim:
            return None
        if outlook.strength_of(edges) < _FADED:
            return Blindness.COVERED
        return Blindness.MOVED if outlook.likeness(edges, self._fixed) < _ALIKE else None

    def _is_frozen(self, luma: NDArray[np.uint8], time_s: float) -> bool:
        living = luma[self._water]
        if self._last is None or not np.array_equal(living, self._last):
            self._still_s, self._same = time_s, 0
        else:
            self._same += 1
        self._last = living
        return self._same >= _SAME and time_s - self._still_s >= self._blind_after_s

    def _learn(self, edges: Edges, elapsed_s: float) -> None:
        if self._is_grey not in self._outlooks:
            self._outlooks[self._is_grey] = Outlook(edges.copy())
        self._outlooks[self._is_grey].learn(edges, elapsed_s)


class _Dusk:
    """Follows the light: is it dark, and did it get so as nights do?"""

    def __init__(self, night_luma: float) -> None:
        self._night_luma = night_luma
        self._bright_s: float | None = None  # when it was last bright
        self._dark_s: float | None = None  # since when it is dark
        self._fell_fast = False
        self._time_s = 0.0

    @property
    def is_dark(self) -> bool:
        """Nothing can be seen."""
        return self._dark_s is not None

    @property
    def is_night(self) -> bool:
        """It is dark as nights are."""
        if self._dark_s is None or self._fell_fast:
            return False
        return self._time_s - self._dark_s <= _LONGEST_NIGHT_S

    def see(self, mean: float, edges: Edges, time_s: float, elapsed_s: float) -> None:
        """Take a view's mean grey level and its edges in."""
        if not 0 <= elapsed_s <= _DUSK_S:  # nobody looked when the light went
            self._bright_s = None
        self._time_s = time_s
        is_dark = mean < self._night_luma and float(np.percentile(edges, 98)) < _EDGE_DARK
        if mean >= 2 * self._night_luma:
            self._bright_s = time_s
        if not is_dark:
            self._dark_s, self._fell_fast = None, False
        elif self._dark_s is None or time_s < self._dark_s:
            self._dark_s = time_s
            self._fell_fast = self._bright_s is not None and time_s - self._bright_s < _DUSK_S


def _recalled(value: Any, shape: tuple[int, ...]) -> dict[bool, Outlook]:
    """The outlooks of a memory; none where it is of another size or damaged."""
    if not isinstance(value, dict):
        return {}
    found = {}
    for name, grey in (("colour", False), ("grey", True)):
        if name not in value:
            continue
        try:
            outlook = Outlook.from_json(value[name])
        except (KeyError, TypeError, ValueError):
            continue
        if outlook.edges.shape == shape:
            found[grey] = outlook
    return found
