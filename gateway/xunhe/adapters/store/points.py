"""The ledger of points as rows: append-only, each transfer once, no account below zero but one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.expressions import total
from xunhe.adapters.store.schema import points_posting, points_transfer
from xunhe.desk.log import JSON
from xunhe.desk.periods import Span, period_at
from xunhe.desk.points import ISSUED, Act, Earned, Transfer, day_start, exchange, moved, settled

Rows = sa.ColumnElement[bool]


class OverdrawnError(ValueError):
    """An account does not hold as many points."""

    def __init__(self, account: str, balance: int) -> None:
        super().__init__(f"余额不足：{balance} / account {account} holds {balance} points only")


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One exchange with a partner, as it is exported."""

    transfer_id: int
    at: datetime
    account: str
    points: int


def post(connection: sa.Connection, transfer: Transfer, actor: str) -> bool:
    """Write a transfer in the caller's transaction; False where its key is there already.

    Raises OverdrawnError; nothing is written then.
    """
    if _id_of(connection, transfer.key) is not None:
        return False
    for account, points in transfer.postings.items():
        held = balance(connection, account)
        if account != ISSUED and held + points < 0:
            raise OverdrawnError(account, held)
    row = {"key": transfer.key, "at": transfer.at, "act": transfer.act.value}
    connection.execute(points_transfer.insert().values(**row))
    transfer_id = _id_of(connection, transfer.key)
    for account, points in transfer.postings.items():
        posting = {"transfer_id": transfer_id, "account": account, "points": points}
        connection.execute(points_posting.insert().values(**posting))
    told: dict[str, JSON] = {"key": transfer.key, "postings": dict(transfer.postings)}
    subject = f"points:{transfer_id}"
    desk_log.append(connection, transfer.at, actor, "points.moved", subject, told)
    return True


def balance(connection: sa.Connection, account: str) -> int:
    """What an account holds."""
    return _sum(connection, points_posting.c.account == account)


def earned(connection: sa.Connection, account: str, act: Act, at: datetime) -> Earned:
    """What an account has earned in the day and month of an instant, Asia/Shanghai."""
    today, month = day_start(at), period_at(at, Span.MONTH).start
    gains = (points_posting.c.account == account) & (points_posting.c.points > 0)
    of_act = points_transfer.c.act == act.value
    return Earned(
        act_today=_sum(connection, gains & of_act & (points_transfer.c.at >= today)),
        today=_sum(connection, gains & (points_transfer.c.at >= today)),
        month=_sum(connection, gains & (points_transfer.c.at >= month)),
    )


def export(connection: sa.Connection, partner: str, at: datetime, actor: str) -> int:
    """Settle everything that was exchanged with a partner: a batch with the next number.

    0 where there is nothing to settle.
    """
    waiting = balance(connection, exchange(partner))
    if not waiting:
        return 0
    batch = batches(connection, partner) + 1
    key = f"export:{partner}:{batch}"
    giver, taker = exchange(partner), settled(partner)
    post(connection, moved(key, at, Act.EXPORT, waiting, giver, taker), actor)
    return batch


def batches(connection: sa.Connection, partner: str) -> int:
    """How many batches a partner was given."""
    taken = points_posting.c.account == settled(partner)
    query = sa.select(sa.func.count()).select_from(points_posting).where(taken)
    return int(connection.execute(query).scalar_one())


def in_batch(connection: sa.Connection, partner: str, batch: int) -> Iterator[Exchanged]:
    """The exchanges of a batch: those between its export and the one before it."""
    until = _id_of(connection, f"export:{partner}:{batch}")
    since = _id_of(connection, f"export:{partner}:{batch - 1}") or 0
    if until is None:
        return
    partners = sa.select(points_posting.c.transfer_id).where(
        points_posting.c.account == exchange(partner), points_posting.c.points > 0
    )
    query = (
        sa.select(points_transfer.c.id, points_transfer.c.at, points_posting.c.account)
        .add_columns(-points_posting.c.points)
        .join(points_posting, points_posting.c.transfer_id == points_transfer.c.id)
        .where(
            points_transfer.c.id.in_(partners),
            points_transfer.c.id.between(since + 1, until - 1),
            points_posting.c.points < 0,
        )
        .order_by(points_transfer.c.id)
    )
    for row in connection.execute(query):
        yield Exchanged(*row)


def _id_of(connection: sa.Connection, key: str) -> int | None:
    query = sa.select(points_transfer.c.id).where(points_transfer.c.key == key)
    return connection.execute(query).scalar_one_or_none()


def _sum(connection: sa.Connection, where: Rows) -> int:
    query = (
        sa.select(total(points_posting.c.points))
        .join(points_transfer, points_transfer.c.id == points_posting.c.transfer_id)
        .where(where)
    )
    return int(connection.execute(query).scalar_one())
