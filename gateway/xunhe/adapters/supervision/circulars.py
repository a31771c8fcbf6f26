"""Publishing the monthly circular, and the steps of the ladder that its lights lead to."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, schema
from xunhe.adapters.supervision.messages import send
from xunhe.desk import escalation
from xunhe.desk.circular import PUBLISHED, WARNINGS, Circular, Row, due_months, read, warned
from xunhe.desk.lights import Light
from xunhe.desk.log import JSON
from xunhe.desk.periods import Period, Span, parse, period_at
from xunhe.desk.roles import SYSTEM
from xunhe.desk.seats import Seats
from xunhe.desk.tally import Tally, tallied
from xunhe.settings import SupervisionSettings


def published(connection: sa.Connection) -> list[Circular]:
    """Every circular that was published, in order."""
    return [read(entry) for entry in desk_log.entries(connection, kinds=[PUBLISHED])]


def published_months(connection: sa.Connection) -> set[Period]:
    """The months whose circular was published."""
    subjects = sa.select(schema.desk_log.c.subject).where(schema.desk_log.c.kind == PUBLISHED)
    found = connection.execute(subjects).scalars()
    return {parse(subject.removeprefix("month:")) for subject in found}


def warned_tickets(connection: sa.Connection) -> list[int]:
    """The tickets of which their handlers said that the deadline cannot be made."""
    subjects = warned(desk_log.entries(connection, kinds=WARNINGS))
    return sorted(
        int(subject.removeprefix("ticket:"))
        for subject in subjects
        if subject.startswith("ticket:")
    )


def due(
    connection: sa.Connection, seats: Seats, rules: SupervisionSettings, now: datetime
) -> list[Circular]:
    """The circulars that are due and not published; the log is read for them only if there are."""
    first = desk_log.first(connection)
    if first is None:
        return []
    known = published_months(connection)
    since = period_at(first.at, Span.MONTH)
    months = list(due_months(known, now, rules.circular_day, since))
    if not months:
        return []
    tally = tally_of(connection, seats, rules, months[-1].end)
    return [tally.circulars[month] for month in months if month in tally.circulars]


def tally_of(
    connection: sa.Connection, seats: Seats, rules: SupervisionSettings, as_of: datetime
) -> Tally:
    """The tally of the log up to an instant."""
    return tallied(desk_log.entries(connection), seats, rules, as_of)


def publish(
    connection: sa.Connection, made: Iterable[Circular], rules: SupervisionSettings, now: datetime
) -> int:
    """Publish circulars with their reminders and proposals; how many were not published before."""
    known = published_months(connection)
    fresh = [circular for circular in made if circular.month not in known]
    for circular in fresh:
        subject = f"month:{circular.month.label}"
        desk_log.append(connection, now, SYSTEM.code, PUBLISHED, subject, circular.data())
        _tell_units(connection, circular, now)
        steps = escalation.folded(desk_log.entries(connection, kinds=escalation.KINDS))
        for row in circular.rows:
            escalate(connection, row, steps, rules, now)
    return len(fresh)


def escalate(
    connection: sa.Connection,
    row: Row,
    steps: escalation.Steps,
    rules: SupervisionSettings,
    now: datetime,
    is_repeated: bool = False,
) -> None:
    """Take or propose what a row leads to, unless a proposal for its matter waits already."""
    taken = steps.taken.get(row.subject, ())
    step = escalation.step(row.light, taken, is_repeated, len(rules.ladder))
    if step is None or row.subject in steps.waiting:
        return
    kind = "escalation.taken" if step.is_automatic else "escalation.proposed"
    told: dict[str, JSON] = {
        "rung": step.rung,
        "title": rules.ladder[step.rung],
        "unit": row.unit,
        "post": row.post,
        "reason": "群众多次举报仍未整改" if is_repeated else row.why.value,
    }
    entry = desk_log.append(connection, now, SYSTEM.code, kind, row.subject, told)
    if step.is_automatic:
        office = row.post or row.unit
        send(connection, f"escalation:{entry.seq}", office, {"subject": row.subject, **told}, now)


def _tell_units(connection: sa.Connection, circular: Circular, now: datetime) -> None:
    label = circular.month.label
    for unit, counts in circular.units.items():
        lights = {light.value: counts.get(light, 0) for light in Light}
        send(connection, f"circular:{label}:{unit}", unit, {"month": label, **lights}, now)


def of_month(connection: sa.Connection, month: Period) -> Circular | None:
    """The published circular of a month."""
    subject = f"month:{month.label}"
    found = desk_log.entries(connection, kinds=[PUBLISHED], subject=subject)
    return next((read(entry) for entry in found), None)
