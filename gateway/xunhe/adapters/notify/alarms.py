"""Tells people what is wrong with the gateway itself, once an episode, and when that is over.

An episode lasts until its alarm has been down for a while: one that flickers is told once. What was
told lies in the store beside what is sent, so that a restart repeats nothing and forgets no end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.health import BLOCKING, Alarm, Reading
from xunhe.adapters.notify.notifier import destination_of
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.schema import counter
from xunhe.desk.notices import Book, goes_at
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Severity
from xunhe.domain.outward import Message
from xunhe.outward_settings.notify import RecipientSettings

OFFICES = ("technician", "office")  # the second where nobody is named for the first
SETTLED = timedelta(minutes=5)

_MAJOR = frozenset(
    {
        Alarm.DISK_NEARLY_FULL,
        Alarm.PART_FAILING,
        Alarm.BROKER_DOWN,
        Alarm.CLOCK_BEHIND,
        Alarm.CLOCK_JUMPED,
        Alarm.UPWARD_STUCK,
    }
)
_TOLD = "alarm.told_s."  # and the alarm: the counter of an episode is the second of its beginning


@dataclass(slots=True)
class _Episode:
    since: datetime
    last: datetime  # when the alarm was up last
    said: str


@dataclass(slots=True)
class AlarmNotices:
    """`words_of` names an alarm to people, `page_of` is the address of its part of the runbook."""

    database: Database
    book: Book
    words_of: Callable[[Alarm], str]
    page_of: Callable[[Alarm], str]
    _seen: dict[Alarm, _Episode] = field(default_factory=dict)

    def tell(self, reading: Reading) -> None:
        """Write what is new into the channels' outbox. A sqlalchemy error while the store takes
        nothing: it is told then with the first reading that finds the store well."""
        for alarm, said in reading.alarms.items():
            self._seen.setdefault(alarm, _Episode(reading.at, reading.at, said)).last = reading.at
        with self.database.read() as connection:
            told = _told(connection)
        begun = [alarm for alarm in self._seen if alarm not in told]
        over = [a for a, since in told.items() if self._is_over(a, since, reading)]
        if begun or over:
            with self.database.write() as connection:
                for alarm in begun:
                    self._begin(connection, alarm, reading.at)
                for alarm in over:
                    self._end(connection, alarm, reading.at)
            for alarm in over:
                del self._seen[alarm]

    def _is_over(self, alarm: Alarm, since: datetime, reading: Reading) -> bool:
        """One that was told before a restart counts as up until now."""
        episode = self._seen.setdefault(alarm, _Episode(since, reading.at, ""))
        return alarm not in reading.alarms and reading.at - episode.last >= SETTLED

    def _begin(self, connection: sa.Connection, alarm: Alarm, now: datetime) -> None:
        episode = self._seen[alarm]
        since_s = round(episode.since.timestamp())
        connection.execute(counter.insert().values(name=_TOLD + alarm.value, n=since_s))
        text = [
            f"【网关警报】{self.words_of(alarm)}",
            episode.said,
            f"{_clock(episode.since)} 起 / since",
            f"怎么办 what to do: {self.page_of(alarm)}",
        ]
        self._send(connection, alarm, "up", "\n".join(line for line in text if line), now)

    def _end(self, connection: sa.Connection, alarm: Alarm, now: datetime) -> None:
        episode = self._seen[alarm]
        connection.execute(counter.delete().where(counter.c.name == _TOLD + alarm.value))
        text = (
            f"【网关恢复】{self.words_of(alarm)}\n{_clock(episode.since)} – {_clock(episode.last)}"
        )
        self._send(connection, alarm, "over", text, now)

    def _send(
        self, connection: sa.Connection, alarm: Alarm, stage: str, text: str, now: datetime
    ) -> None:
        severity, since = _severity(alarm), self._seen[alarm].since
        for recipient in self._recipients(severity, now):
            key = f"alarm:{alarm.value}:{since.timestamp():.0f}:{stage}:{recipient.name}"
            body = {"text": text, "to": recipient.to, "severity": severity.value}
            lane = f"{recipient.name}:alarm:{alarm.value}"
            message = Message(key, "notice", now, body, lane)
            at = goes_at(recipient, severity, now)
            deliveries.add(connection, destination_of(recipient.channel), [message], now, at)

    def _recipients(self, severity: Severity, now: datetime) -> list[RecipientSettings]:
        found = (self.book.told(office, severity, now) for office in OFFICES)
        return next((recipients for recipients in found if recipients), [])


def _severity(alarm: Alarm) -> Severity:
    if alarm in BLOCKING:
        return Severity.SEVERE
    return Severity.MAJOR if alarm in _MAJOR else Severity.MINOR


def _told(connection: sa.Connection) -> dict[Alarm, datetime]:
    """Alarms that people know of, and since when each was up."""
    rows = connection.execute(sa.select(counter).where(counter.c.name.startswith(_TOLD)))
    known = {f"{_TOLD}{alarm.value}": alarm for alarm in Alarm}
    return {
        known[row.name]: datetime.fromtimestamp(row.n, UTC) for row in rows if row.name in known
    }


def _clock(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
