"""Long transfers in several packets (HJ 212-2017 §6.3.2, C.49, C.50), and together again.

Packets of a transfer share ST, CN, PW, MN and DataTime; each has a QN of its own and whole items.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from xunhe.codecs.hj212.area import plain
from xunhe.codecs.hj212.deframing import MAX_SEGMENT
from xunhe.codecs.hj212.segment import Flag, Packet

MAX_AREA = 950 - len("CP=&&&&")  # bytes; Table 3 counts name and signs too
_COUNTERS = len("PNUM=9999;PNO=9999;")


def split(packet: Packet, items: Sequence[str], lead: str = "") -> list[Packet]:
    """The packets that carry these items, `lead` (DataTime=…) repeated in each.

    One packet where all fit in, without PNUM and PNO. Every packet still has the QN of `packet`.
    ValueError for an item that does not fit into a packet of its own.
    """
    bare = len(packet.carrying("").segment) + _COUNTERS
    room = min(MAX_AREA, MAX_SEGMENT - bare)
    areas = list(_filled(items, lead, room))
    flag = packet.flag
    if len(areas) == 1 or flag is None:
        return [packet.carrying(area) for area in areas]
    is_split = Flag(flag.version, True, flag.wants_answer)
    fields = {"Flag": str(is_split.number), "PNUM": str(len(areas))}
    return [packet.carrying(area, **fields, PNO=str(n)) for n, area in enumerate(areas, 1)]


def _filled(items: Sequence[str], lead: str, room: int) -> Iterator[str]:
    held = [lead] if lead else []
    fixed = len(held)
    for item in items:
        if len(held) > fixed and _size([*held, item]) > room:
            yield ";".join(held)
            held = held[:fixed]
        held.append(item)
        if _size(held) > room:
            raise ValueError(f"HJ 212: the item {item[:40]!r}… does not fit into a packet")
    yield ";".join(held)


def _size(held: Sequence[str]) -> int:
    return len(";".join(held).encode())


Key = tuple[str, str, str, int]  # MN, CN, DataTime, PNUM: the QN differs in each packet


@dataclass(slots=True)
class Assembly:
    """Collects the packets of split transfers; what stays incomplete for `patience` is dropped."""

    patience: timedelta
    dropped: int = 0  # transfers
    _parts: dict[Key, dict[int, Packet]] = field(default_factory=dict)
    _heard: dict[Key, datetime] = field(default_factory=dict)

    def add(self, packet: Packet, now: datetime) -> list[Packet]:
        """The whole transfer in the order of PNO once it is there; a packet that is not split is
        one by itself."""
        self._expire(now)
        if packet.part is None:
            return [packet]
        number, total = packet.part
        key = (packet.mn, packet.cn, plain(packet.cp).get("DataTime", ""), total)
        parts = self._parts.setdefault(key, {})
        parts.setdefault(number, packet)
        self._heard[key] = now
        if len(parts) < total:
            return []
        del self._parts[key], self._heard[key]
        return [parts[n] for n in sorted(parts)]

    def _expire(self, now: datetime) -> None:
        for key in [key for key, heard in self._heard.items() if now - heard > self.patience]:
            del self._parts[key], self._heard[key]
            self.dropped += 1
