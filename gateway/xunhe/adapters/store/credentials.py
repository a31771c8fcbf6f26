"""What changes about an account after it was made: password, one-time reset, second factor, locks.

Who resets an account gives its owner a code and never learns the password.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa

from xunhe.adapters.store.accounts import (
    MAX_CODE_FAILURES,
    code_hash,
    hashed,
    new_code,
)
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.schema import account, reset_code, session, user
from xunhe.adapters.store.upsert import insert
from xunhe.domain import totp

NO_PASSWORD = "none"  # noqa: S105  fits no password: argon2 cannot read it
RESET_HOLDS = timedelta(days=3)


class ResetOutcome(Enum):
    """What became of an attempt to use a reset code."""

    DONE = "done"
    WRONG = "wrong"  # no such account, no code, another code or too old: told alike
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account beside its password."""

    user: str
    created_at: datetime
    disabled_at: datetime | None
    disabled_by: str | None
    has_second_factor: bool
    waits_for_reset: bool


def states(connection: sa.Connection) -> list[AccountState]:
    """Every account, by name."""
    query = (
        sa.select(
            user.c.name,
            user.c.created_at,
            account.c.disabled_at,
            account.c.disabled_by,
            account.c.totp_secret.is_not(None),
            reset_code.c.user.is_not(None),
        )
        .select_from(user)
        .outerjoin(account, account.c.user == user.c.name)
        .outerjoin(reset_code, reset_code.c.user == user.c.name)
        .order_by(user.c.name)
    )
    return [AccountState(*row) for row in connection.execute(query)]


def is_disabled(connection: sa.Connection, name: str) -> bool:
    """True where nobody may log in by this name."""
    query = sa.select(account.c.disabled_at).where(account.c.user == name)
    return connection.execute(query).scalar() is not None


def disable(connection: sa.Connection, name: str, by: str, at: datetime) -> None:
    """Let nobody in by this name, and end whoever is in."""
    _keep(connection, name, disabled_at=at, disabled_by=by)
    end_sessions(connection, name)


def enable(connection: sa.Connection, name: str) -> None:
    """Let its owner in again."""
    _keep(connection, name, disabled_at=None, disabled_by=None)


def end_sessions(connection: sa.Connection, name: str) -> None:
    """Log an account out everywhere."""
    connection.execute(sa.delete(session).where(session.c.user == name))


def set_password(connection: sa.Connection, name: str, password_hash: str) -> None:
    """Another password; every session ends."""
    connection.execute(
        sa.update(user).where(user.c.name == name).values(password_hash=password_hash)
    )
    end_sessions(connection, name)


def issue_reset(connection: sa.Connection, name: str, by: str, at: datetime) -> str:
    """A one-time code with which the owner sets a new password. The old one ends at once, and so
    does the second factor, which may be lost with the phone."""
    text = new_code()
    set_password(connection, name, NO_PASSWORD)
    _keep(connection, name, totp_secret=None, totp_step=None)
    row = {"code_hash": code_hash(text), "created_at": at, "created_by": by, "failures": 0}
    connection.execute(
        insert(reset_code)
        .values(user=name, **row)
        .on_conflict_do_update(index_elements=["user"], set_=row)
    )
    return text


def redeem_reset(
    database: Database, name: str, typed: str, password: str, at: datetime
) -> ResetOutcome:
    """Use a reset code: the password is set and the code gone, in one transaction."""
    with database.write() as connection:
        outcome = _judge(connection, name, typed, at)
        if outcome is ResetOutcome.DONE:
            set_password(connection, name, hashed(password))
            connection.execute(sa.delete(reset_code).where(reset_code.c.user == name))
    return outcome


def second_factor(connection: sa.Connection, name: str) -> bytes | None:
    """The secret of an account's one-time passwords; None where it needs none."""
    query = sa.select(account.c.totp_secret).where(account.c.user == name)
    return connection.execute(query).scalar()


def set_second_factor(connection: sa.Connection, name: str, secret: bytes | None) -> None:
    """From now on the account needs one-time passwords of this secret; None: none any more."""
    _keep(connection, name, totp_secret=secret, totp_step=None)


def use_code(connection: sa.Connection, name: str, typed: str, at: datetime) -> bool:
    """True where this is the account's one-time password now, and it was not used before."""
    row = connection.execute(
        sa.select(account.c.totp_secret, account.c.totp_step).where(account.c.user == name)
    ).first()
    if row is None or row.totp_secret is None:
        return False
    step = totp.step_of_code(row.totp_secret, typed, at)
    if step is None or (row.totp_step is not None and step <= row.totp_step):
        return False
    _keep(connection, name, totp_step=step)
    return True


def _judge(connection: sa.Connection, name: str, typed: str, at: datetime) -> ResetOutcome:
    row = connection.execute(sa.select(reset_code).where(reset_code.c.user == name)).first()
    if row is None or at - row.created_at > RESET_HOLDS or is_disabled(connection, name):
        return ResetOutcome.WRONG
    if row.failures >= MAX_CODE_FAILURES:
        return ResetOutcome.LOCKED
    if hmac.compare_digest(row.code_hash, code_hash(typed)):
        return ResetOutcome.DONE
    connection.execute(
        sa.update(reset_code)
        .where(reset_code.c.user == name)
        .values(failures=reset_code.c.failures + 1)
    )
    return ResetOutcome.WRONG


def _keep(connection: sa.Connection, name: str, **values: object) -> None:
    connection.execute(
        insert(account)
        .values(user=name, **values)
        .on_conflict_do_update(index_elements=["user"], set_=values)
    )
