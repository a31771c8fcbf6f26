"""When a mouth needs the stream's full rate for a while, and when it has asked often enough."""

from dataclasses import dataclass

_REST_S, _REST_MOST_S = 60.0, 960.0


@dataclass(slots=True)
class Attention:
    """Bursts of `burst_s` seconds; after each that led to nothing the rest before the next doubles.

    A mouth beside a windy tree would otherwise keep its camera at full rate for ever.
    """

    burst_s: float
    _until_s: float | None = None
    _rested_s: float | None = None
    _rest_s: float = _REST_S

    def notice(self, time_s: float) -> None:
        """Something may have begun."""
        if self._rested_s is not None and time_s < self._rested_s:
            return
        self._until_s = time_s + self.burst_s
        self._rested_s = self._until_s + self._rest_s
        self._rest_s = min(2 * self._rest_s, _REST_MOST_S)

    def settle(self) -> None:
        """It has been decided: a discharge opened or ended."""
        self._until_s, self._rested_s, self._rest_s = None, None, _REST_S

    def is_on(self, time_s: float) -> bool:
        """Is a burst under way?"""
        return self._until_s is not None and time_s <= self._until_s
