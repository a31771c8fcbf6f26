"""The truth of a run: what the devices measured, and what they were told is safe."""

from dataclasses import dataclass, field

from xunhe_tools.bench.gateway.frames import Reading

Key = tuple[str, int, int]  # (device, boot, seq)


@dataclass(slots=True)
class Ledger:
    """Every reading by its key; which of them were acknowledged, as taken or as refused."""

    readings: dict[Key, Reading] = field(default_factory=dict)
    accepted: set[Key] = field(default_factory=set)
    refused: set[Key] = field(default_factory=set)
    polluted: dict[str, float] = field(default_factory=dict)  # station → beyond the limit since, s

    @property
    def acknowledged(self) -> int:
        """How many readings their devices may forget."""
        return len(self.accepted) + len(self.refused)
