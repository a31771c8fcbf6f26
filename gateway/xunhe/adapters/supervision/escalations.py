"""Steps of the ladder that people take, and what they warn of and instruct."""

from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, problems
from xunhe.adapters.store.schema import ticket
from xunhe.adapters.supervision import tasks
from xunhe.adapters.supervision.circulars import escalate
from xunhe.adapters.supervision.messages import send
from xunhe.desk import escalation, fields
from xunhe.desk.circular import Row
from xunhe.desk.escalation import LadderError
from xunhe.desk.lights import Light, Why
from xunhe.desk.log import Entry, iso
from xunhe.desk.seats import Seats
from xunhe.domain.ticket import State
from xunhe.settings import SupervisionSettings


def steps(connection: sa.Connection) -> escalation.Steps:
    """What was taken and what waits."""
    return escalation.folded(desk_log.entries(connection, kinds=escalation.KINDS))


def take(
    connection: sa.Connection,
    subject: str,
    reason: str,
    actor: str,
    rules: SupervisionSettings,
    at: datetime,
) -> Entry:
    """A person takes the step that is proposed for a matter. LadderError where none is."""
    waiting = _waiting(connection, subject)
    rung = int(fields.number(waiting, "rung"))
    escalation.check(rung, actor, len(rules.ladder))
    told = {**waiting.data, "reason": reason, "proposed": waiting.seq}
    taken = desk_log.append(connection, at, actor, "escalation.taken", subject, told)
    office = fields.text(waiting, "post") or fields.text(waiting, "unit")
    send(connection, f"escalation:{taken.seq}", office, {"subject": subject, **told}, at)
    return taken


def decline(
    connection: sa.Connection, subject: str, reason: str, actor: str, at: datetime
) -> Entry:
    """A person leaves the proposed step, with a reason."""
    waiting = _waiting(connection, subject)
    told = {"rung": waiting.data["rung"], "reason": reason, "proposed": waiting.seq}
    return desk_log.append(connection, at, actor, "escalation.declined", subject, told)


def instruct(
    connection: sa.Connection,
    subject: str,
    text: str,
    due_at: datetime,
    actor: str,
    at: datetime,
) -> Entry:
    """批示: a chief's note on a matter, with what is to be done by when."""
    _check_subject(connection, subject)
    if due_at <= at:
        raise LadderError("批示时限须晚于现在 / an instruction is due in the future")
    told = {"text": text, "due_at": iso(due_at)}
    return desk_log.append(connection, at, actor, "escalation.instructed", subject, told)


def warn(
    connection: sa.Connection, subject: str, reason: str, actor: str, at: datetime, *, on: bool
) -> Entry:
    """A handler says that a deadline cannot be made, or takes it back (`on` false)."""
    _check_subject(connection, subject)
    kind = "light.warned" if on else "light.withdrawn"
    return desk_log.append(connection, at, actor, kind, subject, {"reason": reason})


def propose_for_repeated(
    connection: sa.Connection, seats: Seats, rules: SupervisionSettings, now: datetime
) -> None:
    """Propose a step for each open ticket that the public reported too often (row 50), once."""
    known = steps(connection)
    open_states = [state.value for state in State if state.is_open]
    query = sa.select(ticket.c.id, ticket.c.post, ticket.c.is_difficult).where(
        ticket.c.state.in_(open_states),
        ticket.c.repeat_reports >= rules.scores.repeat_reports_from,
    )
    for ticket_id, post, is_difficult in connection.execute(query).all():
        subject = f"ticket:{ticket_id}"
        if subject not in known.proposed:
            row = Row(
                subject, seats.unit_of(post), post, Light.GREEN, Why.ON_SCHEDULE, is_difficult
            )
            escalate(connection, row, known, rules, now, is_repeated=True)


def _check_subject(connection: sa.Connection, subject: str) -> None:
    """LadderError unless it is ticket:ID or task:CODE of one that there is."""
    kind, _, code = subject.partition(":")
    is_ticket = kind == "ticket" and code.isdecimal() and problems.of_ids(connection, [int(code)])
    if not is_ticket and not (kind == "task" and code in tasks.tasks(connection)):
        raise LadderError(f"没有事项 {subject} / there is no matter {subject}")


def _waiting(connection: sa.Connection, subject: str) -> Entry:
    found = steps(connection).waiting.get(subject)
    if found is None:
        raise LadderError(f"{subject} 没有待决的措施 / nothing is proposed for {subject}")
    return found
