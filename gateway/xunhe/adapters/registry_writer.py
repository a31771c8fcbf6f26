"""Writes a registry folder's two files, each whole or not at all; what was there stays as .bak."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from xunhe.adapters.registry_file import DUTY_FILE, MAP_FILE
from xunhe.adapters.registry_objects import Row
from xunhe.adapters.registry_rows import DUTY_KINDS, MAP_KINDS, Book
from xunhe.adapters.registry_tables.writing import geojson_text
from xunhe.adapters.whole_file import write_whole


def write_book(folder: Path, before: Book, after: Book) -> list[Path]:
    """Write those of the two files whose rows change; the other is not touched.

    The comment at the head of `duty.toml` stays, those further down do not.
    """
    duty = folder / DUTY_FILE
    texts: dict[Path, str] = {}
    if _differ(before, after, MAP_KINDS):
        texts[folder / MAP_FILE] = geojson_text(after)
    if _differ(before, after, DUTY_KINDS):
        texts[duty] = _head(duty) + duty_text(after)
    for path in texts:
        write_whole(path.with_name(path.name + ".bak"), path.read_bytes())
    for path, text in texts.items():
        write_whole(path, text.encode())
    return list(texts)


def _differ(before: Book, after: Book, kinds: Iterable[str]) -> bool:
    return any(list(before.rows.get(k, ())) != list(after.rows.get(k, ())) for k in kinds)


def duty_text(book: Book) -> str:
    """The rows of `duty.toml` and what it sets for the whole."""
    return "\n\n".join(_blocks(book)) + "\n"


def _blocks(book: Book) -> Iterator[str]:
    if book.levels:
        yield f"levels = {_toml(list(book.levels))}"
    if book.leads:
        yield _block("[leads]", {json.dumps(key): value for key, value in book.leads.items()})
    for kind in DUTY_KINDS:
        for row in book.rows.get(kind, ()):
            yield _block(f"[[{kind}]]", row)


def _block(heading: str, row: Row | Mapping[str, str]) -> str:
    return "\n".join([heading, *(f"{key} = {_toml(value)}" for key, value in row.items())])


def _toml(value: object) -> str:
    """A value as TOML writes it; a text as JSON does, which TOML reads alike."""
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _head(path: Path) -> str:
    lines = []
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            break
        lines.append(line)
    return "\n".join(lines) + "\n\n" if lines else ""
