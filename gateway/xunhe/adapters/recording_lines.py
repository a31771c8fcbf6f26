"""The steps of a recording, and each as one line of JSON and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import schema
from xunhe.domain.incident import Cleared, Finding, Kind, Severity, Spot
from xunhe.domain.observation import Sample


class RecordingError(ValueError):
    """What is wrong with a recording, with the line's number."""


@dataclass(frozen=True, slots=True)
class Started:
    """The gateway began to listen."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """An authentic frame of a station came."""

    at: datetime
    station: str


@dataclass(frozen=True, slots=True)
class Listened:
    """The gateway looked for stations that have fallen silent."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A sample was stored and judged."""

    at: datetime
    sample: Sample
    device: str
    boot: int
    seq: int


@dataclass(frozen=True, slots=True)
class Renewed:
    """A camera's finding came, changed or came back."""

    at: datetime
    finding: Finding


@dataclass(frozen=True, slots=True)
class Ended:
    """What a camera had found is over."""

    at: datetime
    cleared: Cleared


@dataclass(frozen=True, slots=True)
class Entered:
    """A row of a table as it stands now."""

    table: str
    row: Mapping[str, Any]


Event = Started | Heard | Listened | Measured | Renewed | Ended
Step = Event | Entered
_STEPS: dict[str, type[Step]] = {
    kind.__name__.lower(): kind
    for kind in (Started, Heard, Listened, Measured, Renewed, Ended, Entered)
}


def to_line(step: Step) -> str:
    """One step as JSON, keys in a fixed order, instants in ISO 8601."""
    return dumps({"step": type(step).__name__.lower(), **asdict(step)})


def from_line(line: str) -> Step:
    """The step of a line. Raises ValueError, KeyError or TypeError for any other line."""
    data = json.loads(line)
    if not isinstance(data, dict):
        raise TypeError(f"a step is an object, not {type(data).__name__}")
    kind = _STEPS[data.pop("step")]
    data = _instants(data, "at")
    if kind is Measured:
        data["sample"] = _sample(data["sample"])
    elif kind is Renewed:
        data["finding"] = _finding(data["finding"])
    elif kind is Ended:
        data["cleared"] = Cleared(**_instants(data["cleared"], "at"))
    elif kind is Entered:
        data["row"] = _row(schema.metadata.tables[data["table"]], data["row"])
    return kind(**data)


def dumps(data: Any) -> str:
    """JSON in one line, the same for the same data."""
    return json.dumps(data, ensure_ascii=False, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot stand in a recording")


def _sample(data: dict[str, Any]) -> Sample:
    values = {prop: (value, flag) for prop, (value, flag) in data["values"].items()}
    return Sample(data["station"], datetime.fromisoformat(data["time"]), values)


def _finding(data: dict[str, Any]) -> Finding:
    data = _instants(data, "at")
    data["severity"] = Severity(data["severity"])
    data["incident"] = data["incident"] and Kind(data["incident"])
    if spot := data.get("spot"):
        data["spot"] = Spot(tuple(spot["lon_lat"]), spot["reach"])
    return Finding(**data)


def _row(table: sa.Table, row: dict[str, Any]) -> dict[str, Any]:
    instants = [c.name for c in table.c if isinstance(c.type, schema.Instant)]
    return _instants(row, *instants)


def _instants(data: dict[str, Any], *names: str) -> dict[str, Any]:
    found = {name: data[name] for name in names if data.get(name) is not None}
    return {**data, **{name: datetime.fromisoformat(text) for name, text in found.items()}}
