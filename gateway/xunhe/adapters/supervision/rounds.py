"""What the desk does by itself when its day has come; each thing once, however often asked."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, problems
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.problems import Lamp
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.supervision import circulars, escalations, lookbacks, water_years
from xunhe.adapters.supervision.messages import send
from xunhe.desk.periods import Span, period_at
from xunhe.desk.roles import SYSTEM
from xunhe.desk.seats import Seats, seats_of
from xunhe.desk.village import ledger_of, opens_at, reminds_at
from xunhe.domain.clock import Clock
from xunhe.domain.offices import Level
from xunhe.domain.registry import Registry
from xunhe.settings import SupervisionSettings

REMINDED = "ledger.reminded"  # subject unit:CODE, {month}


@dataclass(frozen=True, slots=True)
class Rounds:
    """Circulars, look-backs, proposals, reminders and the year's water, when they are due."""

    database: Database
    registry: Registry
    rules: SupervisionSettings
    clock: Clock

    @property
    def seats(self) -> Seats:
        """Who is supervised."""
        return seats_of(self.registry)

    def step(self) -> None:
        """Do what is due. The log is read before the write begins: nobody waits for that."""
        now = self.clock.now()
        with self.database.read() as connection:
            due = circulars.due(connection, self.seats, self.rules, now)
        with self.database.write() as connection:
            circulars.publish(connection, due, self.rules, now)
            escalations.propose_for_repeated(connection, self.seats, self.rules, now)
            lookbacks.draw_due(connection, self.rules, now)
            water_years.enter_due(connection, self.registry, self.rules, now)
        # One by one: with thousands of villages nobody else should wait for all of them.
        with self.database.read() as connection:
            villages = self._villages_to_remind(connection, now)
        for unit in villages:
            with self.database.write() as connection:
                self._remind(connection, unit, now)

    def _villages_to_remind(self, connection: sa.Connection, now: datetime) -> list[str]:
        """From the reminder's day to the ledger's close: villages that have entered nothing."""
        month = period_at(now, Span.MONTH)
        is_time = now >= reminds_at(month, self.rules.ledger_reminder_day)
        if not is_time or ledger_of(now, self.rules.ledger_last_day) != month:
            return []
        reminded = {
            entry.subject
            for entry in desk_log.entries(connection, kinds=[REMINDED])
            if entry.data.get("month") == month.label
        }
        since = opens_at(month, self.rules.ledger_last_day)
        lamp = Lamp(now, self.rules)
        posts = _posts_by_unit(self.seats)
        return [
            unit
            for unit, level in sorted(self.seats.units.items())
            if level is Level.VILLAGE
            and f"unit:{unit}" not in reminded
            and not problems.count(connection, Filters(posts=posts[unit], opened_from=since), lamp)
        ]

    def _remind(self, connection: sa.Connection, unit: str, now: datetime) -> None:
        month = period_at(now, Span.MONTH).label
        told = {"month": month}
        desk_log.append(connection, now, SYSTEM.code, REMINDED, f"unit:{unit}", told)
        send(connection, f"ledger:{month}:{unit}", unit, told, now)


def _posts_by_unit(seats: Seats) -> Mapping[str, list[str]]:
    posts: dict[str, list[str]] = defaultdict(list)
    for post in seats.posts:
        posts[seats.unit_of(post)].append(post)
    return posts
