"""A recording: everything that the judge was told, in the order of the commits, as JSON lines.

The first line says what the file is; then the state that the gateway was in, as rows; then step by
step what came in. A replay of it gives the same alerts byte for byte.

A full file gets a number, the next begins with the state of that moment: each replays by itself.

The file is as long as the store says: its length is written in the transaction of the steps, and
what a crash or a failed transaction left behind it is cut off with the next ones.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.hours import SPAN_S
from xunhe.adapters.recording_lines import Entered, Event, Started, dumps, to_line
from xunhe.adapters.store import rain, schema
from xunhe.adapters.store.incidents import MEMORY
from xunhe.alerts.view import WINDOW_S

VERSION = 1
_PEOPLES = (schema.silence, schema.maintenance)  # tables that people write to at any time


@dataclass(frozen=True, slots=True)
class Room:
    """How long one file becomes, and how many full ones stay beside it."""

    bytes: float = float("inf")
    kept: int = 0


class Recorder:
    """Writes one recording. Called inside write transactions only, which follow one another."""

    def __init__(self, path: Path, rules: Mapping[str, Any], room: Room | None = None) -> None:
        self._path = path
        self._rules = rules
        self._room = room or Room()
        self._size = -1  # after the last steps; another one in the store: forget what is known
        self._known: set[str] = set()

    def keep(self, connection: sa.Connection, steps: Sequence[Event]) -> None:
        """Write the steps of this transaction, after what people have entered before it."""
        if not steps:
            return
        size = self._size_in(connection)
        if size >= self._room.bytes:
            size = self._begin_another(size)
        if size != self._size:
            self._known.clear()
        entered = list(_entered(connection, steps[0].at))
        lines = [line for line in entered if line not in self._known]
        lines += [to_line(step) for step in steps]
        self._known = set(entered)
        if size == 0:
            lines = list(self._beginning(connection, steps))
        self._size = self._write(size, lines)
        _set_size(connection, self._counter, self._size)

    def _begin_another(self, size: int) -> int:
        """Give the full file its number; 0, the size of the next one.

        Where this transaction fails, the store's size is that of a file which is not there: the
        next one begins a recording of its own, with the state of its beginning.
        """
        with self._path.open("r+b") as file:
            file.truncate(size)
        earlier = self.earlier()
        last = int(earlier[-1].stem.rpartition("-")[2]) if earlier else 0
        self._path.rename(self._numbered(f"{last + 1:06d}"))
        full = self.earlier()
        for path in full[: max(len(full) - self._room.kept, 0)]:
            path.unlink()
        return 0

    def earlier(self) -> list[Path]:
        """The full files that are still there, the oldest first."""
        return sorted(self._path.parent.glob(self._numbered("[0-9]" * 6).name))

    def _numbered(self, number: str) -> Path:
        return self._path.with_name(f"{self._path.stem}-{number}{self._path.suffix}")

    @property
    def _counter(self) -> str:
        return f"recording.{self._path.resolve()}"

    def _size_in(self, connection: sa.Connection) -> int:
        """How long the file is by the store; 0 where it is not there, or was cut by somebody."""
        counter = schema.counter
        query = sa.select(counter.c.n).where(counter.c.name == self._counter)
        size = connection.execute(query).scalar() or 0
        is_there = self._path.exists() and self._path.stat().st_size >= size
        return size if is_there else 0

    def _write(self, size: int, lines: Iterable[str]) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600)
        with self._path.open("r+b") as file:
            file.truncate(size)
            file.seek(size)
            file.write("".join(f"{line}\n" for line in lines).encode())
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def _beginning(self, connection: sa.Connection, steps: Sequence[Event]) -> Iterator[str]:
        """The head and the state. In the midst of a run these steps are part of the state."""
        at = steps[0].at
        yield dumps({"xunhe_recording": VERSION, "from": at.isoformat(), "rules": self._rules})
        for table, condition in _state(at):
            for row in connection.execute(sa.select(table).where(condition)):
                yield to_line(Entered(table.name, dict(row._mapping)))
        yield from _entered(connection, at)
        yield to_line(Started(at))


def _entered(connection: sa.Connection, at: datetime) -> Iterator[str]:
    """What people have entered and gauges have told, a line a row."""
    gauge = schema.external_sample
    told = sa.select(gauge).where(
        gauge.c.property == rain.PROPERTY, gauge.c.time > at - rain.REMEMBERED
    )
    for table, query in ((gauge, told), *((table, sa.select(table)) for table in _PEOPLES)):
        for row in connection.execute(query):
            yield to_line(Entered(table.name, dict(row._mapping)))


def _state(at: datetime) -> Iterator[tuple[sa.Table, sa.ColumnElement[bool]]]:
    """All that decisions after an instant can depend on, parents before children."""
    recent, hours = at - timedelta(seconds=WINDOW_S), at - timedelta(seconds=SPAN_S)
    yield schema.observation, schema.observation.c.time >= recent
    yield schema.hourly_median, schema.hourly_median.c.start >= hours
    ended_at = schema.incident.c.ended_at
    may_gain = sa.or_(ended_at.is_(None), ended_at >= at - MEMORY)
    yield schema.incident, may_gain
    of_those = sa.select(schema.incident.c.id).where(may_gain)
    yield schema.alert, schema.alert.c.incident_id.in_(of_those)


def _set_size(connection: sa.Connection, name: str, size: int) -> None:
    counter = schema.counter
    changed = counter.update().where(counter.c.name == name).values(n=size)
    if connection.execute(changed).rowcount == 0:
        connection.execute(counter.insert().values(name=name, n=size))
