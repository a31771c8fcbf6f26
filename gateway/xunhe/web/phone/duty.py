"""The duty sheet of a post (履职月表): patrols, problems, deadlines and lights of one month."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from xunhe.adapters.store import handovers, own_tickets, patrols, problems
from xunhe.adapters.supervision import circulars
from xunhe.desk.lights import Light
from xunhe.desk.patrols import Made, Patrol, made, missed, rule_of, turns
from xunhe.desk.periods import Period
from xunhe.domain.registry import Post
from xunhe.domain.ticket import Source, Ticket
from xunhe.settings import PatrolSettings
from xunhe.web.console import Console


@dataclass(frozen=True, slots=True)
class DutySheet:
    """A post's month, as of its end or as of now.

    `found`: how many of its new tickets came from whom. `missed`: problems that others found soon
    after a clean patrol of the post. `lights` were published, None before.
    """

    post: Post
    holder: str | None
    month: Period
    patrols: Made
    walked_m: float
    opened: int
    found: Mapping[Source, int]
    closed: int
    closed_late: int
    missed: int
    lights: Mapping[Light, int] | None

    @property
    def found_by_patrol(self) -> int:
        """Problems that the chief found himself."""
        return self.found.get(Source.CHIEF, 0)


def duty_sheet(console: Console, connection: sa.Connection, code: str, month: Period) -> DutySheet:
    """The sheet of a post for a month."""
    post, rules = console.registry.posts[code], console.supervision.patrols
    now = console.clock.now()
    walked = _walked(connection, post, rules, month)
    touched = own_tickets.of_month(connection, code, month.start, month.end)
    opened = [ticket for ticket in touched if month.contains(ticket.opened_at)]
    closed = [t for t in touched if t.closed_at is not None and month.contains(t.closed_at)]
    published = circulars.of_month(connection, month)
    return DutySheet(
        post=post,
        holder=_holder(console, connection, code),
        month=month,
        patrols=made(walked, rule_of(post.level, rules), month, min(month.end, now)),
        walked_m=sum(patrol.length_m for patrol in walked if month.contains(patrol.started_at)),
        opened=len(opened),
        found=Counter(ticket.source for ticket in opened),
        closed=len(closed),
        closed_late=sum(_is_late(ticket) for ticket in closed),
        missed=_missed(connection, opened, walked, rules.missed_days),
        lights=None if published is None else published.posts.get(code, {}),
    )


def _walked(
    connection: sa.Connection, post: Post, rules: PatrolSettings, month: Period
) -> list[Patrol]:
    """The post's patrols that can matter: of each turn that ends in the month, and before it."""
    starts = [start for start, _ in turns(rule_of(post.level, rules).every, month)]
    since = min([*starts, month.start - timedelta(days=rules.missed_days)])
    return patrols.began(connection, since, month.end, [post.code])


def _is_late(ticket: Ticket) -> bool:
    return ticket.closed_at is not None and ticket.closed_at > ticket.deadline.due_at


def _missed(
    connection: sa.Connection, opened: Sequence[Ticket], walked: Sequence[Patrol], days: float
) -> int:
    found = problems.of_ids(connection, [ticket.id for ticket in opened])
    return len(missed((problem.finding for problem in found), walked, days))


def _holder(console: Console, connection: sa.Connection, code: str) -> str | None:
    duty = handovers.duty(connection, console.registry)
    person = console.registry.persons.get(duty.holder(code, console.clock.now()) or "")
    return None if person is None else person.name
