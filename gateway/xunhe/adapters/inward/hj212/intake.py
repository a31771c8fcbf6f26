"""Takes uploads of others in: everything of a batch is one transaction, answers come after COMMIT.

damaged, unknown MN, wrong PW   kept with the reason; no answer: nobody has proved who speaks
a repetition                    stored once, by source, place, property and time; answered again
a value that is of no use       kept with its reason; the others are taken, the packet answered
another command                 kept or counted, answered as its Flag asks
"""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.external_import import new_entries
from xunhe.adapters.hj212_factors import Factors
from xunhe.adapters.inward.hj212.values import KIND, Reader, without
from xunhe.adapters.store import external, records
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.external import Origin
from xunhe.adapters.store.records import Rejected as Refused
from xunhe.codecs.hj212 import times
from xunhe.codecs.hj212.commands import ANSWERS, DATA_ANSWER, NOTICE_ANSWER
from xunhe.codecs.hj212.deframing import Event
from xunhe.codecs.hj212.dialect import DIALECTS
from xunhe.codecs.hj212.reason import Rejected
from xunhe.codecs.hj212.segment import Flag, Packet, read
from xunhe.codecs.hj212.splitting import Assembly
from xunhe.domain.clock import Clock
from xunhe.domain.external import Entry, ExternalError
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.outward_settings.hj212 import Hj212InSettings, Hj212SenderSettings

log = logging.getLogger(__name__)

_ASKS_TIME = "1013"
_DETAIL_KEPT = 2000  # characters
_SPLIT_FOR = timedelta(minutes=1)  # between the packets of a transfer
_CLOCK_AHEAD = timedelta(minutes=5)  # of a station, before its values count as of the future


@dataclass(slots=True)
class Batch:
    """What one transaction holds: answers by number of the connection, counters."""

    connection: sa.Connection
    now: datetime
    answers: list[tuple[int, Packet]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class Intake:
    """One thread uses it."""

    def __init__(
        self, settings: Hj212InSettings, database: Database, registry: Registry, clock: Clock
    ) -> None:
        self._settings, self._database = settings, database
        self._registry, self._clock = registry, clock
        self._dialect = DIALECTS[settings.dialect]
        self._reader = Reader(Factors(self._dialect, {}), settings.zone)
        self._senders = {each.mn: each for each in settings.station}
        self._numbers = times.Numbers(settings.zone)
        self._assembly = Assembly(_SPLIT_FOR)
        self._told_unknown: set[tuple[str, str]] = set()

    def take(self, events: Iterable[tuple[int, Event]]) -> list[tuple[int, bytes]]:
        """Store, COMMIT, and only then give the answers: (number of the connection, frame)."""
        with self._database.write() as connection:
            batch = Batch(connection, self._clock.now())
            for number, event in events:
                packet = event if isinstance(event, Rejected) else read(event)
                if isinstance(packet, Rejected):
                    detail = f"{packet.reason} {packet.detail}".strip()
                    self._keep(batch, Reason.HJ212, detail, "", packet.data)
                else:
                    self._take(batch, number, packet)
            for name, count in batch.counts.items():
                records.count(connection, name, count)
        return [(number, answer.wire) for number, answer in batch.answers]

    def _take(self, batch: Batch, number: int, packet: Packet) -> None:
        sender = self._senders.get(packet.mn)
        if sender is None or packet.pw != sender.pw:
            detail = "unknown MN" if sender is None else "wrong PW"
            self._keep(batch, Reason.HJ212, detail, packet.mn, packet.segment)
        elif packet.cn == _ASKS_TIME:
            batch.answers += [(number, each) for each in self._time_told(packet, batch.now)]
        elif packet.cn in ANSWERS:
            batch.counts["hj212.answer"] += 1
        else:
            self._take_upload(batch, sender, packet)
            flag = packet.flag
            if flag is not None and flag.wants_answer and packet.qn:
                answer = packet.answered(
                    DATA_ANSWER, self._dialect.answer, self._dialect.data_answer
                )
                batch.answers.append((number, answer))

    def _take_upload(self, batch: Batch, sender: Hj212SenderSettings, packet: Packet) -> None:
        if packet.cn not in KIND:
            detail = f"CN {packet.cn} holds no values"
            self._keep(batch, Reason.EXTERNAL, detail, packet.mn, packet.segment)
            return
        if packet.cn not in self._settings.takes:
            batch.counts["hj212.not_taken"] += 1
            return
        batch.counts["hj212.incomplete"] += self._given_up(packet, batch.now)
        found = self._reader.values(packet, sender.place)
        source = f"hj212:{packet.mn}:{packet.cn}"
        by = Origin(source, f"hj212:{packet.mn}", f"QN {packet.qn}")
        problems = found.problems + self._store(batch, found.entries, by)
        problems += self._newly_unknown(batch, packet.mn, found.unknown)
        if problems:
            self._keep(batch, Reason.EXTERNAL, "; ".join(problems), packet.mn, packet.segment)

    def _given_up(self, packet: Packet, now: datetime) -> int:
        """Split transfers that stay incomplete; what has come of them is used all the same."""
        before = self._assembly.dropped
        self._assembly.add(packet, now)
        return self._assembly.dropped - before

    def _store(self, batch: Batch, entries: Sequence[Entry], by: Origin) -> list[str]:
        """Take what can be taken; what is wrong with the rest."""
        problems: list[str] = []
        left, latest = list(entries), batch.now + _CLOCK_AHEAD
        while True:
            try:
                new = new_entries(batch.connection, self._registry, left, by, latest)
            except ExternalError as error:
                problems += [str(problem) for problem in error.problems]
                left = list(without(left, {problem.where for problem in error.problems}))
            else:
                break
        external.insert(batch.connection, [entry.value for entry in new], by, batch.now)
        batch.counts["external"] += len(new)
        batch.counts["hj212.duplicate"] += len(left) - len(new)
        return problems

    def _newly_unknown(self, batch: Batch, mn: str, codes: Sequence[str]) -> list[str]:
        """Every code counts each time, and is kept with its packet once for each station."""
        batch.counts["hj212.unknown_factor"] += len(codes)
        new = [code for code in codes if (mn, code) not in self._told_unknown]
        self._told_unknown.update((mn, code) for code in new)
        return [f"{code}: unknown factor" for code in new]

    def _time_told(self, packet: Packet, now: datetime) -> list[Packet]:
        """9013, then 1012 with the time (C.4)."""
        flag = Flag(self._dialect.version, False, True)
        area = f"SystemTime={times.written(now, self._settings.zone)}"
        fields = {"QN": self._numbers.next(now), "CN": "1012", "Flag": str(flag.number)}
        return [
            packet.answered(NOTICE_ANSWER, self._dialect.answer),
            packet.carrying(area, **fields),
        ]

    def _keep(self, batch: Batch, reason: Reason, detail: str, mn: str, data: bytes) -> None:
        log.warning("from=hj212 mn=%s %s: %s", mn, reason, detail)
        what = Refused(reason, detail[:_DETAIL_KEPT], f"hj212/{mn}", data, len(data))
        records.reject(batch.connection, what, batch.now)
