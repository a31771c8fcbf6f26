"""Plays a recording through the judge again: the same alerts, or those of other rules.

The river, the clock and the people are the recording's; only the rules may be others.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from xunhe.adapters.judge import Judge
from xunhe.adapters.recording import VERSION
from xunhe.adapters.recording_lines import (
    Ended,
    Entered,
    Heard,
    Listened,
    Measured,
    RecordingError,
    Renewed,
    Started,
    Step,
    dumps,
    from_line,
)
from xunhe.adapters.store import records, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.adapters.store.upsert import insert
from xunhe.alerts.rulebook import RuleBook, rulebook
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry

_ALERT = (
    "station",
    "place",
    "zone",
    "rule",
    "property",
    "severity",
    "started_at",
    "raised_at",
    "ended_at",
    "value",
    "baseline",
    "state",
    "count",
    "area_m2",
    "joined",
    "reason_zh",
    "reason_en",
)
_INCIDENT = ("reach", "kind", "station", "zone", "started_at")


class Recording(NamedTuple):
    """A recording as read: when it begins, the rules of that time, and what came in."""

    begins_at: datetime
    rules: RuleBook
    steps: tuple[Step, ...]


def read(path: Path) -> Recording:
    """A recording. Raises RecordingError naming the line, or SettingsError for its rules."""
    with path.open(encoding="utf-8") as file:
        try:
            head = json.loads(next(file, ""))
            if head["xunhe_recording"] != VERSION:
                raise RecordingError(f"{path}: version {head['xunhe_recording']}, not {VERSION}")
            begins_at = datetime.fromisoformat(head["from"])
            tables = head["rules"]
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(
                f"{path}: line 1 is not the head of a recording: {error}"
            ) from error
        return Recording(begins_at, rulebook(tables, str(path)), tuple(_steps(path, file)))


def replay(recording: Recording, registry: Registry, rules: RuleBook) -> list[str]:
    """The alerts that the rules raise over a recording, in the order in which they come.

    Raises RecordingError where the registry is not that of the recording.
    """
    if strangers := _strangers(recording, registry):
        names = ", ".join(sorted(strangers))
        raise RecordingError(f"not in this registry: {names}; give the one of that time")
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "replay.sqlite3")
        try:
            database.migrate()
            player = _Player(registry, rules)
            with database.write() as connection:
                for step in recording.steps:
                    player.play(connection, step)
                return list(alerts(connection, recording.begins_at))
        finally:
            database.close()


def alerts(connection: sa.Connection, since: datetime) -> Iterator[str]:
    """Alerts raised from an instant on, each as a line of JSON with its incident's identity."""
    alert, incident = schema.alert, schema.incident
    identity = [incident.c[name].label(f"incident_{name}") for name in _INCIDENT]
    query = sa.select(*(alert.c[name] for name in _ALERT), *identity)
    query = query.join(incident, incident.c.id == alert.c.incident_id)
    for row in connection.execute(query.where(alert.c.raised_at >= since).order_by(alert.c.id)):
        yield dumps(dict(row._mapping))


def _steps(path: Path, lines: Iterable[str]) -> Iterator[Step]:
    for number, line in enumerate(lines, start=2):
        try:
            yield from_line(line)
        except (ValueError, KeyError, TypeError) as error:
            raise RecordingError(f"{path}: line {number}: {error}") from error


class _Player:
    """Does what the gateway did at each step."""

    def __init__(self, registry: Registry, rules: RuleBook) -> None:
        self._book = IncidentBook(Network(registry), rules)
        self._judge = Judge(registry, rules, self._book)

    def play(self, connection: sa.Connection, step: Step) -> None:
        self._judge.begin(connection)
        match step:
            case Started(at):
                self._judge.start(at)
            case Heard(at, station):
                self._judge.heard(station, at)
            case Listened(at):
                self._judge.listen(connection, at)
            case Measured(at, sample, device, boot, seq):
                records.insert_sample(connection, sample, device, boot, seq)
                self._judge.take(connection, sample, at)
            case Renewed(at, finding):
                self._book.renew(connection, finding, at)
            case Ended(at, cleared):
                self._book.clear(connection, cleared, at)
            case Entered(table, row):
                _enter(connection, schema.metadata.tables[table], row)


def _enter(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> None:
    """Write a row, or change the one that has its key."""
    key = [column.name for column in table.primary_key]
    new = insert(table).values(**row)
    connection.execute(new.on_conflict_do_update(index_elements=key, set_=dict(row)))


def _strangers(recording: Recording, registry: Registry) -> set[str]:
    """Stations, cameras and outfalls of a recording that the registry does not know."""
    names = set()
    for step in recording.steps:
        if isinstance(step, Heard):
            names.add(step.station)
        elif isinstance(step, Measured):
            names.add(step.sample.station)
        elif isinstance(step, Renewed):
            names.add(step.finding.where)
    return {name for name in names if not registry.knows(name)}
