"""The values of an upload. What is of no use is named and leaves the others alone. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone

from xunhe.adapters.hj212_factors import NORMAL, Coded, Factors
from xunhe.codecs.hj212 import times
from xunhe.codecs.hj212.area import Factor, factors, plain
from xunhe.codecs.hj212.commands import DAY, HOUR, MINUTE, REALTIME
from xunhe.codecs.hj212.reason import Reason
from xunhe.codecs.hj212.segment import Packet
from xunhe.domain.external import Entry, ExternalValue, Where

KIND = {REALTIME: "Rtd", MINUTE: "Avg", HOUR: "Avg", DAY: "Avg"}


@dataclass(slots=True)
class Found:
    """What an upload holds: `problems` are sentences, `unknown` codes that nobody here knows."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads uploads of one link."""

    factors: Factors
    zone: timezone

    def values(self, packet: Packet, place: str) -> Found:
        """Values with flag N or none; a row is a factor of the packet."""
        found = Found()
        by_code, unusable = factors(packet.cp)
        found.problems += [f"{each.name or each.text}: {each.reason}" for each in unusable]
        at = times.parse(plain(packet.cp).get("DataTime", ""), self.zone)
        if at is None:
            found.problems.append(f"DataTime: {Reason.TIME}")
            return found
        for row, factor in enumerate(by_code.values(), 1):
            coded = self.factors.of_code(factor.code)
            if coded is None:
                found.unknown.append(factor.code)
            elif factor.flag not in ("", NORMAL):
                found.problems.append(f"{factor.code}: Flag={factor.flag}")
            elif (value := factor.numbers.get(KIND[packet.cn])) is not None:
                found.entries.append(self._entry(factor, coded, value, (place, at, row)))
        return found

    def _entry(
        self, factor: Factor, coded: Coded, value: float, where: tuple[str, datetime, int]
    ) -> Entry:
        """At the factor's own sampling time, where it has one."""
        place, at, row = where
        sampled = times.parse(factor.texts.get("SampleTime", ""), self.zone)
        said = ExternalValue(place, coded.prop, sampled or at, coded.ours(value))
        return Entry(said, Where(row, factor.code))


def without(entries: Sequence[Entry], refused: set[Where]) -> Iterator[Entry]:
    """Those that nothing is wrong with."""
    return (entry for entry in entries if entry.where not in refused)
