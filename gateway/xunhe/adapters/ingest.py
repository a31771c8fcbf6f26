"""Takes frames in: verify, store, judge, COMMIT, and only then acknowledge.

Readings, observations, alerts, tickets, outbox and events of a batch are one transaction.
A frame that does not prove its sender is kept and never acknowledged; an authentic record of no use
is kept with its reason and acknowledged as refused, so that it never blocks those behind it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store import devices, records
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook, active_findings, emit
from xunhe.adapters.store.records import Rejected
from xunhe.alerts.rules import evaluate
from xunhe.alerts.silence import find_silence
from xunhe.domain.clock import Clock
from xunhe.domain.incident import Finding, Rule
from xunhe.domain.network import Network
from xunhe.domain.observation import Sample
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.domain.status import parse_status
from xunhe.settings import RuleSettings
from xunhe_buoy import record as wire

TOPICS = ("readings", "status")  # the last level of xunhe/v1/<station>/…
_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before xunhe: a clock that was never set
_AHEAD = timedelta(minutes=10)
_LISTEN_EVERY = timedelta(seconds=30)
_EVENT_PAUSE = timedelta(minutes=1)  # a flood of bad frames is one event a minute and reason


@dataclass(frozen=True, slots=True)
class Message:
    """A payload as it came, with its topic. `size` is the true one; the payload may be cut."""

    topic: str
    payload: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the devices and out to others after the COMMIT of a batch."""

    acks: tuple[tuple[str, bytes], ...]  # (station, frame)
    latest: Mapping[str, Sample]


