"""Turns what the desk raised into messages of channels, reminds, and tells the office above.

A reminder that still waits, for the end of quiet hours or for its channel, is taken back when the
ticket moves on.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.outbox.sources import Raised
from xunhe.adapters.store import deliveries, notices, tickets
from xunhe.adapters.store.database import Database
from xunhe.desk.notice_text import About, text_of
from xunhe.desk.notices import Act, Book, Notice, after, goes_at, is_answered, next_act, told
from xunhe.desk.routing import chain_above
from xunhe.domain.clock import Clock
from xunhe.domain.outward import Message
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Ticket
from xunhe.outward_settings.notify import NotifySettings

NAME = "notify"  # of its mark in the store
_OF_A_TICKET = re.compile(r"xunhe/v1/desk/([^/]+)/tickets")
_AT_ONCE = 100
NOTICE, REMINDER = "notice", "reminder"  # kinds of messages


def destination_of(channel: str) -> str:
    """What a channel's deliveries are filed under."""
    return f"{NAME}.{channel}"


@dataclass(frozen=True, slots=True)
class Notifier:
    """`step` runs in a thread of its own; `clock` is the machine's.

    `page_of` gives the address of a ticket's page by its id.
    """

    database: Database
    registry: Registry
    book: Book
    rules: NotifySettings
    clock: Clock
    page_of: Callable[[int], str]

    def step(self) -> int:
        """Tell what is new, then what is due; returns how many acts there were."""
        now = self.clock.now()
        with self.database.write() as connection:
            return self._tell_new(connection, now) + self._follow_up(connection, now)

    def _tell_new(self, connection: sa.Connection, now: datetime) -> int:
        source = Raised()
        mark = deliveries.mark_of(connection, NAME, source.name)
        if mark is None:
            deliveries.set_mark(connection, NAME, source.name, source.newest(connection))
            return 0
        rows = source.after(connection, mark, _AT_ONCE)
        for _, message in rows:
            self._tell(connection, message, now)
        if rows:
            deliveries.set_mark(connection, NAME, source.name, rows[-1][0])
        return len(rows)

    def _tell(self, connection: sa.Connection, raised: Message, now: datetime) -> None:
        found = _OF_A_TICKET.fullmatch(raised.body["topic"])
        ticket = found and tickets.find(connection, raised.body["payload"]["ticket_id"])
        if not found or ticket is None:
            return
        office = found[1]
        reason = raised.body["payload"]["reason"] if raised.key.endswith(":opened") else ""
        deliveries.withdraw(connection, REMINDER, _reminders_of(ticket))
        hears_at = self._send(connection, ticket, office, Act.TELL, raised.key, reason, now)
        notices.keep(connection, told(ticket, office, hears_at, self.rules))

    def _follow_up(self, connection: sa.Connection, now: datetime) -> int:
        waiting = notices.due(connection, now)
        for notice in waiting:
            ticket = tickets.find(connection, notice.ticket_id)
            act, hears_at = None, now
            if ticket is not None and not is_answered(notice, ticket):
                above = chain_above(self.registry, ticket.reach, ticket.post)
                act = next_act(notice, above, self.rules)
                if act is not None:
                    hears_at = self._repeat(connection, ticket, notice, act, now)
            notices.keep(connection, after(notice, act, hears_at, self.rules))
        return len(waiting)

    def _repeat(
        self,
        connection: sa.Connection,
        ticket: Ticket,
        notice: Notice,
        act: tuple[Act, str],
        now: datetime,
    ) -> datetime:
        why, office = act
        times = notice.reminded + len(notice.told)
        key = f"{_reminders_of(ticket)}{ticket.revision}:{notice.office}:{why}:{times}"
        return self._send(connection, ticket, office, why, key, "", now)

    def _send(
        self,
        connection: sa.Connection,
        ticket: Ticket,
        office: str,
        act: Act,
        key: str,
        reason: str,
        now: datetime,
    ) -> datetime:
        """When the first of the office's recipients hears of it: silence counts from there. Where
        it has none, nobody will answer: from now."""
        reach = self.registry.reaches[ticket.reach].name
        text = text_of(ticket, act, About(reach, reason, self.page_of(ticket.id)))
        kind = NOTICE if act is Act.TELL else REMINDER
        hear_at = []
        for recipient in self.book.told(office, ticket.severity, now):
            body = {"text": text, "to": recipient.to, "severity": ticket.severity.value}
            lane = f"{recipient.name}:{ticket.id}:{ticket.severity}"
            message = Message(f"{key}:{recipient.name}", kind, now, body, lane)
            hear_at.append(goes_at(recipient, ticket.severity, now))
            there = destination_of(recipient.channel)
            deliveries.add(connection, there, [message], now, hear_at[-1])
        return min(hear_at, default=now)


def _reminders_of(ticket: Ticket) -> str:
    """What the keys of its reminders begin with."""
    return f"ticket:{ticket.id}:"
