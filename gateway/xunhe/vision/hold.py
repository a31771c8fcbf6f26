"""Hysteresis over looks: a state opens when its median has held, and ends when all have gone."""

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from statistics import median_low

from xunhe.vision.look import LIMIT, STATES, Look

_LEAST_LOOKS = 5  # so that two gusts among three key frames are no discharge
_GAP_S = 30.0  # of unseen time after which old looks no longer count
_STAYS = 0.7  # of the limit, below which a state that is open counts as gone
_MOST = 128


@dataclass(slots=True)
class Held:
    """The looks that were seen clearly in the last `hold_s` seconds, five at least."""

    hold_s: float
    _looks: deque[Look] = field(default_factory=lambda: deque(maxlen=_MOST))

    def add(self, look: Look) -> None:
        """A look without a veto. After a long gap, or where time goes back, all before is void."""
        if self._looks and not 0 <= look.time_s - self._looks[-1].time_s <= _GAP_S:
            self._looks.clear()
        self._looks.append(look)
        while len(self._looks) > _LEAST_LOOKS and self._spans_without_first():
            self._looks.popleft()

    def _spans_without_first(self) -> bool:
        second = next(islice(self._looks, 1, 2))
        return self._looks[-1].time_s - second.time_s >= self.hold_s

    def forget(self) -> None:
        """Start anew."""
        self._looks.clear()

    @property
    def is_full(self) -> bool:
        """Long enough, and looks enough, to decide by."""
        if len(self._looks) < _LEAST_LOOKS:
            return False
        return self._looks[-1].time_s - self._looks[0].time_s >= self.hold_s - 1e-6

    def strengths(self) -> dict[str, float]:
        """The medians by state, so that more than half of the looks agree; empty until full."""
        if not self.is_full:
            return {}
        return {
            state: median_low([look.strengths[state] for look in self._looks]) for state in STATES
        }

    def since_s(self, state: str) -> float:
        """When the first of these looks showed it."""
        shown = (look.time_s for look in self._looks if look.strengths[state] >= LIMIT)
        return next(shown, self._looks[-1].time_s)

    def is_quiet(self) -> bool:
        """No look of these comes near any state: it is safe to learn from."""
        return self.is_full and all(look.strongest < LIMIT * _STAYS for look in self._looks)


def worst(strengths: dict[str, float]) -> str | None:
    """The worst state that has held."""
    held = [state for state in STATES if strengths.get(state, 0.0) >= LIMIT]
    return held[-1] if held else None


def is_gone(strengths: dict[str, float]) -> bool:
    """Nothing is left of any state; False where nothing is known."""
    return bool(strengths) and max(strengths.values()) < LIMIT * _STAYS
