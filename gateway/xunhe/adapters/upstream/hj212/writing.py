"""Messages as packets: 2011 from samples, 2051, 2061 and 2031 from intervals."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from xunhe.adapters.hj212_factors import Factors, letter_of
from xunhe.adapters.upstream.hj212.remote import Remote
from xunhe.adapters.upstream.hj212.source import INTERVAL
from xunhe.codecs.hj212 import times
from xunhe.codecs.hj212.commands import REALTIME
from xunhe.codecs.hj212.dialect import DIALECTS
from xunhe.codecs.hj212.segment import Flag, Packet
from xunhe.codecs.hj212.splitting import split
from xunhe.domain.clock import Clock
from xunhe.domain.observation import GOOD
from xunhe.domain.outward import Message
from xunhe.outward_settings.hj212 import Hj212Settings, Hj212StationSettings


class Writer:
    """Writes the packets of one link, each with a QN of its own."""

    def __init__(self, settings: Hj212Settings, factors: Factors, clock: Clock) -> None:
        self.dialect = DIALECTS[settings.dialect]
        self._settings, self._factors, self._clock = settings, factors, clock
        self._numbers = times.Numbers(settings.zone)

    def has_values(self, message: Message) -> bool:
        """Is there anything in it that this link has a code for?"""
        return any(True for _ in self._items(message))

    def uploads(
        self, message: Message, station: Hj212StationSettings, remote: Remote
    ) -> list[Packet]:
        """The packets of a message; more than one where it is long."""
        is_interval = message.kind == INTERVAL
        cn = message.body["cn"] if is_interval else REALTIME
        at = datetime.fromisoformat(message.body["start"]) if is_interval else message.at
        whole = self.packet(cn, station, remote, wants_answer=self._settings.answers)
        lead = f"DataTime={times.written(at, self._settings.zone)}"
        parts = split(whole, list(self._items(message)), lead)
        return [parts[0], *(self.renumbered(part) for part in parts[1:])]

    def packet(
        self,
        cn: str,
        station: Hj212StationSettings,
        remote: Remote,
        cp: str = "",
        *,
        wants_answer: bool,
    ) -> Packet:
        """A packet of a station to its platform."""
        flag = Flag(self.dialect.version, False, wants_answer)
        head = {"QN": self._number(), "ST": station.st, "CN": cn, "PW": remote.pw}
        return Packet({**head, "MN": station.mn, "Flag": str(flag.number)}, cp)

    def renumbered(self, packet: Packet) -> Packet:
        """The same with a QN of its own."""
        return packet.carrying(packet.cp, QN=self._number())

    def _number(self) -> str:
        return self._numbers.next(self._clock.now())

    def _items(self, message: Message) -> Iterator[str]:
        values: Mapping[str, Any] = message.body["values"]
        for prop, coded in self._factors.by_prop.items():
            said = values.get(prop)
            if said is None or said[0] is None:
                continue
            code = self._factors.written(coded)
            if message.kind == INTERVAL:
                low, mean, high = (coded.written(value) for value in said[:3])
                yield (
                    f"{code}-Min={low},{code}-Avg={mean},{code}-Max={high},{code}-Flag={said[3]}"
                )
            else:
                yield f"{code}-Rtd={coded.written(said[0])},{self._flags(code, said[1])}"

    def _flags(self, code: str, flag: int) -> str:
        """-EFlag, which the maker defines and 2005 does not have, says which QARTOD flag it was."""
        letter = f"{code}-Flag={letter_of(flag)}"
        tells = flag != GOOD and self.dialect.version > 0
        return f"{letter},{code}-EFlag={flag}" if tells else letter
