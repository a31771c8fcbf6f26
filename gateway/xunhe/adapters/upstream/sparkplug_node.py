"""What an edge node of Sparkplug B says and in which order: births, data, sequence, aliases.

Every station is a device. A metric is born with its name and is told by its alias from then on (by
its name for hosts that know no aliases); one that is new makes the device be born again. Nothing
here knows a connection.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from xunhe.codecs.sparkplug import BD_SEQ, REBIRTH, DataType, Metric, Quality, payload, topic
from xunhe.domain.observation import USABLE_FLAGS
from xunhe.water.properties import ucum

Packet = tuple[str, bytes]  # topic, payload
Values = Mapping[str, Sequence[float | None]]  # property → [value, QARTOD flag]


@dataclass(slots=True)
class _Device:
    """The newest of a station: property → ([value, flag], when measured)."""

    newest: dict[str, tuple[Sequence[float | None], datetime]] = field(default_factory=dict)


class EdgeNode:
    """The node of one connection after the other; `node` and `group` are levels of topics."""

    def __init__(self, group: str, node: str, *, has_aliases: bool = True) -> None:
        self._group, self._node, self._has_aliases = group, node, has_aliases
        self._bd_seq = -1
        self._seq = 0
        self._devices: dict[str, _Device] = {}
        self._aliases: dict[tuple[str, str], int] = {}

    @property
    def commands(self) -> str:
        """The topic of the commands to this node."""
        return topic(self._group, "NCMD", self._node)

    def will(self, at: datetime) -> Packet:
        """The NDEATH of a connection that begins now: its bdSeq is that of the next births."""
        self._bd_seq = (self._bd_seq + 1) % 256
        return self.death(at)

    def death(self, at: datetime) -> Packet:
        """The NDEATH of the present connection."""
        return topic(self._group, "NDEATH", self._node), payload([self._bd_metric()], at, None)

    def births(self, at: datetime) -> Iterator[Packet]:
        """NBIRTH, which begins the sequence anew, and a DBIRTH of every station that is known."""
        self._seq = 0
        metrics = [self._bd_metric(), Metric(DataType.BOOLEAN, False, REBIRTH, at=at)]
        yield self._packet("NBIRTH", "", metrics, at)
        for station in self._devices:
            yield self._birth(station, at)

    def data(
        self, station: str, values: Values, measured_at: datetime, at: datetime, *, is_late: bool
    ) -> Iterator[Packet]:
        """What a station measured; after its birth where one of these metrics is new."""
        device = self._devices.setdefault(station, _Device())
        is_born = values.keys() <= device.newest.keys()
        for prop, said in values.items():
            if prop not in device.newest or device.newest[prop][1] <= measured_at:
                device.newest[prop] = said, measured_at
        if not is_born:
            yield self._birth(station, at)
        metrics = []
        for prop, said in values.items():
            alias = self._alias(station, prop)
            name = prop if alias is None else ""
            metric = _metric(said, measured_at, alias, name, is_historical=is_late)
            metrics.append(metric)
        yield self._packet("DDATA", station, metrics, at)

    def _birth(self, station: str, at: datetime) -> Packet:
        metrics = [
            _metric(said, measured_at, self._alias(station, prop), prop, unit=ucum(prop))
            for prop, (said, measured_at) in self._devices[station].newest.items()
        ]
        return self._packet("DBIRTH", station, metrics, at)

    def _packet(self, kind: str, device: str, metrics: Sequence[Metric], at: datetime) -> Packet:
        seq = self._seq
        self._seq = (seq + 1) % 256
        return topic(self._group, kind, self._node, device), payload(metrics, at, seq)

    def _alias(self, station: str, prop: str) -> int | None:
        """Unique in the node; stays as long as this program runs. None: names are used."""
        if not self._has_aliases:
            return None
        return self._aliases.setdefault((station, prop), len(self._aliases))

    def _bd_metric(self) -> Metric:
        return Metric(DataType.INT64, self._bd_seq, BD_SEQ)


def _metric(
    said: Sequence[float | None],
    measured_at: datetime,
    alias: int | None,
    name: str,
    *,
    unit: str = "",
    is_historical: bool = False,
) -> Metric:
    value, flag = said[0], int(said[1] or 0)
    quality = Quality.GOOD if flag in USABLE_FLAGS else Quality.BAD
    properties: list[tuple[str, int | str]] = [("Quality", quality), ("QARTOD", flag)]
    if unit:
        properties.append(("engUnit", unit))
    return Metric(DataType.DOUBLE, value, name, alias, measured_at, is_historical, properties)
