"""Reads external data from CSV: UTF-8 or GBK, Chinese headers, named errors with row and column.

    站点,采样时间,氨氮(mg/L),总磷(mg/L),化学需氧量(mg/L)
    YX-S1,2026-03-05 08:30,0.42,0.08,<4

The first row names the columns. Times without an offset are the river's (`utc_offset`). Blank, `-`
and `/` are values that nobody measured.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from xunhe.adapters.external_header import Column, Header, parse_header
from xunhe.domain.external import Entry, ExternalError, ExternalValue, Problem, Where
from xunhe.water.units import number

MAX_BYTES = 8 * 2**20  # ten thousand samples with every indicator
_NOTHING = {"", "-", "--", "—", "/"}
_TIMES = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M",
    "%Y年%m月%d日%H时%M分",
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says: its values, and the columns that were passed over by name."""

    entries: tuple[Entry, ...]
    ignored: tuple[str, ...]
    encoding: str


def read(data: bytes, zone: timezone) -> Sheet:
    """The values of a file. Raises ExternalError with every cell that cannot be read."""
    text, encoding = _decode(data)
    rows = _rows(text)
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise ExternalError(
            [Problem(Where(1, ""), "文件为空或缺表头", "no header in the first row")]
        )
    header = parse_header(rows[0])
    found = [
        one
        for row_number, row in enumerate(rows[1:], start=2)
        if any(cell.strip() for cell in row)
        for one in _entries(row_number, row, header, zone)
    ]
    problems = [one for one in found if isinstance(one, Problem)]
    if not found:
        problems.append(Problem(Where(2, ""), "没有任何数值", "there is no value below the header"))
    if problems:
        raise ExternalError(problems)
    entries = tuple(one for one in found if isinstance(one, Entry))
    return Sheet(entries, header.ignored, encoding)


def parse_time(text: str, zone: timezone) -> datetime | None:
    """An instant as people and programs write it; None for anything else."""
    for form in _TIMES:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone)
        except ValueError:
            continue
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    is_instant = at.tzinfo is not None or "T" in text
    return (at if at.tzinfo else at.replace(tzinfo=zone)) if is_instant else None


def _entries(
    row_number: int, row: Sequence[str], header: Header, zone: timezone
) -> Iterator[Entry | Problem]:
    cells = _Row(row_number, row)
    place, written = cells.text(header.roles["place"]), cells.text(header.roles["time"])
    time = parse_time(written, zone)
    if not place:
        yield Problem(cells.where("站点"), "没有站点编码", "no code of a place")
    if time is None:
        zh = f"时间“{written}”无法识别：请写成 2026-03-05 08:30"
        en = f"time {written!r} cannot be read: write 2026-03-05 08:30"
        yield Problem(cells.where("时间"), zh, en)
    lon_lat = _lon_lat(cells, header)
    if isinstance(lon_lat, Problem):
        yield lon_lat
    elif place and time:
        for column in header.columns:
            found = _value(cells, column, place, time)
            if isinstance(found, ExternalValue):
                yield Entry(found, cells.where(column.name), lon_lat)
            elif found is not None:
                yield found


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    cells: Sequence[str]

    def text(self, index: int) -> str:
        """The cell, "" beyond the end of a short row."""
        return self.cells[index].strip() if index < len(self.cells) else ""

    def where(self, column: str) -> Where:
        return Where(self.number, column)


def _value(row: _Row, column: Column, place: str, time: datetime) -> ExternalValue | Problem | None:
    text = row.text(column.index)
    if text in _NOTHING:
        return None
    found = number(text)
    if found is None:
        zh = f"“{text}”不是数值：未检出请写成 <检出限"
        en = f"{text!r} is no number: write <limit where nothing was detected"
        return Problem(row.where(column.name), zh, en)
    value, is_below_limit = found
    return ExternalValue(
        place, column.indicator.prop, time, float(value * column.factor), is_below_limit
    )


def _lon_lat(row: _Row, header: Header) -> tuple[float, float] | Problem | None:
    """Where the row says that it was taken; None where it does not say so."""
    if not {"lon", "lat"} <= set(header.roles):
        return None
    texts = [row.text(header.roles[role]) for role in ("lon", "lat")]
    if not any(texts):
        return None
    lon, lat = (_degrees(text) for text in texts)
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
        zh, en = f"坐标 {texts} 无法识别", f"position {texts} cannot be read"
        return Problem(row.where("经度"), zh, en)
    return lon, lat


def _degrees(text: str) -> float | None:
    found = number(text)
    return None if found is None or found[1] else float(found[0])


def _decode(data: bytes) -> tuple[str, str]:
    """The text and its encoding: by its mark, else UTF-8, else GB 18030, which contains GBK."""
    if len(data) > MAX_BYTES:
        zh, en = (
            f"文件 {len(data)} 字节，最多 {MAX_BYTES}",
            f"{len(data)} bytes, at most {MAX_BYTES}",
        )
        raise ExternalError([Problem(Where(1, ""), zh, en)])
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    zh, en = (
        "既不是 UTF-8 也不是 GBK：请另存为 CSV UTF-8",
        "neither UTF-8 nor GBK: save as CSV UTF-8",
    )
    raise ExternalError([Problem(Where(1, ""), zh, en)])


def _delimiter(text: str) -> str:
    """The sign that the first row has most of."""
    first = text.partition("\n")[0]
    return max(",\t;", key=first.count)


def _rows(text: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return list(reader)
    except csv.Error as error:
        zh, en = f"不是 CSV：{error}", f"this is no CSV: {error}"
        raise ExternalError([Problem(Where(reader.line_num, ""), zh, en)]) from error
