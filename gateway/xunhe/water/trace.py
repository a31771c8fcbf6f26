"""A trace: where a plume came from and where it goes, as it is kept and shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from xunhe.water.arrival import Arrival
from xunhe.water.reasons import Reason, ReasonKind
from xunhe.water.tracing import SuspectSource


@dataclass(frozen=True, slots=True)
class Trace:
    """The suspects, the likeliest first, and the arrivals, the soonest first."""

    suspects: tuple[SuspectSource, ...]
    arrivals: tuple[Arrival, ...]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """The trace that `dataclasses.asdict` made, once it has been through JSON."""
        return cls(
            tuple(_suspect(suspect) for suspect in row["suspects"]),
            tuple(Arrival(**arrival) for arrival in row["arrivals"]),
        )


def _suspect(row: Mapping[str, Any]) -> SuspectSource:
    reasons = tuple(
        Reason(**{**reason, "kind": ReasonKind(reason["kind"])}) for reason in row["reasons"]
    )
    return SuspectSource(**{**row, "reasons": reasons})
