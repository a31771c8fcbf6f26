"""Every table as JSON lines, row by row, and what its columns are."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import schema

_AT_ONCE = 500  # rows

# Secrets: of no use to anybody but this gateway, and dangerous with anybody else.
SECRETS: Mapping[str, frozenset[str]] = {
    "device": frozenset({"key"}),
    "gateway": frozenset({"key"}),
    "revoked_key": frozenset({"key"}),
    "enrolment_seal": frozenset({"secret"}),
    "user": frozenset({"password_hash"}),
    "session": frozenset({"token_hash", "csrf"}),
    "setup_code": frozenset({"code_hash"}),
    "reset_code": frozenset({"code_hash"}),
    "account": frozenset({"totp_secret"}),
    "citizen_report": frozenset({"code_hash"}),
}
# Names, telephones and citizens' words: given on request only.
PERSONAL: Mapping[str, frozenset[str]] = {"personal": frozenset({"data", "salt"})}


def columns_of(table: sa.Table, *, with_personal: bool) -> list[sa.Column[Any]]:
    """The columns that leave."""
    withheld = SECRETS.get(table.name, frozenset())
    if not with_personal:
        withheld |= PERSONAL.get(table.name, frozenset())
    return [column for column in table.c if column.name not in withheld]


def lines(connection: sa.Connection, table: sa.Table, *, with_personal: bool) -> Iterator[str]:
    """A row a line, in the order of the key; instants in ISO 8601, bytes in hex."""
    columns = columns_of(table, with_personal=with_personal)
    names = [column.name for column in columns]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    found = connection.execution_options(yield_per=_AT_ONCE).execute(query)
    for row in found:
        fields = zip(names, row, strict=True)
        yield json.dumps(dict(fields), ensure_ascii=False, default=_plain) + "\n"


def described(*, with_personal: bool) -> dict[str, Any]:
    """All tables: columns with their types, keys and references, and what was withheld."""
    return {
        table.name: {
            "columns": {
                column.name: _type(column) for column in columns_of(table, with_personal=True)
            },
            "key": [column.name for column in table.primary_key.columns],
            "references": {
                key.parent.name: f"{key.column.table.name}.{key.column.name}"
                for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
            },
            "withheld": sorted(
                {column.name for column in table.c}
                - {column.name for column in columns_of(table, with_personal=with_personal)}
            ),
        }
        for table in schema.metadata.sorted_tables
    }


def _type(column: sa.Column[Any]) -> str:
    if isinstance(column.type, schema.Instant):
        kind = "instant (ISO 8601, UTC)"
    elif isinstance(column.type, sa.LargeBinary):
        kind = "bytes (hex)"
    elif isinstance(column.type, sa.JSON):
        kind = "json"
    else:
        kind = column.type.python_type.__name__
    return f"{kind}, may be null" if column.nullable else kind


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(f"{type(value).__name__} has no form in JSON lines")
