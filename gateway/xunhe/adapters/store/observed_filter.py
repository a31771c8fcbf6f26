"""Filters of observations as SQL, and the text by which one is known.

An observation is known by the primary key of its row: station:property:ms:device:boot:seq.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import observation as table
from xunhe.codecs.odata_filter import (
    SIGNS,
    Both,
    Comparison,
    Either,
    Expression,
    Literal,
    Negation,
    ODataError,
)

KEY = (
    table.c.station,
    table.c.property,
    table.c.time,
    table.c.device,
    table.c.boot,
    table.c.seq,
)
COLUMNS: dict[str, sa.ColumnElement[Any]] = {
    "phenomenonTime": table.c.time,
    "resultTime": table.c.time,
    "result": table.c.value,
    "resultQuality": table.c.flag,
}
_TYPES: dict[str, tuple[type, ...]] = {
    "phenomenonTime": (datetime,),
    "resultTime": (datetime,),
    "result": (float, int),
    "resultQuality": (float, int),
}
_LONGEST = 200  # characters of a key


def condition(expression: Expression) -> sa.ColumnElement[bool]:
    """A filter as SQL. ODataError where it asks for what observations have not."""
    match expression:
        case Both(left, right):
            return sa.and_(condition(left), condition(right))
        case Either(left, right):
            return sa.or_(condition(left), condition(right))
        case Negation(inner):
            return sa.not_(condition(inner))
        case Comparison("id" | "@iot.id", sign, str(key)):
            return _of_key(sign, key)
        case Comparison(path, sign, literal) if path in COLUMNS:
            return _of_column(path, sign, literal)
        case Comparison(path, _, _):
            known = ", ".join(("id", *COLUMNS))
            raise ODataError(f"$filter: observations are filtered by {known}, not by {path}")


def _of_key(sign: str, key: str) -> sa.ColumnElement[bool]:
    values = key_values(key)
    if values is None:
        raise ODataError(f"$filter: {key} is no id of an observation")
    bound = sa.tuple_(*(sa.literal(v, c.type) for c, v in zip(KEY, values, strict=True)))
    found: sa.ColumnElement[bool] = SIGNS[sign](sa.tuple_(*KEY), bound)
    return found


def _of_column(path: str, sign: str, literal: Literal) -> sa.ColumnElement[bool]:
    column = COLUMNS[path]
    if literal is None and sign in ("eq", "ne"):
        return column.is_(None) if sign == "eq" else column.is_not(None)
    if not isinstance(literal, _TYPES[path]) or isinstance(literal, bool):
        raise ODataError(f"$filter: {path} cannot be compared with {literal}")
    found: sa.ColumnElement[bool] = SIGNS[sign](column, sa.literal(literal, column.type))
    return found


def key_values(key: str) -> tuple[Any, ...] | None:
    """The row's primary key out of its text; None for text that is none."""
    parts = key.rsplit(":", 5)
    if len(key) > _LONGEST or len(parts) != 6:
        return None
    if not all(part.isdecimal() for part in (parts[2], parts[4], parts[5])):
        return None
    ms = int(parts[2])
    if ms >= 2**47 or int(parts[4]) >= 2**31 or int(parts[5]) >= 2**62:
        return None
    time = datetime.fromtimestamp(ms / 1000, UTC)
    return parts[0], parts[1], time, parts[3], int(parts[4]), int(parts[5])