class _UnusableError(Exception):
    """A frame without proof of its sender, or an authentic one of no use as a whole."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Ingest:
    """The one writer of readings. Not thread-safe: one thread calls it."""

    def __init__(
        self, database: Database, registry: Registry, clock: Clock, settings: RuleSettings
    ) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self._settings = settings
        self._book = IncidentBook(Network(registry), settings.ticket_hours)
        started = clock.now()
        self._listened_at = started
        self._heard_at = dict.fromkeys(registry.stations, started)
        self._event_at: dict[tuple[Reason, str], datetime] = {}

    def take(self, messages: Iterable[Message]) -> Reply:
        """Take a batch in. On an error of the store nothing of it is kept, so send it again."""
        with self._database.write() as connection:
            return self._take_all(connection, messages)

    def set_aside(self, message: Message) -> None:
        """Keep a frame at which the gateway itself fails; it is not acknowledged."""
        now = self._clock.now()
        detail = "the gateway failed at this frame: see its log"
        what = Rejected(Reason.INTERNAL, detail, message.topic, message.payload, message.size)
        with self._database.write() as connection:
            self._reject(connection, what, now)

    def listen(self) -> None:
        """Look for stations that have fallen silent; does nothing when it has just looked."""
        now = self._clock.now()
        if now - self._listened_at < _LISTEN_EVERY:
            return
        self._listened_at = now
        with self._database.write() as connection:
            for station in self._registry.stations.values():
                heard_at = self._heard_at[station.code]
                finding = find_silence(station, heard_at, now, self._settings)
                if finding and Rule.SILENT not in active_findings(connection, station.code, now):
                    self._book.raise_finding(connection, finding, now)

    def _take_all(self, connection: sa.Connection, messages: Iterable[Message]) -> Reply:
        now = self._clock.now()
        acks: list[tuple[str, bytes]] = []
        latest: dict[str, Sample] = {}
        for message in messages:
            try:
                station, kind = _topic(message.topic)
                if kind == "status":
                    self._keep_status(connection, station, message, now)
                else:
                    acks.append(self._take(connection, station, message, latest, now))
            except _UnusableError as unusable:
                size, payload = message.size, message.payload
                self._reject(
                    connection,
                    Rejected(unusable.reason, str(unusable), message.topic, payload, size),
                    now,
                )
        return Reply(tuple(acks), latest)

    def _take(
        self,
        connection: sa.Connection,
        station: str,
        message: Message,
        latest: dict[str, Sample],
        now: datetime,
    ) -> tuple[str, bytes]:
        head = _parse_head(message)
        device = devices.find(connection, head.device.hex())
        if device is None:
            raise _UnusableError(
                Reason.UNKNOWN_DEVICE, f"device {head.device.hex()} is not enrolled"
            )
        if not wire.is_signed(message.payload, device.key):
            raise _UnusableError(Reason.MAC, f"not signed with the key of device {device.device}")
        self._heard_at[device.station] = now
        frame = _Authentic(message, head, device, station)
        refused = self._store(connection, frame, latest, now)
        ack = wire.Ack(head.boot, head.seq, head.count, refused)
        return station, wire.encode_ack(head.device, ack, device.key)

    def _keep_status(
        self, connection: sa.Connection, station: str, message: Message, now: datetime
    ) -> None:
        try:
            data = json.loads(message.payload)
            status = parse_status(data)
        except (ValueError, RecursionError) as error:  # the latter by a thousand brackets
            raise _UnusableError(Reason.STATUS, str(error)) from error
        device = devices.find(connection, status.device)
        if device is None or device.station != station:
            detail = f"device {status.device!r} is not enrolled at {station}"
            raise _UnusableError(Reason.WRONG_STATION, detail)
        is_farewell = set(data) == {"device", "online"}
        devices.keep_status(connection, station, status, now, is_farewell=is_farewell)

    def _store(
        self,
        connection: sa.Connection,
        frame: "_Authentic",
        latest: dict[str, Sample],
        now: datetime,
    ) -> tuple[int, ...]:
        head, device = frame.head, frame.device
        try:
            samples = frame.samples(self._registry)
        except _UnusableError as unusable:
            self._reject(connection, frame.rejected(unusable.reason, str(unusable)), now)
            return tuple(range(head.seq, head.seq + head.count))
        known = records.stored_slots(connection, device.device, head.boot, head.seq, head.count)
        refused, duplicates = [], 0
        for reading, sample in samples:
            slot = wire.pack_slot(reading)
            if known.get(reading.seq) == slot:
                duplicates += 1
                continue
            problem = _problem(reading, sample, reading.seq in known, now)
            if problem is not None:
                refused.append(reading.seq)
                self._reject(connection, frame.rejected(*problem, seq=reading.seq), now)
                continue
            records.insert_record(connection, device.device, reading.boot, reading.seq, slot, now)
            records.insert_sample(connection, sample, device.device, reading.boot, reading.seq)
            self._judge(connection, sample, now)
            if sample.station not in latest or latest[sample.station].time <= sample.time:
                latest[sample.station] = sample
        stored = head.count - len(refused) - duplicates
        for name, n in (("readings", stored), ("duplicate", duplicates)):
            if n:
                records.count(connection, name, n)
        return tuple(refused)

    def _judge(self, connection: sa.Connection, sample: Sample, now: datetime) -> None:
        """Ask the rules about a sample at its own time, however late it came."""
        since = sample.time - timedelta(seconds=self._settings.baseline_from_s)
        samples = records.samples_between(connection, sample.station, since, sample.time)
        reach = self._registry.reaches[self._registry.stations[sample.station].reach]
        active = active_findings(connection, sample.station, sample.time)
        for decision in evaluate(samples, reach.target, active, self._settings):
            if isinstance(decision, Finding):
                self._book.raise_finding(connection, decision, now)
            else:
                self._book.clear(connection, decision, now)

    def _reject(self, connection: sa.Connection, what: Rejected, now: datetime) -> None:
        records.reject(connection, what, now)
        key = (what.reason, what.station or "")
        if key not in self._event_at or now - self._event_at[key] >= _EVENT_PAUSE:
            self._event_at[key] = now
            emit(connection, "rejected", {"reason": what.reason, "station": what.station}, now)


@dataclass(frozen=True, slots=True)
class _Authentic:
    """A frame whose MAC is right."""

    message: Message
    head: wire.Head
    device: devices.Device
    station: str

    def samples(self, registry: Registry) -> list[tuple[wire.Record, Sample]]:
        """The records with their values; _UnusableError where none of them can be read."""
        if self.station != self.device.station or self.station not in registry.stations:
            raise _UnusableError(
                Reason.WRONG_STATION,
                f"device {self.device.device} is enrolled at {self.device.station},"
                f" sent as {self.station}",
            )
        try:
            readings = wire.decode_batch(self.message.payload, self.head)
            return [(reading, _sample(self.station, reading)) for reading in readings]
        except wire.FrameError as error:
            raise _UnusableError(Reason(error.reason), str(error)) from error

    def rejected(self, reason: Reason, detail: str, seq: int | None = None) -> Rejected:
        """This frame, or one record of it, as rejected."""
        return Rejected(
            reason,
            detail,
            self.message.topic,
            self.message.payload,
            self.message.size,
            self.station,
            self.device.device,
            self.head.boot,
            self.head.seq if seq is None else seq,
        )


def _topic(topic: str) -> tuple[str, str]:
    """Station and kind of a topic."""
    levels = topic.split("/")
    if len(levels) != 4 or levels[:2] != ["xunhe", "v1"] or levels[3] not in TOPICS:
        detail = f"topic {topic[:100]!r} is not xunhe/v1/<station>/{' or '.join(TOPICS)}"
        raise _UnusableError(Reason.TOPIC, detail)
    return levels[2], levels[3]


def _parse_head(message: Message) -> wire.Head:
    if message.size > wire.MAX_FRAME:
        detail = f"payload of {message.size} bytes, at most {wire.MAX_FRAME}"
        raise _UnusableError(Reason.LENGTH, detail)
    try:
        return wire.parse_head(message.payload)
    except wire.FrameError as error:
        raise _UnusableError(Reason(error.reason), str(error)) from error


def _sample(station: str, reading: wire.Record) -> Sample:
    return Sample(station, datetime.fromtimestamp(reading.time_s, UTC), wire.unscale(reading))


def _problem(
    reading: wire.Record, sample: Sample, is_known: bool, now: datetime
) -> tuple[Reason, str] | None:
    if is_known:
        detail = f"boot {reading.boot} seq {reading.seq} is stored with other content"
        return Reason.CONFLICT, detail
    if reading.time_quality == wire.TIME_UNSET:
        return Reason.TIME_UNSET, "the device's clock was never set"
    if sample.time > now + _AHEAD:
        return Reason.TIME_FUTURE, f"{sample.time.isoformat()} is ahead of {now.isoformat()}"
    if sample.time < _EARLIEST:
        return Reason.TIME_PAST, f"{sample.time.isoformat()} is before {_EARLIEST.isoformat()}"
    return None
