"""Frames of buoys at the province's desk, as they came to the gateways: verified and kept.

The gateway has judged and acknowledged them. What the desk cannot use it keeps with its reason, as
the gateway does.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.frames import Authentic, Message, parse_head, problem_of
from xunhe.adapters.store import devices, records, reports
from xunhe.adapters.store.devices import Device
from xunhe.adapters.store.keeping import Brought, keep_all
from xunhe.adapters.store.records import Rejected
from xunhe.adapters.unusable import UnusableError
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.domain.status import parse_status
from xunhe_buoy import message as buoy_message
from xunhe_buoy import record as wire

_SENDER = slice(1, 7)  # of a report; of readings it follows the profile's byte
_ADDRESS = {"readings": slice(2, 8), "report": _SENDER}


@dataclass(slots=True)
class _Sorted:
    """What becomes of one batch of frames."""

    taken: list[Brought] = field(default_factory=list)
    frames: dict[tuple[str, int, int], Authentic] = field(default_factory=dict)
    refused: list[Rejected] = field(default_factory=list)


class FrameDesk:
    """Keeps frames in the caller's transaction."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def keep(self, connection: sa.Connection, messages: Sequence[Message], now: datetime) -> None:
        """Keep a batch: readings together, the rest one by one."""
        known = _devices(connection, messages)
        found = _Sorted()
        for message in messages:
            try:
                self._take(connection, message, known, found, now)
            except UnusableError as unusable:
                found.refused.append(message.rejected(unusable.reason, str(unusable)))
        kept = keep_all(connection, found.taken, now)
        found.refused += [_conflict(each, found) for each in kept.conflicting]
        for what in found.refused:
            records.reject(connection, what, now)
        for name, rows in (("readings", kept.new), ("duplicate", kept.duplicates)):
            if rows:
                records.count(connection, name, len(rows))

    def _take(
        self,
        connection: sa.Connection,
        message: Message,
        known: Mapping[str, Device],
        found: _Sorted,
        now: datetime,
    ) -> None:
        station, _, kind = message.topic.removeprefix("xunhe/v1/").partition("/")
        if kind == "readings":
            self._sort(self._authentic(message, station, known), found, now)
        elif kind == "report":
            _keep_report(connection, message, known, now)
        elif kind == "status":
            _keep_status(connection, station, message, now)
        else:
            raise UnusableError(Reason.TOPIC, f"{message.topic[:100]!r} is no frame's")

    def _authentic(self, message: Message, station: str, known: Mapping[str, Device]) -> Authentic:
        head = parse_head(message)
        device = _device(known, head.device)
        if not wire.is_signed(message.payload, device.key):
            detail = f"not signed with the key of device {device.device}"
            raise UnusableError(Reason.MAC, detail)
        return Authentic(message, head, device, station)

    def _sort(self, frame: Authentic, found: _Sorted, now: datetime) -> None:
        """The records of a frame that can be used, and why the others cannot."""
        try:
            samples = frame.samples(self._registry)
        except UnusableError as unusable:
            found.refused.append(frame.rejected(unusable.reason, str(unusable)))
            return
        device = frame.device
        for reading, sample in samples:
            problem = problem_of(reading, sample, False, now, device.left_at)
            if problem is not None:
                found.refused.append(frame.rejected(*problem, seq=reading.seq))
                continue
            found.taken.append(Brought(device.device, reading, sample))
            found.frames[device.device, reading.boot, reading.seq] = frame


def _conflict(conflict: Brought, found: _Sorted) -> Rejected:
    boot, seq = conflict.reading.boot, conflict.reading.seq
    detail = f"boot {boot} seq {seq} is stored with other content"
    return found.frames[conflict.device, boot, seq].rejected(Reason.CONFLICT, detail, seq=seq)


def _devices(connection: sa.Connection, messages: Iterable[Message]) -> dict[str, Device]:
    """Those that these frames name, by address: one query for all."""
    named = set()
    for message in messages:
        where = _ADDRESS.get(message.topic.rpartition("/")[2])
        if where is not None:
            named.add(message.payload[where].hex())
    return devices.find_all(connection, named)


def _device(known: Mapping[str, Device], address: bytes) -> Device:
    found = known.get(address.hex())
    if found is None:
        raise UnusableError(Reason.UNKNOWN_DEVICE, f"device {address.hex()} is not enrolled here")
    return found


def _keep_report(
    connection: sa.Connection, message: Message, known: Mapping[str, Device], now: datetime
) -> None:
    try:
        device = _device(known, buoy_message.sender_of_report(message.payload))
        frame = buoy_message.decode_report(message.payload, device.key)
        content = buoy_message.from_body(frame.body)
    except wire.FrameError as error:
        raise UnusableError(Reason(error.reason), str(error)) from error
    if content.get("type") == "want":
        return  # it asked its gateway for a piece of an update
    report = reports.Report(
        device.device, frame.boot, frame.number, device.station, now, {"type": "", **content}
    )
    reports.insert_report(connection, report)


def _keep_status(connection: sa.Connection, station: str, message: Message, now: datetime) -> None:
    try:
        data = json.loads(message.payload)
        status = parse_status(data)
    except (ValueError, RecursionError) as error:
        raise UnusableError(Reason.STATUS, str(error)) from error
    device = devices.find(connection, status.device)
    if device is None or device.station != station or device.left_at is not None:
        detail = f"device {status.device!r} does not serve at {station}"
        raise UnusableError(Reason.WRONG_STATION, detail)
    is_farewell = set(data) == {"device", "online"}
    devices.keep_status(connection, station, status, now, is_farewell=is_farewell)
