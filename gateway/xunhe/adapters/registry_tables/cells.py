"""How values stand in the cells of a table. A `parse` raises ValueError with what is wrong."""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xunhe.domain.clock import SHANGHAI

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
_LONGEST = 500  # characters of a text: the table is a list, not an archive
_QUOTE = "'"
_FORMULA = ("=", "+", "-", "@", _QUOTE)
_SPLIT = re.compile(r"[;；、\n]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One way of writing a value: `show` writes what `parse` reads; `words`: all that it takes."""

    parse: Callable[[str], Any]
    show: Callable[[Any], str]
    words: tuple[str, ...] = ()


def _text(cell: str) -> str:
    if len(cell) > _LONGEST or not cell.isprintable():
        raise ValueError(f"须为不超过 {_LONGEST} 字的一行 / one line, {_LONGEST} letters at most")
    return cell.removeprefix(_QUOTE)


def _show_text(value: str) -> str:
    """With the quote by which spreadsheets know a text, where they would take it for a formula."""
    return _QUOTE + value if value[:1] in _FORMULA else value


def _number(cell: str) -> int | float:
    if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        raise ValueError(f"{cell!r} 不是数字 / is not a number")
    return float(cell) if re.search("[.eE]", cell) else int(cell)


def _positive(cell: str) -> int | float:
    value = _number(cell)
    if value <= 0:
        raise ValueError(f"{cell} 须大于 0 / must be above 0")
    return value


def _not_negative(cell: str) -> int | float:
    value = _number(cell)
    if value < 0:
        raise ValueError(f"{cell} 不得小于 0 / must not be below 0")
    return value


def _whole(cell: str) -> int:
    value = _not_negative(cell)
    if not isinstance(value, int):
        raise ValueError(f"{cell} 须为整数 / must be a whole number")
    return value


def _instant(cell: str) -> datetime:
    """ISO 8601; without an offset it is meant in Asia/Shanghai."""
    try:
        at = datetime.fromisoformat(cell.replace("/", "-"))
    except ValueError:
        raise ValueError(
            f"{cell!r} 不是日期时间，如 2026-01-01 或 2026-01-01T08:00 / is not a date and time"
        ) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=SHANGHAI)


def _show_instant(value: datetime | str) -> str:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(SHANGHAI).isoformat()


def _show_number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(float(value))


TEXT = Cell(_text, _show_text)
NUMBER = Cell(_number, _show_number)
POSITIVE = Cell(_positive, _show_number)
NOT_NEGATIVE = Cell(_not_negative, _show_number)
WHOLE = Cell(_whole, _show_number)
INSTANT = Cell(_instant, _show_instant)


def bounded(low: float, high: float) -> Cell:
    """A number from `low` to `high`."""

    def parse(cell: str) -> int | float:
        value = _number(cell)
        if not low <= value <= high:
            raise ValueError(f"{cell} 不在 {low:g} 到 {high:g} 之间 / is not within them")
        return value

    return Cell(parse, _show_number)


def words(labels: Mapping[str, str]) -> Cell:
    """One of a few words: value → the desk's word for it. Either is read, the desk's written."""
    values = {label: value for value, label in labels.items()} | {v: v for v in labels}

    def parse(cell: str) -> str:
        if cell not in values:
            known = "、".join(labels.values())
            raise ValueError(f"{cell!r} 不是以下之一 / is none of: {known}")
        return values[cell]

    return Cell(parse, lambda value: labels.get(value, str(value)), tuple(labels.values()))


def many(one: Cell) -> Cell:
    """Several values, with `;` between them."""

    def parse(cell: str) -> list[Any]:
        return [one.parse(part.strip()) for part in _SPLIT.split(cell) if part.strip()]

    def show(values: Iterable[Any]) -> str:
        return "; ".join(one.show(value) for value in values)

    return Cell(parse, show)


def _pair(cell: str) -> list[float]:
    parts = cell.split()
    if len(parts) != 2:
        raise ValueError(f"{cell!r} 不是两个数 / is not two numbers")
    return [_number(part) for part in parts]


# Points of a line, or levels with their velocities: `119.41 30.31; 119.42 30.32`.
PAIRS = many(Cell(_pair, lambda pair: " ".join(_show_number(value) for value in pair)))
NUMBERS = many(POSITIVE)
TEXTS = many(TEXT)
