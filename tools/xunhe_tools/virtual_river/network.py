"""The reaches of the river, how they join, and the way of the water between two places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from xunhe_tools.virtual_river.strict import ConfigError, known


@dataclass(frozen=True, slots=True)
class ReachFlow:
    """One stretch with uniform flow; `downstream` is a code, None at the mouth."""

    code: str
    downstream: str | None
    length_m: float
    velocity_m_s: float
    dispersion_m2_s: float
    discharge_m3_s: float

    def __post_init__(self) -> None:
        for name in ("length_m", "velocity_m_s", "dispersion_m2_s", "discharge_m3_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} {getattr(self, name)} must be positive")


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the river: metres from the upstream end of a reach."""

    reach: str
    position_m: float


@dataclass(frozen=True, slots=True)
class Way:
    """The way of the water between two places, as one uniform channel.

    Arrival time along a uniform stretch has mean L/v and variance 2DL/v³ (far field). Both add
    over stretches, so the equivalent channel has the same length, mean and variance; for a single
    reach it is that reach, exactly. `dilution` is the share that confluences leave.
    """

    length_m: float
    travel_s: float
    spread_s2: float
    dilution: float

    @property
    def velocity_m_s(self) -> float:
        """Mean velocity (only for length > 0)."""
        return self.length_m / self.travel_s

    @property
    def dispersion_m2_s(self) -> float:
        """Dispersion that gives the same spread of arrival times (only for length > 0)."""
        return self.spread_s2 * self.velocity_m_s**3 / (2 * self.length_m)


def _way(legs: Sequence[tuple[ReachFlow, float]]) -> Way:
    """Sum of (reach, metres in it)."""
    dilution = 1.0
    for (above, _), (below, _) in pairwise(legs):
        # A reach that loses water (abstraction) does not concentrate what it carries.
        dilution *= min(1.0, above.discharge_m3_s / below.discharge_m3_s)
    return Way(
        sum(metres for _, metres in legs),
        sum(metres / reach.velocity_m_s for reach, metres in legs),
        sum(2 * r.dispersion_m2_s * metres / r.velocity_m_s**3 for r, metres in legs),
        dilution,
    )


@dataclass(frozen=True, slots=True)
class Network:
    """All reaches; ConfigError on a duplicate, an unknown neighbour or a circle."""

    reaches: tuple[ReachFlow, ...]
    _by_code: dict[str, ReachFlow] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", {reach.code: reach for reach in self.reaches})
        if len(self._by_code) != len(self.reaches):
            raise ConfigError("reaches: a code occurs twice")
        for reach in self.reaches:
            if reach.downstream is not None:
                known(reach.downstream, self._by_code, f"reaches.{reach.code}.downstream", "reach")
            if sum(1 for _ in self._down_from(reach.code)) > len(self.reaches):
                raise ConfigError(f"reaches.{reach.code}.downstream: the river runs in a circle")

    def _down_from(self, code: str) -> Iterator[ReachFlow]:
        """The reach and all below it; one too many in a circle, so that it can be noticed."""
        next_code: str | None = code
        for _ in range(len(self.reaches) + 1):
            if next_code is None:
                return
            reach = self._by_code[next_code]
            yield reach
            next_code = reach.downstream

    def reach(self, code: str) -> ReachFlow:
        """The reach with this code. ConfigError if there is none."""
        return self._by_code[known(code, self._by_code, "reach", "reach")]

    def check(self, place: Place, where: str) -> None:
        """ConfigError, naming `where`, unless the place lies on the river."""
        known(place.reach, self._by_code, f"{where}.reach", "reach")
        length_m = self._by_code[place.reach].length_m
        if not 0 <= place.position_m <= length_m:
            raise ConfigError(
                f"{where}.position_m: {place.position_m} is outside 0..{length_m} of {place.reach}"
            )

    def way(self, source: Place, target: Place) -> Way | None:
        """How water gets from one place to the other; None if it does not."""
        if source.reach == target.reach:
            metres = target.position_m - source.position_m
            return _way([(self.reach(source.reach), metres)]) if metres >= 0 else None
        legs: list[tuple[ReachFlow, float]] = []
        for reach in self._down_from(source.reach):
            if reach.code == target.reach:
                return _way([*legs, (reach, target.position_m)])
            legs.append((reach, reach.length_m - (0 if legs else source.position_m)))
        return None

    def travel_to_mouth_s(self, place: Place) -> float:
        """Time for the water to leave the network."""
        times = [reach.length_m / reach.velocity_m_s for reach in self._down_from(place.reach)]
        return sum(times) - place.position_m / self.reach(place.reach).velocity_m_s
