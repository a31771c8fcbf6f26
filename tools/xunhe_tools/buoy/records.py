"""The readings that a buoy still keeps, read over the console and written as a table.

Reading frees nothing: only the gateway's signed acknowledgement does.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xunhe_tools.buoy.console import Console

_PAGE = 10  # records that the console gives at a time
_EMPTY_PAGES = 3  # torn records leave gaps, but none of this length
_QUALITY = ("unset", "drifting", "synced")
_HEAD = ("boot", "seq", "time_utc", "time_quality")


def records(
    console: Console, most: int, progress: Callable[[int], None] = lambda count: None
) -> list[dict[str, Any]]:
    """The newest `most` records, oldest first."""
    end = console.ask({"do": "log"})["status"]["next_seq"]
    pages: list[list[dict[str, Any]]] = []
    count = empty = 0
    while end > 0 and count < most and empty < _EMPTY_PAGES:
        first = max(0, end - min(_PAGE, most - count))
        request = {"do": "log", "what": "records", "from": first, "count": end - first}
        page = console.ask(request)["records"]
        empty = 0 if page else empty + 1
        pages.append(page)
        count += len(page)
        progress(len(page))
        end = first
    return [record for page in reversed(pages) for record in page]


def save(rows: Iterable[dict[str, Any]], file: Path) -> int:
    """Write the records as CSV (UTF-8 with a mark, so that Excel reads it); how many there are."""
    found = list(rows)
    names = list(dict.fromkeys(name for record in found for name in record["values"]))
    columns = [column for name in names for column in (name, f"{name}_flag", f"{name}_raw")]
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.writer(out)
        table.writerow([*_HEAD, *columns])
        table.writerows(_row(record, names) for record in found)
    return len(found)


def _row(record: dict[str, Any], names: list[str]) -> list[object]:
    time = datetime.fromtimestamp(record["time_s"], UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    head = [record["boot"], record["seq"], time, _QUALITY[record["time_quality"]]]
    return head + list(_cells(record, names))


def _cells(record: dict[str, Any], names: list[str]) -> Iterator[object]:
    raw = dict(zip(record["values"], record["raw"] or (), strict=False))
    for name in names:
        value, flag = record["values"].get(name, (None, None))
        yield from (value, flag, raw.get(name))
