"""Expressions that the engines name differently."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles


class _Each(sa.sql.functions.GenericFunction[Any]):
    """The elements of a JSON list as rows of `value`, text."""

    name = "each"
    inherit_cache = True


@compiles(_Each, "sqlite")
def _each_sqlite(element: _Each, compiler: Any, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


@compiles(_Each, "postgresql")
def _each_postgresql(element: _Each, compiler: Any, **how: Any) -> str:
    return f"json_array_elements_text(({compiler.process(element.clauses, **how)})::json)"


def rows_of(names: Iterable[str], alias: str) -> sa.TableValuedAlias:
    """Names as a table with the column `value`, one bound value however many they are."""
    return _Each(json.dumps(list(names))).table_valued("value", name=alias)


def total(amounts: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """The sum of whole numbers, 0 of none: PostgreSQL's own would be a Decimal."""
    return sa.cast(sa.func.coalesce(sa.func.sum(amounts), 0), sa.BigInteger)


def greater(one: sa.ColumnElement[Any], other: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The greater of two."""
    return sa.case((one > other, one), else_=other)
