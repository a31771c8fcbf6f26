"""Writes a year into a fresh database: rows as the desk stores them, and their log, chained.

The desk's own steps would take a millisecond each; here their rows are written in bulk. Circulars
are made by the desk's own code while the log grows, as they would be on the first of each month.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.ticket_rows import row_of
from xunhe.desk.circular import PUBLISHED
from xunhe.desk.log import JSON, Entry, canonical, chained, iso
from xunhe.desk.patrols import KIND, Means, Patrol
from xunhe.desk.seats import seats_of
from xunhe.desk.tally import Tally
from xunhe.domain.incident import Severity
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Deadline, Source, State, Ticket
from xunhe.settings import SupervisionSettings
from xunhe_tools.bench.desk.year import END, YEAR, Case, Walk, cases, walks

_A_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Told:
    """An entry before it is chained."""

    at: datetime
    actor: str
    kind: str
    subject: str
    data: dict[str, JSON]


def write(path: Path, registry: Registry, tickets: int, seed: int, weeks: int = 52) -> int:
    """Fill the database; the number of the log's entries. `weeks`: how long chiefs patrol."""
    database = Database(path)
    database.migrate()
    drawn = list(cases(tickets, seed))
    walked = list(walks(seed, weeks))
    with database.write() as connection:
        _insert(connection, schema.ticket, map(_row, drawn))
        _insert(connection, schema.patrol, map(_patrol_row, walked))
        count = _insert(connection, schema.desk_log, _log(drawn, walked, registry))
        connection.exec_driver_sql("ANALYZE")
    database.close()
    return count


def _log(drawn: list[Case], walked: list[Walk], registry: Registry) -> Iterator[dict[str, object]]:
    told = [one for case in drawn for one in _of_case(case) if one.at < END]
    told += [_of_walk(walk) for walk in walked]
    told.sort(key=lambda one: one.at)
    tally = Tally(seats_of(registry), SupervisionSettings())
    previous: Entry | None = None
    for one in told:
        for due in _circulars(tally, one.at):
            previous = _next(previous, due)
            yield _entry_row(previous)
            tally.take(previous)
        previous = _next(previous, one)
        tally.take(previous)
        yield _entry_row(previous)
    for due in _circulars(tally, END):
        previous = _next(previous, due)
        yield _entry_row(previous)


def _circulars(tally: Tally, at: datetime) -> Iterator[Told]:
    """The circulars of the months that end at or before an instant and are not published."""
    tally.pass_to(at)
    for month, made in tally.circulars.items():
        if month not in tally.published:
            yield Told(month.end, "xunhe", PUBLISHED, f"month:{month.label}", made.data())


def _of_case(case: Case) -> Iterator[Told]:
    subject, post = f"ticket:{case.number}", f"V{case.village:03d}"
    told: dict[str, JSON] = {"number": _number(case), "post": post, "due_at": iso(case.due_at)}
    opened: dict[str, JSON] = {
        **told,
        "reach": f"R{case.village:03d}",
        "source": case.source,
        "category": case.category,
        "severity": case.severity,
        "is_difficult": False,
        "reason": "演示 / bench",
    }
    yield Told(case.opened_at, "xunhe", "ticket.opened", subject, opened)
    for at in case.reports:
        yield Told(at, "xunhe", "ticket.reported", subject, told)
    for at, before, after in _steps(case):
        data: dict[str, JSON] = {**told, "from": before.value, "to": after.value, "reason": "演示"}
        yield Told(at, post, "ticket.moved", subject, data)


def _steps(case: Case) -> Iterator[tuple[datetime, State, State]]:
    if case.dismissed_at is not None:
        yield case.dismissed_at, State.UNVERIFIED, State.FALSE_ALARM
        return
    yield case.assigned_at, State.UNVERIFIED, State.ACCEPTED
    yield case.assigned_at, State.ACCEPTED, State.ASSIGNED
    yield case.assigned_at, State.ASSIGNED, State.IN_PROGRESS
    if case.handled_at is not None and case.closed_at is not None:
        yield case.handled_at, State.IN_PROGRESS, State.HANDLED
        yield case.closed_at, State.HANDLED, State.CLOSED


def _of_walk(walk: Walk) -> Told:
    patrol = _patrol(walk)
    return Told(walk.ended_at, patrol.post, KIND, f"post:{patrol.post}", patrol.data())


def _patrol(walk: Walk) -> Patrol:
    village = f"{walk.village:03d}"
    return Patrol(
        f"V{village}", (f"R{village}",), Means.ON_FOOT, walk.began_at, walk.ended_at, 1500.0
    )


def _number(case: Case) -> str:
    return f"XH-{YEAR}-{case.number:06d}"


def _row(case: Case) -> dict[str, object]:
    """A ticket as it stands at the end of the year."""
    state, changed_at = State.UNVERIFIED, case.opened_at
    for at, _, after in _steps(case):
        if at < END:
            state, changed_at = after, at
    ended = case.closed_at or case.dismissed_at
    ticket = Ticket(
        id=case.number,
        number=_number(case),
        source=Source(case.source),
        category=case.category,
        severity=Severity(case.severity),
        reach=f"R{case.village:03d}",
        post=f"V{case.village:03d}",
        state=state,
        opened_at=case.opened_at,
        changed_at=changed_at,
        deadline=Deadline(case.due_at),
        closed_at=ended if ended is not None and ended < END else None,
        repeat_reports=len(case.reports),
    )
    return {**row_of(ticket), "id": case.number, "opening_key": f"bench:{case.number}"}


def _patrol_row(walk: Walk) -> dict[str, object]:
    patrol = _patrol(walk)
    return {
        "post": patrol.post,
        "reaches": list(patrol.reaches),
        "means": patrol.means.value,
        "started_at": patrol.started_at,
        "ended_at": patrol.ended_at,
        "length_m": patrol.length_m,
        "problems": [],
        "note": "",
        "received_at": patrol.ended_at,
    }


def _next(previous: Entry | None, one: Told) -> Entry:
    return chained(previous, one.at, one.actor, one.kind, one.subject, one.data)


def _entry_row(entry: Entry) -> dict[str, object]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "data": canonical(entry.data),
        "prev": entry.prev,
        "hash": entry.hash,
    }


def _insert(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, object]]) -> int:
    count, batch = 0, []
    for row in rows:
        batch.append(row)
        if len(batch) == _A_BATCH:
            connection.execute(table.insert(), batch)
            count, batch = count + len(batch), []
    if batch:
        connection.execute(table.insert(), batch)
    return count + len(batch)
