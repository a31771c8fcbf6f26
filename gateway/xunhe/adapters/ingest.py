"""Takes frames in: verify, store, judge, COMMIT, and only then acknowledge.

Readings, observations, alerts, tickets, outbox and events of a batch are one transaction.
A frame that does not prove its sender is kept and never acknowledged; an authentic record of no use
is kept with its reason and acknowledged as refused, so that it never blocks those behind it.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.judge import Judge
from xunhe.adapters.recording import Recorder
from xunhe.adapters.recording_lines import Event, Heard, Listened, Measured, Started
from xunhe.adapters.store import decisions, devices, records
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import emit
from xunhe.adapters.store.records import Rejected
from xunhe.alerts.doubt import doubt_of
from xunhe.alerts.rulebook import RuleBook
from xunhe.domain.clock import Clock
from xunhe.domain.observation import SUSPECT, Sample
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.domain.status import parse_status
from xunhe.water.suspects import Suspect, clock_back
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
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        rules: RuleBook,
        recorder: Recorder | None = None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self._recorder = recorder
        self._judge = Judge(registry, rules)
        self._listened_at = clock.now()
        self._event_at: dict[tuple[Reason, str], datetime] = {}
        self._newest: dict[str, wire.Record] = {}  # of each device
        self._judge.start(self._listened_at)
        with database.write() as connection:
            self._record(connection, [Started(self._listened_at)])

    def take(self, messages: Iterable[Message]) -> Reply:
        """Take a batch in. On an error of the store nothing of it is kept, so send it again."""
        try:
            with self._database.write() as connection:
                batch = _Batch(connection, self._clock.now())
                self._judge.begin(connection)
                self._take_all(batch, messages)
                batch.count()
                self._record(connection, batch.steps)
        except BaseException:
            self._judge.forget()
            self._newest.clear()
            raise
        for station in batch.heard:
            self._judge.heard(station, batch.now)
        return Reply(tuple(batch.acks), batch.latest)

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
            self._judge.listen(connection, now)
            self._record(connection, [Listened(now)])

    def _take_all(self, batch: "_Batch", messages: Iterable[Message]) -> None:
        for message in messages:
            try:
                station, kind = _topic(message.topic)
                if kind == "status":
                    self._keep_status(batch.connection, station, message, batch.now)
                else:
                    batch.acks.append(self._take(batch, station, message))
            except _UnusableError as unusable:
                size, payload = message.size, message.payload
                what = Rejected(unusable.reason, str(unusable), message.topic, payload, size)
                self._reject(batch.connection, what, batch.now)

    def _take(self, batch: "_Batch", station: str, message: Message) -> tuple[str, bytes]:
        head = _parse_head(message)
        device = devices.find(batch.connection, head.device.hex())
        if device is None:
            raise _UnusableError(
                Reason.UNKNOWN_DEVICE, f"device {head.device.hex()} is not enrolled"
            )
        if not wire.is_signed(message.payload, device.key):
            raise _UnusableError(Reason.MAC, f"not signed with the key of device {device.device}")
        batch.hear(device.station)
        frame = _Authentic(message, head, device, station)
        refused = self._store(batch, frame)
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

    def _store(self, batch: "_Batch", frame: "_Authentic") -> tuple[int, ...]:
        """Keep what can be used of a frame; the sequence numbers of what cannot."""
        head, connection = frame.head, batch.connection
        try:
            samples = frame.samples(self._registry)
        except _UnusableError as unusable:
            self._reject(connection, frame.rejected(unusable.reason, str(unusable)), batch.now)
            return tuple(range(head.seq, head.seq + head.count))
        device = frame.device.device
        known = records.stored_slots(connection, device, head.boot, head.seq, head.count)
        refused, duplicates = [], 0
        for reading, sample in samples:
            if known.get(reading.seq) == wire.pack_slot(reading):
                duplicates += 1
                continue
            problem = _problem(reading, sample, reading.seq in known, batch.now)
            if problem is None:
                self._keep(batch, device, reading, sample)
                continue
            refused.append(reading.seq)
            self._reject(connection, frame.rejected(*problem, seq=reading.seq), batch.now)
        batch.counts["readings"] += head.count - len(refused) - duplicates
        batch.counts["duplicate"] += duplicates
        return tuple(refused)

    def _keep(self, batch: "_Batch", device: str, reading: wire.Record, sample: Sample) -> None:
        """Store a record with its values, and judge them."""
        connection, key = batch.connection, (device, reading.boot, reading.seq)
        suspect = self._clock_back(connection, device, reading)
        if suspect is not None:
            sample = _doubtful(sample)
            decisions.set_apart(connection, sample.station, doubt_of(suspect), batch.now)
        records.insert_record(connection, *key, wire.pack_slot(reading), batch.now)
        records.insert_sample(connection, sample, *key)
        self._judge.take(connection, sample, batch.now)
        batch.steps.append(Measured(batch.now, sample, *key))
        batch.show(sample)

    def _clock_back(
        self, connection: sa.Connection, device: str, reading: wire.Record
    ) -> Suspect | None:
        """A record that claims to be earlier than the one that the device wrote before it."""
        before = self._newest.get(device)
        if before is None or before.seq != reading.seq - 1:
            before = records.record_before(connection, device, reading.boot, reading.seq)
        self._newest[device] = reading
        return None if before is None else clock_back(before.time_s, reading.time_s)

    def _record(self, connection: sa.Connection, steps: Sequence[Event]) -> None:
        if self._recorder is not None:
            self._recorder.keep(connection, steps)

    def _reject(self, connection: sa.Connection, what: Rejected, now: datetime) -> None:
        records.reject(connection, what, now)
        key = (what.reason, what.station or "")
        if key not in self._event_at or now - self._event_at[key] >= _EVENT_PAUSE:
            self._event_at[key] = now
            emit(connection, "rejected", {"reason": what.reason, "station": what.station}, now)


@dataclass(slots=True)
class _Batch:
    """What comes of the frames of one transaction."""

    connection: sa.Connection
    now: datetime
    acks: list[tuple[str, bytes]] = field(default_factory=list)
    latest: dict[str, Sample] = field(default_factory=dict)
    steps: list[Event] = field(default_factory=list)
    heard: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    def hear(self, station: str) -> None:
        """An authentic frame of a station is among them."""
        if station not in self.heard:
            self.heard.add(station)
            self.steps.append(Heard(self.now, station))

    def count(self) -> None:
        """Add to the totals that outlive the process."""
        for name, n in self.counts.items():
            if n:
                records.count(self.connection, name, n)

    def show(self, sample: Sample) -> None:
        """A new sample; the latest of each station goes out to others."""
        if sample.station not in self.latest or self.latest[sample.station].time <= sample.time:
            self.latest[sample.station] = sample


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


def _doubtful(sample: Sample) -> Sample:
    """The same with flags that keep its values out of judgement; the record stays as it came."""
    values = {prop: (v, max(flag, SUSPECT)) for prop, (v, flag) in sample.values.items()}
    return Sample(sample.station, sample.time, values)


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
