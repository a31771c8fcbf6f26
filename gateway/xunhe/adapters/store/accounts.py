"""Who may enter: the one-time administrator code, users, sessions.

Secrets rest hashed: passwords with argon2id, codes and session tokens (random, so that guessing
is hopeless) with SHA-256. `clock` is the machine's own here: people live in wall time.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import Clock

MIN_PASSWORD = 10  # characters
MAX_PASSWORD = 1024  # characters; longer only burns processor time
MAX_NAME = 64
MAX_CODE_FAILURES = 10

# Without 0 O 1 I L: a code is read aloud and copied by hand. 31^12 is 59 bits.
_CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_CODE_LENGTH = 12
_HASHER = PasswordHasher()  # argon2id, RFC 9106 low-memory profile: 64 MiB a run
# Many log-ins at once must not take the memory of a small gateway.
_HASHING = threading.BoundedSemaphore(2)
# Compared with when the name is unknown, so that the answer takes as long.
_NOBODY = _HASHER.hash("nobody has this password")


class SetupOutcome(Enum):
    """What became of an attempt to use the one-time code."""

    CREATED = "created"
    WRONG_CODE = "wrong_code"
    LOCKED = "locked"  # MAX_CODE_FAILURES wrong attempts; a restart prints a new code
    DONE_BEFORE = "done_before"  # an administrator exists


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in; `csrf` comes with every write."""

    user: str
    csrf: str
    expires_at: datetime


def ensure_setup_code(database: Database, clock: Clock) -> str | None:
    """A fresh one-time administrator code, replacing any older; None once a user exists."""
    code = new_code()
    with database.write() as connection:
        connection.execute(sa.delete(schema.setup_code))
        if has_user(connection):
            return None
        row = {"code_hash": code_hash(code), "created_at": clock.now(), "failures": 0}
        connection.execute(sa.insert(schema.setup_code).values(row))
    return code


def new_code() -> str:
    """A one-time code to be read aloud, such as 7KQM-2XWF-9DHP."""
    code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
    return "-".join(code[i : i + 4] for i in range(0, _CODE_LENGTH, 4))


def code_hash(code: str) -> str:
    """Hash of a code as typed: case, spaces and dashes do not matter."""
    return _sha256("".join(c for c in code.upper() if c.isalnum()))


def has_user(connection: sa.Connection) -> bool:
    """True once the administrator exists."""
    return connection.execute(sa.select(schema.user.c.name).limit(1)).first() is not None


def create_administrator(
    database: Database, code: str, name: str, password: str, now: datetime
) -> SetupOutcome:
    """Use the code once: user in and code out, in one transaction.

    The password is hashed inside it, and only for the right code: a writer waits once in a
    gateway's life, and a stranger cannot make us hash.
    """
    with database.write() as connection:
        outcome = _judge_code(connection, code)
        if outcome is SetupOutcome.CREATED:
            add_user(connection, name, hashed(password), now)
            connection.execute(sa.delete(schema.setup_code))
    return outcome


def hashed(password: str) -> str:
    """A password as it may rest: argon2id. Takes tens of milliseconds."""
    with _HASHING:
        return _HASHER.hash(password)


def add_user(connection: sa.Connection, name: str, password_hash: str, now: datetime) -> None:
    """A further account, in the caller's transaction."""
    row = {"name": name, "password_hash": password_hash, "created_at": now}
    connection.execute(sa.insert(schema.user).values(row))


def remove_user(connection: sa.Connection, name: str) -> None:
    """Take an account away with all that hangs on it, in the caller's transaction."""
    connection.execute(sa.delete(schema.reset_code).where(schema.reset_code.c.user == name))
    connection.execute(sa.delete(schema.account).where(schema.account.c.user == name))
    connection.execute(sa.delete(schema.session).where(schema.session.c.user == name))
    connection.execute(sa.delete(schema.user).where(schema.user.c.name == name))


def check_password(database: Database, name: str, password: str) -> bool:
    """True where the user exists and this is the password; takes as long for a stranger."""
    with database.read() as connection:
        query = sa.select(schema.user.c.password_hash).where(schema.user.c.name == name)
        stored = connection.execute(query).scalar_one_or_none()
    with _HASHING:
        try:
            _HASHER.verify(stored or _NOBODY, password[:MAX_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None


def open_session(database: Database, user: str, now: datetime, hours: float) -> tuple[str, Session]:
    """A new session and its token for the cookie; sessions that ran out are swept."""
    token = secrets.token_urlsafe(32)
    session = Session(user, secrets.token_urlsafe(32), now + timedelta(hours=hours))
    row = {
        "token_hash": _sha256(token),
        "user": user,
        "csrf": session.csrf,
        "expires_at": session.expires_at,
    }
    with database.write() as connection:
        connection.execute(sa.delete(schema.session).where(schema.session.c.expires_at <= now))
        connection.execute(sa.insert(schema.session).values(row))
    return token, session


def find_session(database: Database, token: str, now: datetime) -> Session | None:
    """The session of a token, until it ends."""
    table = schema.session
    query = sa.select(table.c.user, table.c.csrf, table.c.expires_at)
    query = query.where(table.c.token_hash == _sha256(token), table.c.expires_at > now)
    with database.read() as connection:
        row = connection.execute(query).first()
    return None if row is None else Session(*row)


def close_session(database: Database, token: str) -> None:
    """Log out."""
    table = schema.session
    with database.write() as connection:
        connection.execute(sa.delete(table).where(table.c.token_hash == _sha256(token)))


def _judge_code(connection: sa.Connection, code: str) -> SetupOutcome:
    if has_user(connection):
        return SetupOutcome.DONE_BEFORE
    row = connection.execute(sa.select(schema.setup_code)).first()
    if row is None or row.failures >= MAX_CODE_FAILURES:
        return SetupOutcome.LOCKED
    if hmac.compare_digest(row.code_hash, code_hash(code)):
        return SetupOutcome.CREATED
    failures = schema.setup_code.c.failures
    connection.execute(sa.update(schema.setup_code).values({failures: failures + 1}))
    return SetupOutcome.WRONG_CODE


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
