"""What a camera's pipeline must not forget when its process is started anew."""

from dataclasses import dataclass, field
from typing import Any, Self

VERSION = 1


@dataclass(frozen=True, slots=True)
class Memory:
    """JSON-able through and through.

    `zones` is the digest of the zones that it was made with: things and incidents outlive a change
    of the zones, the learnt outlook does not, since zones are drawn anew when a camera was moved.
    """

    time_s: float = 0.0
    zones: str = ""
    incidents: dict[str, Any] = field(default_factory=lambda: {"open": [], "ended": []})
    things: tuple[dict[str, Any], ...] = ()
    outlook: dict[str, Any] = field(default_factory=dict)
    outfalls: dict[str, dict[str, Any]] = field(default_factory=dict)
    dumping: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The value that `from_json` reads."""
        return {
            "version": VERSION,
            "time_s": self.time_s,
            "zones": self.zones,
            "incidents": self.incidents,
            "things": list(self.things),
            "outlook": self.outlook,
            "outfalls": self.outfalls,
            "dumping": self.dumping,
        }

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """ValueError where it is no memory, or one of another version."""
        if not isinstance(value, dict) or value.get("version") != VERSION:
            raise ValueError(f"not a memory of version {VERSION}: {str(value)[:80]}")
        try:
            return cls(
                float(value["time_s"]),
                str(value["zones"]),
                dict(value["incidents"]),
                tuple(value["things"]),
                dict(value["outlook"]),
                dict(value["outfalls"]),
                dict(value["dumping"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"a damaged memory: {error!r}") from error
