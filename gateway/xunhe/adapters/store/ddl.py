"""What migrations need and the engines spell differently: one statement each."""

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.ddl import ExecutableDDLElement


class DeferForeignKeys(ExecutableDDLElement):
    """Look at foreign keys when the transaction commits, not at each statement."""

    inherit_cache = False


class DropToReplace(ExecutableDDLElement):
    """Drop a table that one of the same name follows, whoever refers to it.

    PostgreSQL drops the foreign keys to it; SQLite keeps them for the table that follows.
    """

    inherit_cache = False

    def __init__(self, table: str) -> None:
        self.table = table


class RefuseChange(ExecutableDDLElement):
    """Let nobody UPDATE, or DELETE (`act`), rows of a table; `what` names it in the error."""

    inherit_cache = False

    def __init__(self, table: str, act: str, what: str) -> None:
        self.table, self.act = table, act
        self.trigger = f"{table}_no_{act.lower()}"
        self.message = f"{what} is append-only"


@compiles(DeferForeignKeys, "sqlite")
def _defer_sqlite(_element: DeferForeignKeys, _compiler: Any, **_: Any) -> str:
    return "PRAGMA defer_foreign_keys=ON"


@compiles(DeferForeignKeys, "postgresql")
def _defer_postgresql(_element: DeferForeignKeys, _compiler: Any, **_: Any) -> str:
    return "SET CONSTRAINTS ALL DEFERRED"


@compiles(DropToReplace, "sqlite")
def _drop_sqlite(element: DropToReplace, _compiler: Any, **_: Any) -> str:
    return f"DROP TABLE {element.table}"


@compiles(DropToReplace, "postgresql")
def _drop_postgresql(element: DropToReplace, _compiler: Any, **_: Any) -> str:
    return f"DROP TABLE {element.table} CASCADE"


@compiles(RefuseChange, "sqlite")
def _refuse_sqlite(element: RefuseChange, _compiler: Any, **_: Any) -> str:
    return (
        f"CREATE TRIGGER {element.trigger} BEFORE {element.act} ON {element.table}"
        f" BEGIN SELECT RAISE(ABORT, '{element.message}'); END"
    )


@compiles(RefuseChange, "postgresql")
def _refuse_postgresql(element: RefuseChange, _compiler: Any, **_: Any) -> str:
    # TRUNCATE has no rows: whoever may use it is the owner of the table, who may drop it as well.
    return (
        f"CREATE FUNCTION {element.trigger}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE integrity_constraint_violation USING MESSAGE = '{element.message}'; END $$;"
        f" CREATE TRIGGER {element.trigger} BEFORE {element.act} ON {element.table}"
        f" FOR EACH ROW EXECUTE FUNCTION {element.trigger}()"
    )
