"""What comes of the frames of one transaction, until it is committed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.recording_lines import Event, Heard
from xunhe.adapters.reports import Down
from xunhe.adapters.store import devices, records
from xunhe.adapters.store.devices import Device
from xunhe.adapters.store.taken import Taken
from xunhe.domain.observation import Sample


@dataclass(slots=True)
class Batch:
    """Belongs to one write transaction; `now` is the same for all of it."""

    connection: sa.Connection
    now: datetime
    acks: list[tuple[str, bytes]] = field(default_factory=list)  # (station, frame)
    latest: dict[str, Sample] = field(default_factory=dict)
    down: list[Down] = field(default_factory=list)
    steps: list[Event] = field(default_factory=list)
    heard: dict[str, Device] = field(default_factory=dict)  # proved, by address
    counts: Counter[str] = field(default_factory=Counter)
    taken: dict[tuple[str, int, int], Taken] = field(default_factory=dict)  # not yet written
    _senders: dict[str, Device] = field(default_factory=dict)

    def expect(self, addresses: Iterable[bytes]) -> None:
        """Frames of these devices may be among them: look them up in one go."""
        self._senders = devices.find_all(self.connection, {each.hex() for each in addresses})

    def sender(self, address: bytes) -> Device | None:
        """The device with this address, if it is enrolled."""
        name = address.hex()
        return self._senders.get(name) or devices.find(self.connection, name)

    def hear(self, device: Device) -> None:
        """An authentic frame of a device is among them."""
        if device.device not in self.heard:
            self.heard[device.device] = device
            self.steps.append(Heard(self.now, device.station))

    def count(self) -> None:
        """Add to the totals that outlive the process."""
        for name, n in self.counts.items():
            if n:
                records.count(self.connection, name, n)

    def show(self, sample: Sample) -> None:
        """A new sample; the latest of each station goes out to others."""
        if sample.station not in self.latest or self.latest[sample.station].time <= sample.time:
            self.latest[sample.station] = sample
