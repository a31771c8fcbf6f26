"""Power cuts over the ring log, at any byte of any flash operation, torn ones included.

A buoy's life on a small flash is run once; before each of its flash operations the image and what
must hold then are kept. Each cut takes one of those images, does a part of the operation, mounts,
looks, lives on until the next cut, and looks again.

What must hold: a record whose append returned is there, once, unchanged, until it is acknowledged
or the overflow dropped it; dropped are the oldest, and they are counted exactly.
"""

import random
import struct
from collections import Counter
from dataclasses import dataclass, field

from xunhe_buoy import (
    log_mount,  # noqa: F401 (what is there already is not imported anew for every mount)
    record,
)
from xunhe_buoy.ringlog import RingLog
from xunhe_tools.bench.firmware.nor import Nor, Operation, PowerCut

SECTORS = 3
SECTOR_SIZE = 512  # ten slots: small, so that the log wraps and overflows within a short life
_APPENDS = 150
_RNG = random.Random  # plans, not secrets

Raw = tuple[int | None, ...]
Entry = tuple[record.Record, Raw]


@dataclass(slots=True)
class Promise:
    """What the log must hold. `maybe`: an append or an acknowledgement was begun, not ended."""

    stored: dict[int, Entry] = field(default_factory=dict)
    maybe: dict[int, Entry] = field(default_factory=dict)
    dropped: int = 0

    def copy(self) -> "Promise":
        """A promise of its own."""
        return Promise(dict(self.stored), dict(self.maybe), self.dropped)


@dataclass(frozen=True, slots=True)
class Moment:
    """The flash before an operation, and what must hold if the power goes in it."""

    image: bytes
    operation: Operation
    promise: Promise


@dataclass(slots=True)
class Outcome:
    """How many cuts there were, and what they broke."""

    cuts: int = 0
    mount_failures: int = 0
    broken: Counter[str] = field(default_factory=Counter)  # "lost", "doubled", "altered", …

    @property
    def losses(self) -> int:
        """Cuts after which a promise was broken."""
        return self.broken.total()


class Life:
    """What a buoy does with its log until the power goes."""

    def __init__(self, flash: Nor, promise: Promise) -> None:
        self.flash = flash
        self.promise = promise

    def live(self, appends: int) -> None:
        """Mount, then append and acknowledge, slower than records come: PowerCut ends it."""
        log = RingLog(self.flash)
        boot = log.last_boot + 1
        for i in range(appends):
            self._append(log, boot)
            if i % 3 == 2 and (i // 40) % 2:
                self._acknowledge(log, log.pending(4))
            if i % 11 == 10:  # the live reading goes first, out of order
                newest = log.newest()
                self._acknowledge(log, [newest] if newest is not None else [])
            if i % 29 == 28:
                log = RingLog(self.flash, log.snapshot())  # a deep sleep

    def _append(self, log: RingLog, boot: int) -> None:
        entry = entry_of(log.next_seq, boot)
        seq = entry[0].seq
        self.promise.maybe[seq] = entry
        log.append(*entry)
        self.promise.stored[seq] = self.promise.maybe.pop(seq)

    def _acknowledge(self, log: RingLog, run: list[record.Record]) -> None:
        if not run:
            return
        for entry in run:
            self.promise.maybe[entry.seq] = self.promise.stored.pop(entry.seq)
        log.acknowledge(run[0].boot, run[0].seq, len(run))
        for entry in run:
            del self.promise.maybe[entry.seq]

    def look(self) -> str | None:
        """What of the promise is broken, if anything; the next promise is what is there now."""
        log = RingLog(self.flash)
        found = pending_of(log)
        broken = _broken(self.promise, found, log)
        self.promise = Promise({entry[0].seq: entry for entry in found}, {}, log.dropped)
        return broken


def entry_of(seq: int, boot: int) -> Entry:
    """A record that its sequence number tells, with its raw values."""
    flags = (record.GOOD, record.GOOD, record.SUSPECT, record.GOOD, record.MISSING)
    scaled = (seq % 30000, 7000, 8000, 50, None)
    entry = record.Record(boot, seq, 1_700_000_000 + 60 * seq, scaled, flags)
    return entry, (seq % 30000, -1773, 4500, 55, None)


def pending_of(log: RingLog) -> list[Entry]:
    """Every pending record of a log with its raw values, oldest first, freeing nothing."""
    kept = {entry.seq: raw for entry, raw in log.kept(0, 0xFFFFFFFF)}
    return [(entry, kept[entry.seq]) for entry in log.every_pending()]


def _broken(promise: Promise, found: list[Entry], log: RingLog) -> str | None:
    seqs = [entry.seq for entry, _ in found]
    if len(found) != log.pending_count:
        return "miscounted"
    if len(set(seqs)) != len(seqs):
        return "doubled"
    for entry in found:
        seq = entry[0].seq
        if entry != promise.stored.get(seq, promise.maybe.get(seq)):
            return "altered"
    lost = set(promise.stored) - set(seqs)
    oldest = min((seq for seq in seqs if seq in promise.stored), default=1 << 32)
    if any(seq > oldest for seq in lost):
        return "lost"
    # Lost are those that the overflow counted, give or take what was cut in between.
    counted = log.dropped - promise.dropped
    return None if len(lost) <= counted <= len(lost) + len(promise.maybe) else "dropped"


def moments(seed: int = 0) -> list[Moment]:
    """A life without cuts, kept before each of its flash operations."""
    flash = Nor(b"\xff" * (SECTORS * SECTOR_SIZE), SECTOR_SIZE, _RNG(seed))
    life = Life(flash, Promise())
    kept: list[Moment] = []

    def keep(operation: Operation) -> None:
        kept.append(Moment(bytes(flash.data), operation, life.promise.copy()))

    flash.before = keep
    life.live(_APPENDS)
    return kept


def sweep(cuts: int, seed: int = 0) -> Outcome:
    """At least so many cuts, over every operation of a life; every second cuts the recovery."""
    outcome = Outcome()
    every = moments(seed)
    turn = 0
    while outcome.cuts < cuts:
        _cut(every[turn % len(every)], _RNG(seed << 32 | turn), outcome)
        turn += 1
    return outcome


def _cut(moment: Moment, rng: random.Random, outcome: Outcome) -> None:
    life = Life(Nor(moment.image, SECTOR_SIZE, rng), moment.promise.copy())
    life.flash.tear(moment.operation)
    outcome.cuts += 1
    try:
        _look(life, outcome)
        life.flash.cut_in = 1 + rng.randrange(12)
        try:
            life.live(4)
        except PowerCut:
            outcome.cuts += 1
        life.flash.cut_in = 0
        _look(life, outcome)
    except (ValueError, LookupError, OSError, struct.error):
        outcome.mount_failures += 1


def _look(life: Life, outcome: Outcome) -> None:
    broken = life.look()
    if broken is not None:
        outcome.broken[broken] += 1
