"""A flight as JSON: what `xunhe patrol report` writes and the gateway takes in.

Names are those of `xunhe.domain.flight` and `xunhe.domain.finding`, instants ISO 8601 with their
zone; `format` and `version` stand at the head.
"""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from xunhe.domain.flight import Flight

FORMAT, VERSION = "xunhe-flight", 1

_FLIGHT = TypeAdapter(Flight)


class FlightJsonError(ValueError):
    """No flight; says what is wrong and where."""


def encode(flight: Flight) -> dict[str, Any]:
    """As JSON takes it."""
    return {"format": FORMAT, "version": VERSION, **_FLIGHT.dump_python(flight, mode="json")}


def document(flight: Flight) -> str:
    """The whole, as text."""
    return json.dumps(encode(flight), ensure_ascii=False)


def decode(text: str | bytes) -> Flight:
    """The flight in a document. FlightJsonError where it is none."""
    try:
        value = json.loads(text)
    except ValueError as error:  # also bytes that are no UTF-8
        raise FlightJsonError(f"no JSON: {error}") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise FlightJsonError(f"`format` must be {FORMAT!r}: this is no report of a flight")
    if value.get("version") != VERSION:
        raise FlightJsonError(f"`version` {value.get('version')!r}: this program reads {VERSION}")
    try:
        return _FLIGHT.validate_python(value)
    except ValidationError as error:
        raise FlightJsonError("; ".join(map(_told, error.errors()))) from error


def _told(problem: Any) -> str:
    where = ".".join(map(str, problem["loc"]))
    return f"{where}: {problem['msg']}"
