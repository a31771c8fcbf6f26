"""How parcels reach a worker, whichever broker lies between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from xunhe.adapters.province.intake import Carried


class LineError(RuntimeError):
    """The broker cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came, with whatever its broker needs to be answered."""

    carried: Carried
    handle: Any


class Line(Protocol):
    """A broker between gateways and workers. Each parcel goes to one of the workers."""

    @property
    def is_up(self) -> bool:
        """The broker answers."""
        ...

    def fetch(self, most: int, wait_s: float) -> list[Delivered]:
        """What waits, at most `most`; waits for the first. Empty while the broker is away."""
        ...

    def settle(self, batch: Sequence[Delivered], receipts: Mapping[str, bytes]) -> None:
        """These are committed: send the receipts, by gateway, and let the broker forget them.

        What cannot be sent now is lost; the gateways then send their parcels again.
        """
        ...

    def close(self) -> None:
        """Leave; what was fetched and not settled goes to another worker."""
        ...
