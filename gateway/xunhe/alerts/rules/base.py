"""What every rule has: where it applies, how long it waits, and two questions that it answers."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from xunhe.alerts.view import WINDOW_S, View
from xunhe.alerts.words import Words
from xunhe.domain.incident import Finding, Kind, Severity
from xunhe.settings import Section

Count = Annotated[int, Field(ge=1)]
Span = Annotated[float, Field(ge=0)]
Ago = Annotated[float, Field(ge=0, lt=WINDOW_S)]  # nobody looks further back than a view reaches


@dataclass(frozen=True, slots=True)
class Departure:
    """What a rule sees at one sample. `detail` is what a page needs to draw it, JSON."""

    prop: str
    value: float | None
    baseline: float | None
    severity: Severity
    reason: Words
    detail: dict[str, Any] | None = None


class RuleBase(Section):
    """A rule's parameters. Durations are in the river's time.

    It raises when it sees something at each of `hold_samples` samples in a row that span at least
    `hold_s`, and clears when each of `clear_samples` that span `clear_s` says that it is over.
    """

    enabled: bool = True
    stations: tuple[str, ...] = ()
    incident: Kind = Kind.DISCHARGE
    severity: Severity = Severity.MAJOR
    hold_samples: Count = 1
    hold_s: Ago = 0
    clear_samples: Count = 1
    clear_s: Ago = 0

    @abstractmethod
    def look(self, view: View) -> Departure | None:
        """What is wrong at the newest sample of the view, if anything."""

    @abstractmethod
    def over(self, view: View, found: Finding) -> Words | None:
        """Why what it found is over at the newest sample; None while it goes on or is unknown."""

    def applies_to(self, station: str) -> bool:
        """Does it look at this station?"""
        return self.enabled and (not self.stations or station in self.stations)
