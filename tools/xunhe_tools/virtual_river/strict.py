"""Frozen dataclasses from JSON or TOML tables; every complaint names the key.

ValueError
  └─ ConfigError   the file is wrong: where, what, and the nearest valid word
"""

from __future__ import annotations

import difflib
import inspect
import json
import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

T = TypeVar("T")


class ConfigError(ValueError):
    """A configuration or script that cannot be used as written."""


def table(value: object, where: str) -> Mapping[str, Any]:
    """`value` as a table with text keys."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where}: expected a table, got {value!r}")
    return value


def rows(value: object, where: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The tables of a list, each with its own "where" for messages."""
    if not isinstance(value, list):
        raise ConfigError(f"{where}: expected a list of tables, got {value!r}")
    return [(f"{where}[{i}]", table(row, f"{where}[{i}]")) for i, row in enumerate(value)]


def known(name: object, names: Collection[str], where: str, what: str) -> str:
    """`name` if it is one of `names`, else an error with the nearest of them."""
    if isinstance(name, str) and name in names:
        return name
    near = difflib.get_close_matches(str(name), list(names), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"{where}: unknown {what} {name!r}; known: {', '.join(sorted(names))}{hint}")


def check_keys(given: Mapping[str, Any], names: Collection[str], where: str) -> None:
    """Refuse keys outside `names`."""
    for key in given:
        known(key, names, where, "key")


def number(value: object, where: str) -> float:
    """A finite number (a bool is not one)."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):  # type: ignore[arg-type]
        raise ConfigError(f"{where}: expected a finite number, got {value!r}")
    return float(value)  # type: ignore[arg-type]


def _scalar(value: object, hint: object, where: str) -> object:
    """`value` checked against a scalar `hint`; other hints were built by the caller."""
    if value is None and NoneType in get_args(hint):
        return None
    wanted = next((a for a in get_args(hint) if a is not NoneType), hint)
    if wanted is float:
        return number(value, where)
    if wanted in (int, bool, str) and type(value) is not wanted:
        raise ConfigError(f"{where}: expected {getattr(wanted, '__name__', wanted)}, got {value!r}")
    return value


def build(kind: type[T], given: Mapping[str, Any], where: str) -> T:
    """One `kind` from the table `given`: no unknown key, no missing key, right types."""
    parameters, hints = inspect.signature(kind).parameters, get_type_hints(kind)
    check_keys(given, parameters, where)
    for name, parameter in parameters.items():
        if parameter.default is parameter.empty and name not in given:
            raise ConfigError(f"{where}: key {name!r} is missing")
    values = {key: _scalar(value, hints[key], f"{where}.{key}") for key, value in given.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error


def build_document(
    kind: type[T], document: object, sections: Mapping[str, Callable[[object], object]]
) -> T:
    """A configuration from decoded JSON; `sections` read those values that are no scalars."""
    given = dict(table(document, "config"))
    for key, read in sections.items():
        if key in given:
            given[key] = read(given[key])
    return build(kind, given, "config")


def read_json(path: Path) -> object:
    """The value in a file. ConfigError where it is absent or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
