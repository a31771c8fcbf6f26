"""Text on its way to PostgreSQL. Needs psycopg, which comes with the extra `scale`."""

from typing import Any

import psycopg
from psycopg.abc import Buffer
from psycopg.types.string import StrDumperUnknown


class WithoutNul(StrDumperUnknown):
    """PostgreSQL's text has no NUL, which SQLite keeps: it becomes U+FFFD, nothing else changes."""

    def dump(self, obj: str) -> Buffer | None:
        """The bytes of a text."""
        return super().dump(obj.replace("\0", "\ufffd"))


def configure(connection: psycopg.Connection[Any], _record: object) -> None:
    """Let a new connection take any text."""
    connection.adapters.register_dumper(str, WithoutNul)
