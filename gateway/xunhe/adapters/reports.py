"""Reports of buoys: kept, answered; and the commands that are due to a buoy that was heard.

A report gets its receipt after the COMMIT, as readings get their acknowledgement. A "want" is
answered with the piece of the update that it asks for, and not kept.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.recording_lines import Ended, Event, Renewed
from xunhe.adapters.releases import ReleaseError, Releases
from xunhe.adapters.store import commands, records, reports
from xunhe.adapters.store.devices import Device
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.adapters.unusable import UnusableError
from xunhe.alerts.disturbance import judge_event
from xunhe.domain.incident import Cleared, Finding
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe_buoy import message
from xunhe_buoy.record import FrameError


@dataclass(frozen=True, slots=True)
class Down:
    """A frame to a buoy: `level` is the last of its topic (ack, command, update)."""

    station: str
    level: str
    frame: bytes


class ReportDesk:
    """Takes reports whose sender is proved, inside the caller's transaction."""

    def __init__(self, registry: Registry, book: IncidentBook, releases: Releases | None) -> None:
        self._registry = registry
        self._book = book
        self._releases = releases

    def take(
        self, connection: sa.Connection, device: Device, frame: message.Report, now: datetime
    ) -> tuple[list[Down], list[Event]]:
        """Keep a report: what goes back for it, and what it means for the incidents.

        UnusableError where it is of no use; it gets its receipt from the caller then, for it would
        come again for ever.
        """
        content, kind = _content(frame)
        if kind == "want":
            return [_piece(device, content, self._releases)], []
        if kind == "answer":
            _take_answer(connection, device, content, now)
        taken = reports.Report(
            device.device, frame.boot, frame.number, device.station, now, content
        )
        steps: list[Event] = []
        if not reports.insert_report(connection, taken):
            records.count(connection, "duplicate", 1)
        elif kind == "event":
            steps = self._take_event(connection, device.station, content, now)
        return [receipt(device, frame)], steps

    def _take_event(
        self, connection: sa.Connection, station: str, content: dict[str, Any], now: datetime
    ) -> list[Event]:
        emit(connection, "buoy", {"station": station, "event": content.get("event")}, now)
        if station not in self._registry.stations:
            return []
        decision = judge_event(self._registry.stations[station], content, now)
        if isinstance(decision, Finding):
            self._book.renew(connection, decision, now)
            return [Renewed(now, decision)]
        if isinstance(decision, Cleared):
            self._book.clear(connection, decision, now)
            return [Ended(now, decision)]
        return []


def receipt(device: Device, frame: message.Report) -> Down:
    """The word that a report is kept, one way or the other."""
    address = bytes.fromhex(device.device)
    signed = message.encode_receipt(address, frame.boot, frame.number, device.key)
    return Down(device.station, "ack", signed)


def due_command(connection: sa.Connection, device: Device, now: datetime) -> list[Down]:
    """The command that goes to a device that was just heard, if one is due."""
    due = commands.send_due(connection, device.device, now)
    if due is None:
        return []
    counter, content = due
    body = message.to_body(content)
    frame = message.encode_command(bytes.fromhex(device.device), counter, body, device.key)
    return [Down(device.station, "command", frame)]


def _content(frame: message.Report) -> tuple[dict[str, Any], str]:
    try:
        content: dict[str, Any] = message.from_body(frame.body)
    except FrameError as error:
        raise UnusableError(Reason.JSON, str(error)) from error
    kind = content.get("type")
    if not isinstance(kind, str):
        raise UnusableError(Reason.JSON, "the report does not say its type")
    return content, kind


def _take_answer(
    connection: sa.Connection, device: Device, content: dict[str, Any], now: datetime
) -> None:
    counter, reason = content.get("counter"), content.get("reason")
    if type(counter) is not int:
        raise UnusableError(Reason.JSON, f"answer to counter {counter!r:.40}")
    words = None if reason is None else str(reason)[:200]
    is_done = content.get("ok") is True
    commands.answer(connection, device.device, counter, words, now, is_done=is_done)


def _piece(device: Device, want: dict[str, Any], releases: Releases | None) -> Down:
    try:
        if releases is None:
            raise ReleaseError("this gateway hands out no releases")
        piece = releases.answer(want)
    except ReleaseError as error:
        raise UnusableError(Reason.RELEASE, str(error)) from error
    address = bytes.fromhex(device.device)
    frame = message.encode_chunk(address, piece.release, piece.offset, piece.data, device.key)
    return Down(device.station, "update", frame)
