"""Rows of handovers, and who holds which post once they count."""

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.schema import handover as table
from xunhe.desk.handover import (
    Handover,
    HandoverError,
    Side,
    cancel,
    check_draft,
    digest,
    sign,
)
from xunhe.desk.log import JSON
from xunhe.domain.duty import Duty, Move
from xunhe.domain.registry import Registry

_FIELDS = tuple(field.name for field in fields(Handover))


def duty(connection: sa.Connection, registry: Registry) -> Duty:
    """Who holds which post, by the registry and by every handover that both have signed."""
    query = sa.select(table.c.post, table.c.successor, table.c.moved_at)
    rows = connection.execute(query.where(table.c.moved_at.is_not(None)))
    return Duty(registry.tenures, [Move(*row) for row in rows])


def find(connection: sa.Connection, handover_id: int) -> Handover | None:
    """The handover of this id."""
    return next(_read(connection, table.c.id == handover_id), None)


def open_of(connection: sa.Connection, post: str) -> Handover | None:
    """The handover of a post that waits for signatures; there is at most one."""
    is_open = sa.and_(table.c.moved_at.is_(None), table.c.cancelled_at.is_(None))
    return next(_read(connection, sa.and_(table.c.post == post, is_open)), None)


def awaits(connection: sa.Connection, person: str) -> bool:
    """Is the person named as successor in a handover that is neither signed nor called off?"""
    condition = sa.and_(
        table.c.successor == person,
        table.c.moved_at.is_(None),
        table.c.cancelled_at.is_(None),
    )
    return next(_read(connection, condition), None) is not None


def newest(connection: sa.Connection, limit: int = 100) -> list[Handover]:
    """The newest handovers, the newest first."""
    return list(_read(connection, sa.true()))[:limit]


def draft(
    connection: sa.Connection,
    registry: Registry,
    post: str,
    successor: str,
    content: str,
    actor: str,
    now: datetime,
) -> Handover:
    """Write a handover whose list is `content`, in the caller's transaction.

    HandoverError where the post or person is not registered, another handover of the post is open,
    or the successor holds it already.
    """
    check_registered(registry, post, successor)
    if (other := open_of(connection, post)) is not None:
        raise HandoverError(
            f"{post} 已有未完成的交接 {other.id}：先签完或撤销"
            f" / handover {other.id} of {post} is open: sign or cancel it first"
        )
    leaver = duty(connection, registry).holder(post, now)
    check_draft(post, leaver, successor)
    made = _insert(connection, Handover(0, post, leaver, successor, now, content, digest(content)))
    _tell(connection, made, "handover.drafted", now, actor, _parties(made))
    return made


def put_signature(
    connection: sa.Connection,
    registry: Registry,
    handover: Handover,
    person: str,
    sha256: str,
    now: datetime,
) -> Handover:
    """Sign in the caller's transaction; with the last signature the duty moves.

    HandoverError as from `sign`, and where the post has another holder by now.
    """
    _check_holder(connection, registry, handover, now)
    signed = sign(handover, person, sha256, now)
    side = signed.side_of(person) or Side.SUCCESSOR
    _write(connection, signed)
    at = signed.signed_by(side) or now
    _tell(connection, signed, "handover.signed", at, signed.post, {"side": side.value})
    if signed.moved_at is not None:
        _tell(connection, signed, "duty.moved", signed.moved_at, signed.post, _parties(signed))
    return signed


def call_off(
    connection: sa.Connection, handover: Handover, reason: str, actor: str, now: datetime
) -> Handover:
    """Cancel in the caller's transaction."""
    cancelled = cancel(handover, now)
    _write(connection, cancelled)
    _tell(connection, cancelled, "handover.cancelled", now, actor, {"reason": reason})
    return cancelled


def check_registered(registry: Registry, post: str, successor: str) -> None:
    """Raise HandoverError where there is no such post or person."""
    if post not in registry.posts:
        raise HandoverError(f"没有岗位 {post} / no post {post} is registered")
    if successor not in registry.persons:
        raise HandoverError(
            f"没有人员 {successor}：请先登记 / no person {successor}: register them first"
        )


def _check_holder(
    connection: sa.Connection, registry: Registry, handover: Handover, now: datetime
) -> None:
    holder = duty(connection, registry).holder(handover.post, now)
    if handover.is_open and holder != handover.leaver:
        raise HandoverError(
            f"{handover.post} 的任职人已变为 {holder}：请撤销后重新起草"
            f" / {holder} holds {handover.post} now: cancel this handover and draw up another"
        )


def _parties(handover: Handover) -> dict[str, JSON]:
    return {"leaver": handover.leaver, "successor": handover.successor}


def _tell(
    connection: sa.Connection,
    handover: Handover,
    kind: str,
    at: datetime,
    actor: str,
    more: dict[str, JSON],
) -> None:
    data: dict[str, JSON] = {"handover": handover.id, "sha256": handover.sha256, **more}
    desk_log.append(connection, at, actor, kind, f"post:{handover.post}", data)


def _insert(connection: sa.Connection, made: Handover) -> Handover:
    """The handover as its row has it: with its id, and instants in milliseconds."""
    row = {key: value for key, value in asdict(made).items() if key != "id"}
    key = connection.execute(table.insert().values(**row)).inserted_primary_key
    found = None if key is None else find(connection, int(key[0]))
    if found is None:
        raise RuntimeError("the new row of handover is not there after it was written")
    return found


def _write(connection: sa.Connection, handover: Handover) -> None:
    row = asdict(handover)
    connection.execute(table.update().where(table.c.id == handover.id).values(**row))


def _read(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Iterator[Handover]:
    columns = [table.c[name] for name in _FIELDS]
    query = sa.select(*columns).where(where).order_by(table.c.id.desc())
    for row in connection.execute(query):
        yield Handover(*row)
