"""What the desk does by itself when its day has come; each thing once, however often asked."""

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
            self._remind_villages(connection, now)

    def _remind_villages(self, connection: sa.Connection, now: datetime) -> None:
        """From the reminder's day to the ledger's close: villages that have entered nothing."""
        month = period_at(now, Span.MONTH)
        is_time = now >= reminds_at(month, self.rules.ledger_reminder_day)
        if not is_time or ledger_of(now, self.rules.ledger_last_day) != month:
            return
        reminded = {
            entry.subject
            for entry in desk_log.entries(connection, kinds=[REMINDED])
            if entry.data.get("month") == month.label
        }
        since = opens_at(month, self.rules.ledger_last_day)
        for unit, level in sorted(self.seats.units.items()):
            subject = f"unit:{unit}"
            if level is not Level.VILLAGE or subject in reminded:
                continue
            posts = [code for code in self.seats.posts if self.seats.unit_of(code) == unit]
            found = Filters(posts=posts, opened_from=since)
            if problems.count(connection, found, Lamp(now, self.rules)) == 0:
                told = {"month": month.label}
                desk_log.append(connection, now, SYSTEM.code, REMINDED, subject, told)
                send(connection, f"ledger:{month.label}:{unit}", unit, told, now)
