"""The header of a file of external data: which column holds what, in which unit."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xunhe.domain.external import ExternalError, Problem, Where
from xunhe.water.indicators import INDICATORS, Indicator
from xunhe.water.units import factor_of, plain, units_of

_ROLES = {
    "place": "站点 站点编码 测站 测站编码 断面 断面编码 点位 点位编码 编码 station place code",
    "time": "时间 采样时间 监测时间 测定时间 日期时间 time sampled_at datetime",
    "lon": "经度 lon longitude",
    "lat": "纬度 lat latitude",
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names.split()}
_MISSING = {
    "place": ("缺少站点列：请加一列“站点”", "no column of places: add one called `station`"),
    "time": ("缺少时间列：请加一列“采样时间”", "no column of times: add one called `time`"),
}
_WITH_UNIT = re.compile(r"(?P<name>[^(\[]+)[(\[](?P<unit>.*)[)\]]")
_NAMES = {
    plain(name): indicator
    for indicator in INDICATORS.values()
    for name in (
        indicator.prop, indicator.name_zh, indicator.name_en, indicator.hj212, *indicator.aliases
    )
    if name
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column of values: its `index` in a row, and what turns a cell into the property's unit."""

    index: int
    name: str
    indicator: Indicator
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Header:
    """Indices of the columns that say where and when, and the columns of values."""

    roles: dict[str, int]
    columns: tuple[Column, ...]
    ignored: tuple[str, ...]


def parse_header(names: Sequence[str]) -> Header:
    """The columns. Raises ExternalError with everything that is wrong with them."""
    roles: dict[str, int] = {}
    columns: list[Column] = []
    ignored: list[str] = []
    problems: list[Problem] = []
    for index, name in enumerate(names):
        role = _ROLE_OF.get(plain(name))
        found = None if role else _column(index, name)
        if role:
            roles.setdefault(role, index)
        elif isinstance(found, Column):
            columns.append(found)
        elif found is not None:
            problems.append(found)
        elif name.strip():
            ignored.append(name.strip())
    problems += _missing(roles, columns, ignored) + _doubles(columns)
    if problems:
        raise ExternalError(problems)
    return Header(roles, tuple(columns), tuple(ignored))


def _column(index: int, name: str) -> Column | Problem | None:
    """A column of values, what is wrong with it, or None for a name that nobody knows."""
    written = plain(name)
    with_unit = _WITH_UNIT.fullmatch(written)
    stem, unit = (with_unit["name"], with_unit["unit"]) if with_unit else (written, None)
    indicator = _NAMES.get(stem) or _NAMES.get(written)
    if indicator is None:
        return None if with_unit is None else _unknown(name)
    if unit is None:
        unit = _unit_of_name(stem, indicator)
    factor = None if unit is None else factor_of(unit, indicator)
    if factor is not None:
        return Column(index, name.strip(), indicator, factor)
    units = units_of(indicator)
    said_zh = "缺少单位" if unit is None else f"单位 {unit} 不适用"
    said_en = "has no unit" if unit is None else f"unit {unit!r} does not fit"
    return Problem(
        Where(1, name.strip()),
        f"{said_zh}：请写成 {indicator.name_zh}({indicator.unit})，可用单位 {units}",
        f"{said_en}: write {indicator.name_en}({indicator.unit}); units that fit: {units}",
    )


def _unit_of_name(stem: str, indicator: Indicator) -> str | None:
    """The unit that a bare name implies: ours by its own name, that of HJ 212 by its code."""
    if stem == indicator.prop:
        return indicator.unit
    if stem == indicator.hj212:
        return indicator.hj212_unit
    return None if indicator.unit else ""


def _unknown(name: str) -> Problem:
    stem = plain(name).partition("(")[0]
    near = difflib.get_close_matches(stem, _NAMES, n=1, cutoff=0.5)  # names of two signs
    hint = f"：是否为 {near[0]}？" if near else ""
    hint_en = f": did you mean {near[0]}?" if near else ""
    return Problem(Where(1, name.strip()), f"不认识的指标{hint}", f"unknown indicator{hint_en}")


def _missing(
    roles: dict[str, int], columns: Sequence[Column], ignored: Sequence[str]
) -> list[Problem]:
    found = [Problem(Where(1, ""), *_MISSING[role]) for role in _MISSING if role not in roles]
    if not columns:
        seen = "、".join(ignored) or "—"
        zh = f"没有可识别的指标列（看到：{seen}）：例如 氨氮(mg/L)"
        en = f"no column of an indicator (seen: {seen}): such as 氨氮(mg/L)"
        found.append(Problem(Where(1, ""), zh, en))
    return found


def _doubles(columns: Sequence[Column]) -> list[Problem]:
    first: dict[str, Column] = {}
    found = []
    for column in columns:
        known = first.setdefault(column.indicator.prop, column)
        if known is not column:
            zh, en = f"与“{known.name}”是同一指标", f"is the same indicator as {known.name!r}"
            found.append(Problem(Where(1, column.name), zh, en))
    return found
