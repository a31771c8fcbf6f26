"""Numbers of frozen dataclasses, changed by a table of a rule file."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from xunhe.settings import nearest
from xunhe.water.qc.limits import Span

T = TypeVar("T")


def with_changes(limits: T, changes: Mapping[str, Any], where: str) -> T:
    """`limits`, a frozen dataclass of numbers, spans and such dataclasses, with other numbers.

    A span is a pair [low, high]; `false` takes a check away. Raises ValueError naming the key.
    """
    known = {field.name: getattr(limits, field.name) for field in fields(limits)}  # type: ignore[arg-type]
    new = {}
    for key, value in changes.items():
        if key not in known:
            raise ValueError(f"unknown key {where}.{key}{nearest(key, known)}")
        new[key] = _changed(known[key], value, f"{where}.{key}")
    return replace(limits, **new)  # type: ignore[type-var]


def _changed(before: Any, value: Any, where: str) -> Any:
    if value is False:
        return None
    if isinstance(before, Span) and isinstance(value, list):
        return Span(*(_number(each, where) for each in value[:2]))
    if is_dataclass(before) and isinstance(value, Mapping):
        return with_changes(before, value, where)
    if before is None or is_dataclass(before):
        raise ValueError(f"{where}: {value!r} cannot stand here")
    number = _number(value, where)
    if isinstance(before, int) and not number.is_integer():
        raise ValueError(f"{where}: {value!r} is not whole")
    return int(number) if isinstance(before, int) else number


def _number(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{where}: {value!r} is no number")
    return float(value)
