"""Takes frames in: verify, store, judge, COMMIT, and only then acknowledge.

Readings, observations, alerts, tickets, outbox and events of a batch are one transaction; so are
reports, and the commands that go to a buoy which was just heard. When more comes in than can be
judged at once, the rest is judged in later transactions: see backlog.py.
A frame that does not prove its sender is kept and never acknowledged; an authentic record of no use
is kept with its reason and acknowledged as refused, so that it never blocks those behind it.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.backlog import Backlog
from xunhe.adapters.batch import Batch
from xunhe.adapters.frames import (
    Authentic,
    Message,
    check_place,
    check_serving,
    claimed_sender,
    is_signed,
    parse_head,
    problem_of,
)
from xunhe.adapters.identities import IdentityGuard
from xunhe.adapters.judge import Judge
from xunhe.adapters.recording import Recorder
from xunhe.adapters.recording_lines import Event, Listened, Measured, Started
from xunhe.adapters.releases import Releases
from xunhe.adapters.reports import Down, ReportDesk, due_command, receipt
from xunhe.adapters.store import (
    commands,
    decisions,
    devices,
    enrolments,
    records,
    taken,
    upward,
)
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.adapters.store.records import Rejected
from xunhe.adapters.store.taken import Taken
from xunhe.adapters.unusable import UnusableError
from xunhe.alerts.doubt import doubt_of
from xunhe.alerts.identity import Sign
from xunhe.alerts.rulebook import RuleBook
from xunhe.desk.rules import DeskRules
from xunhe.domain.clock import Clock
from xunhe.domain.network import Network
from xunhe.domain.observation import SUSPECT, Sample
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.domain.status import parse_status
from xunhe.water.suspects import Suspect, clock_back
from xunhe_buoy import message as buoy_message
from xunhe_buoy import record as wire

log = logging.getLogger(__name__)

TOPICS = ("readings", "status", "report")  # the last level of xunhe/v1/<station>/…
_LISTEN_EVERY = timedelta(seconds=30)
_JUMP = timedelta(hours=3)  # between two looks: the clock was set (a wrong time zone is 8 h)
_CALM_IN_A_HURRY = 1  # readings of calm water judged in a transaction while frames wait
_EVENT_PAUSE = timedelta(minutes=1)  # a flood of bad frames is one event a minute and reason


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the devices and out to others after the COMMIT of a batch."""

    acks: tuple[tuple[str, bytes], ...]  # (station, frame)
    latest: Mapping[str, Sample]
    down: tuple[Down, ...] = ()  # receipts, commands, pieces of updates: after the acks


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked of the intake.

    `sends_on`: somebody outside wants the samples. `judged_at_once`: the most readings that a
    transaction judges; None: all.
    """

    sends_on: bool = False
    judged_at_once: int | None = None


_ALL_AT_ONCE = Terms()


class Ingest:
    """The one writer of readings. Not thread-safe: one thread calls it."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        clock: Clock,
        rules: RuleBook,
        recorder: Recorder | None = None,
        releases: Releases | None = None,
        desk: DeskRules | None = None,
        terms: Terms = _ALL_AT_ONCE,
    ) -> None:
        self._database = database
        self._registry = registry
        self._clock = clock
        self._recorder = recorder
        self._terms = terms
        desk = desk or DeskRules()
        self._passes_on = desk.is_elsewhere
        book = IncidentBook(Network(registry), rules, desk)
        self._judge = Judge(registry, rules, book)
        self._limits = rules.limits_by_property
        self._reports = ReportDesk(registry, book, releases)
        self._identities = IdentityGuard(registry, book)
        self._listened_at = clock.now()
        self._is_deaf = False  # the last transaction failed
        self._event_at: dict[tuple[Reason, str], datetime] = {}
        self._newest: dict[str, wire.Record] = {}  # of each device
        self._greatest: dict[tuple[str, int], int] = {}  # stored number of each device's boot
        self._backlog: Backlog | None = None  # None: it must be read from the store
        with database.write() as connection:
            self._record(connection, [self._begin_to_listen(self._listened_at)])

    @property
    def is_behind(self) -> bool:
        """Do readings wait for their judgement?"""
        return self._backlog is None or len(self._backlog) > 0

    def take(self, messages: Iterable[Message], *, more_wait: bool = False) -> Reply:
        """Take a batch in. On an error of the store nothing of it is kept, so send it again.

        `more_wait`: so do further messages; hardly more is judged then than what goes first.
        """
        with self._batch() as batch:
            self._take_all(batch, list(messages))
            self._judge_next(batch, self._write(batch), hurried=more_wait)
        return Reply(tuple(batch.acks), batch.latest, tuple(batch.down))

    def catch_up(self) -> None:
        """Judge some of the readings that wait for it."""
        if self.is_behind:
            with self._batch() as batch:
                self._judge_next(batch, ())

    @contextmanager
    def _batch(self) -> Iterator[Batch]:
        """One transaction and what belongs to it; what is in memory stands or falls with it."""
        with ExitStack() as undo:
            undo.callback(self._forget)
            with self._database.write() as connection:
                batch = Batch(connection, self._clock.now())
                if self._is_deaf:  # it knows of nobody who was silent meanwhile
                    batch.steps.append(self._begin_to_listen(batch.now))
                self._judge.begin(connection)
                yield batch
                batch.count()
                self._record(connection, batch.steps)
            undo.pop_all()
        self._is_deaf = False
        for device in batch.heard.values():
            self._judge.heard(device.station, batch.now)

    def set_aside(self, message: Message) -> None:
        """Keep a frame at which the gateway itself fails; it is not acknowledged."""
        now = self._clock.now()
        detail = "the gateway failed at this frame: see its log"
        what = message.rejected(Reason.INTERNAL, detail)
        with self._database.write() as connection:
            self._reject(connection, what, now)

    def listen(self) -> None:
        """Look for stations that have fallen silent; does nothing when it has just looked."""
        now = self._clock.now()
        since = now - self._listened_at
        if not timedelta(0) <= since <= _JUMP:
            self._begin_again(now)
        elif since < _LISTEN_EVERY:
            return
        self._listened_at = now
        with self._database.write() as connection:
            self._judge.listen(connection, now)
            self._record(connection, [Listened(now)])

    def _begin_again(self, now: datetime) -> None:
        """The clock was set: what was noted by the other time means nothing by this one."""
        log.warning("the clock was %s and is %s: listening anew", self._listened_at, now)
        self._event_at.clear()
        with self._database.write() as connection:
            self._record(connection, [self._begin_to_listen(now)])

    def _begin_to_listen(self, now: datetime) -> Started:
        """Nobody has been silent before."""
        self._judge.start(now)
        return Started(now)

    def _forget(self) -> None:
        """A transaction has failed: what is in memory may not be in the store."""
        self._is_deaf = True
        self._judge.forget()
        self._identities.forget()
        self._newest.clear()
        self._greatest.clear()
        self._backlog = None

    def _take_all(self, batch: Batch, messages: Sequence[Message]) -> None:
        batch.expect(map(claimed_sender, messages))
        for message in messages:
            try:
                self._take(batch, message)
            except UnusableError as unusable:
                what = message.rejected(unusable.reason, str(unusable))
                self._reject(batch.connection, what, batch.now)
        waiting = commands.devices_waiting(batch.connection)
        for device in batch.heard.values():
            if device.device in waiting:
                batch.down += due_command(batch.connection, device, batch.now)

    def _write(self, batch: Batch) -> tuple[Taken, ...]:
        """Write the readings of a batch, all at once."""
        readings = tuple(batch.taken.values())
        taken.insert(batch.connection, readings, batch.now)
        if self._terms.sends_on:
            taken.insert_arrivals(batch.connection, readings)
        return readings

    def _judge_next(self, batch: Batch, new: Sequence[Taken], *, hurried: bool = False) -> None:
        """Judge what has its turn."""
        if self._backlog is None:
            self._backlog = Backlog(batch.connection, self._limits)
        most = self._terms.judged_at_once
        calm = _CALM_IN_A_HURRY if hurried and most is not None else most
        for reading in self._backlog.next(batch.connection, new, most, calm):
            self._judge.take(batch.connection, reading.sample, batch.now)
            batch.steps.append(Measured(batch.now, reading.sample, *reading.key))

    def _take(self, batch: Batch, message: Message) -> None:
        station, kind = _topic(message.topic)
        if kind == "status":
            self._keep_status(batch.connection, station, message, batch.now)
        elif kind == "report":
            batch.down += self._take_report(batch, station, message)
        else:
            batch.acks.append(self._take_readings(batch, station, message))
        if self._passes_on:
            upward.add_frame(batch.connection, message.topic, message.payload, batch.now)

    def _take_report(self, batch: Batch, station: str, message: Message) -> list[Down]:
        try:
            sender = buoy_message.sender_of_report(message.payload)
            device = _enrolled(batch, sender)
            report = buoy_message.decode_report(message.payload, device.key)
        except wire.FrameError as error:
            raise UnusableError(Reason(error.reason), str(error)) from error
        self._hear(batch, device)
        try:
            check_place(device, station)
            check_serving(device)
            down, steps = self._reports.take(batch.connection, device, report, batch.now)
        except UnusableError as unusable:
            what = replace(
                message.rejected(unusable.reason, str(unusable)),
                station=station,
                device=device.device,
                boot=report.boot,
                seq=report.number,
            )
            self._reject(batch.connection, what, batch.now)
            return [receipt(device, report)]
        batch.steps += steps
        return down

    def _take_readings(self, batch: Batch, station: str, message: Message) -> tuple[str, bytes]:
        head = parse_head(message)
        device = _enrolled(batch, head.device)
        if not is_signed(message.payload, device.key):
            raise self._unsigned(batch, device, message)
        self._hear(batch, device)
        refused = self._store(batch, Authentic(message, head, device, station))
        ack = wire.Ack(head.boot, head.seq, head.count, refused, int(batch.now.timestamp()))
        return station, wire.encode_ack(head.device, ack, device.key)

    def _hear(self, batch: Batch, device: devices.Device) -> None:
        batch.hear(device)
        batch.steps += self._identities.heard(batch.connection, device, batch.now)

    def _unsigned(self, batch: Batch, device: devices.Device, message: Message) -> UnusableError:
        """Why readings without proof cannot be used; a key of former days is proof of a copy."""

        def fits(key: bytes) -> bool:
            return is_signed(message.payload, key)

        revoked_at = enrolments.signer(batch.connection, device.device, fits)
        if revoked_at is None:
            detail = f"not signed with the key of device {device.device}"
            return UnusableError(Reason.MAC, detail)
        batch.steps += self._identities.tell(batch.connection, device, Sign.REVOKED, batch.now)
        detail = f"signed with a key of device {device.device} revoked {revoked_at.isoformat()}"
        return UnusableError(Reason.REVOKED, detail)

    def _keep_status(
        self, connection: sa.Connection, station: str, message: Message, now: datetime
    ) -> None:
        try:
            data = json.loads(message.payload)
            status = parse_status(data)
        except (ValueError, RecursionError) as error:  # the latter by a thousand brackets
            raise UnusableError(Reason.STATUS, str(error)) from error
        device = devices.find(connection, status.device)
        if device is None or device.station != station or device.left_at is not None:
            detail = f"device {status.device!r} does not serve at {station}"
            raise UnusableError(Reason.WRONG_STATION, detail)
        is_farewell = set(data) == {"device", "online"}
        devices.keep_status(connection, station, status, now, is_farewell=is_farewell)

    def _store(self, batch: Batch, frame: Authentic) -> tuple[int, ...]:
        """Keep what can be used of a frame; the sequence numbers of what cannot."""
        head, connection = frame.head, batch.connection
        try:
            samples = frame.samples(self._registry)
        except UnusableError as unusable:
            self._reject(connection, frame.rejected(unusable.reason, str(unusable)), batch.now)
            return tuple(range(head.seq, head.seq + head.count))
        device = frame.device.device
        known = self._known_slots(batch, device, head)
        refused, duplicates = [], 0
        for reading, sample in samples:
            slot = wire.pack_slot(reading)
            if known.get(reading.seq) == slot:
                duplicates += 1
                continue
            left_at = frame.device.left_at
            problem = problem_of(reading, sample, reading.seq in known, batch.now, left_at)
            if problem is None:
                self._keep(batch, frame.device, reading, sample, slot)
                continue
            refused.append(reading.seq)
            if problem[0] is Reason.CONFLICT:
                steps = self._identities.tell(connection, frame.device, Sign.CONFLICT, batch.now)
                batch.steps += steps
            self._reject(connection, frame.rejected(*problem, seq=reading.seq), batch.now)
        batch.counts["readings"] += head.count - len(refused) - duplicates
        batch.counts["duplicate"] += duplicates
        return tuple(refused)

    def _known_slots(self, batch: Batch, device: str, head: wire.Head) -> dict[int, bytes]:
        """Slots of these records that are there already; beyond the greatest number nothing is."""
        boot = (device, head.boot)
        if boot not in self._greatest:
            self._greatest[boot] = records.newest_seq(batch.connection, *boot)
        greatest = self._greatest[boot]
        last = head.seq + head.count - 1
        self._greatest[boot] = max(greatest, last)
        if head.seq > greatest:
            return {}
        known = records.stored_slots(batch.connection, *boot, head.seq, head.count)
        for seq in range(head.seq, last + 1):
            if (same := batch.taken.get((*boot, seq))) is not None:
                known[seq] = same.slot
        return known

    def _keep(
        self,
        batch: Batch,
        sender: devices.Device,
        reading: wire.Record,
        sample: Sample,
        slot: bytes,
    ) -> None:
        """A record with its values is to be stored with the rest of the batch, then judged."""
        connection, device = batch.connection, sender.device
        batch.steps += self._identities.see(connection, sender, reading, batch.now)
        suspect = self._clock_back(batch, device, reading)
        if suspect is not None:
            sample = _doubtful(sample)
            decisions.set_apart(connection, sample.station, doubt_of(suspect), batch.now)
        kept = Taken(sample, device, reading.boot, reading.seq, slot)
        batch.taken[kept.key] = kept
        batch.show(sample)

    def _clock_back(self, batch: Batch, device: str, reading: wire.Record) -> Suspect | None:
        """A record that claims to be earlier than the one that the device wrote before it."""
        before = self._newest.get(device)
        if before is None or before.seq != reading.seq - 1:
            before = self._record_before(batch, device, reading)
        self._newest[device] = reading
        return None if before is None else clock_back(before.time_s, reading.time_s)

    def _record_before(self, batch: Batch, device: str, reading: wire.Record) -> wire.Record | None:
        same_boot = batch.taken.get((device, reading.boot, reading.seq - 1))
        if same_boot is not None:
            return wire.unpack_slot(same_boot.slot)
        return records.record_before(batch.connection, device, reading.boot, reading.seq)

    def _record(self, connection: sa.Connection, steps: Sequence[Event]) -> None:
        if self._recorder is not None:
            self._recorder.keep(connection, steps)

    def _reject(self, connection: sa.Connection, what: Rejected, now: datetime) -> None:
        records.reject(connection, what, now)
        key = (what.reason, what.station or "")
        if key not in self._event_at or now - self._event_at[key] >= _EVENT_PAUSE:
            self._event_at[key] = now
            emit(connection, "rejected", {"reason": what.reason, "station": what.station}, now)


def _enrolled(batch: Batch, address: bytes) -> devices.Device:
    """The device with this address; UnusableError where it is not enrolled."""
    device = batch.sender(address)
    if device is None:
        raise UnusableError(Reason.UNKNOWN_DEVICE, f"device {address.hex()} is not enrolled")
    return device


def _topic(topic: str) -> tuple[str, str]:
    """Station and kind of a topic."""
    levels = topic.split("/")
    if len(levels) != 4 or levels[:2] != ["xunhe", "v1"] or levels[3] not in TOPICS:
        detail = f"topic {topic[:100]!r} is not xunhe/v1/<station>/{' or '.join(TOPICS)}"
        raise UnusableError(Reason.TOPIC, detail)
    return levels[2], levels[3]


def _doubtful(sample: Sample) -> Sample:
    """The same with flags that keep its values out of judgement; the record stays as it came."""
    values = {prop: (v, max(flag, SUSPECT)) for prop, (v, flag) in sample.values.items()}
    return Sample(sample.station, sample.time, values)
