"""Commands to buoys and how far they have come."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import command
from xunhe.domain.command import Command, CommandState

RESEND = timedelta(seconds=60)
_OPEN = (CommandState.QUEUED.value, CommandState.SENT.value)


def queue(
    connection: sa.Connection, device: str, station: str, content: dict[str, Any], at: datetime
) -> int:
    """Put a command behind those that the device has not answered yet; its id."""
    row = {"device": device, "station": station, "content": content, "created_at": at}
    statement = command.insert().values(**row, state=CommandState.QUEUED.value)
    return int(connection.execute(statement.returning(command.c.id)).scalar_one())


def devices_waiting(connection: sa.Connection) -> set[str]:
    """Devices with a command that they have not answered."""
    query = sa.select(command.c.device).where(command.c.state.in_(_OPEN))
    return set(connection.execute(query.distinct()).scalars())


def send_due(
    connection: sa.Connection, device: str, at: datetime
) -> tuple[int, dict[str, Any]] | None:
    """(counter, content) to sign and send to the device now, noted as sent; None where none is due.

    One command at a time: the oldest that has no answer, again when RESEND has passed. Each sending
    takes a greater counter, so that the device can refuse what it has seen. Counters follow the
    clock: they go on growing where a gateway begins with an empty store.
    """
    row = connection.execute(
        sa.select(command)
        .where(command.c.device == device, command.c.state.in_(_OPEN))
        .order_by(command.c.id)
    ).first()
    if row is None or (row.sent_at is not None and at - row.sent_at < RESEND):
        return None
    counter = max(_last_counter(connection, device) + 1, int(at.timestamp()))
    connection.execute(
        command.update()
        .where(command.c.id == row.id)
        .values(
            state=CommandState.SENT.value,
            sent_at=at,
            first_counter=row.first_counter or counter,
            last_counter=counter,
        )
    )
    return counter, row.content


def answer(
    connection: sa.Connection,
    device: str,
    counter: int,
    reason: str | None,
    at: datetime,
    *,
    is_done: bool,
) -> bool:
    """Note a device's answer to any sending of a command; False where no command waits for it."""
    state = CommandState.CONFIRMED if is_done else CommandState.REFUSED
    result = connection.execute(
        command.update()
        .where(
            command.c.device == device,
            command.c.state == CommandState.SENT.value,
            command.c.first_counter <= counter,
            command.c.last_counter >= counter,
        )
        .values(state=state.value, reason=reason, answered_at=at)
    )
    return result.rowcount > 0


def of_station(connection: sa.Connection, station: str, limit: int = 20) -> list[Command]:
    """The newest commands of a station, newest first."""
    rows = connection.execute(
        sa.select(command)
        .where(command.c.station == station)
        .order_by(command.c.id.desc())
        .limit(limit)
    )
    return [
        Command(
            row.id,
            row.device,
            row.station,
            row.content,
            CommandState(row.state),
            row.created_at,
            row.sent_at,
            row.answered_at,
            row.reason,
        )
        for row in rows
    ]


def _last_counter(connection: sa.Connection, device: str) -> int:
    query = sa.select(sa.func.max(command.c.last_counter)).where(command.c.device == device)
    return connection.execute(query).scalar() or 0
