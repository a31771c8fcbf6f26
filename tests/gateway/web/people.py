"""Clients of people with a seat at the desk, without typing passwords."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.gateway.web.console_server import Served
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.store import accounts, members
from xunhe.adapters.store.database import Database
from xunhe.desk.roles import Role


def session_of(
    database: Database,
    name: str,
    *,
    person: str | None = None,
    role: Role | None = None,
    code: str | None = None,
) -> tuple[str, str]:
    """A new account with its seat, logged in: (cookie, CSRF token)."""
    with database.write() as connection:
        accounts.add_user(connection, name, "no password", NOW)
        members.add(connection, name, NOW, person=person, role=role, code=code)
    token, session = accounts.open_session(database, name, NOW, 24)
    return token, session.csrf


@contextmanager
def client_of(served: Served, name: str, **seat: str | Role) -> Iterator[httpx.Client]:
    """A client of such an account; its CSRF token comes with every request."""
    token, csrf = session_of(served.database, name, **seat)  # type: ignore[arg-type]
    with served.client() as client:
        client.cookies.set("xunhe_session", token)
        client.headers["X-CSRF-Token"] = csrf
        yield client
