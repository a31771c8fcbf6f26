"""The desk takes in what gateways carried: verify, store, join, COMMIT, and only then the receipts.

Readings are rows with keys of their own, so that any number of workers keep them side by side; what
a gateway found goes through the incidents' book, one worker at a time. Whatever comes twice, from
whichever worker's hands, changes nothing the second time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from xunhe.adapters.frames import Message
from xunhe.adapters.province import topics
from xunhe.adapters.province.frames import FrameDesk
from xunhe.adapters.province.parcel import (
    Parcel,
    ParcelError,
    decode_parcel,
    encode_receipt,
    tag_of,
)
from xunhe.adapters.province.steps import StepDesk
from xunhe.adapters.store import gateways, records, upward
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.records import Rejected
from xunhe.domain.clock import Clock
from xunhe.domain.rejection import Reason

_HEAR_EVERY = timedelta(seconds=30)  # workers would wait for each other's rows


@dataclass(frozen=True, slots=True)
class Carried:
    """Bytes that came under a gateway's name; nothing is proved yet."""

    gateway: str
    wire: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """A parcel that its gateway signed."""

    gateway: str
    tag: bytes
    parcel: Parcel


class DeskIntake:
    """What a worker does with a batch. What it remembers only spares it some writing."""

    def __init__(
        self, database: Database, clock: Clock, frames: FrameDesk, steps: StepDesk
    ) -> None:
        self._database, self._clock = database, clock
        self._frames, self._steps = frames, steps
        self._heard: dict[str, datetime] = {}

    def take(self, batch: Sequence[Carried]) -> dict[str, bytes]:
        """Commit a batch; gateway → receipt for its parcels that are committed now.

        On an error of the store take it again: what was committed already counts once.
        """
        now = self._clock.now()
        keys = self._keys(batch)
        opened, refused = _open(batch, keys)
        frames = [each for each in opened if each.parcel.subject not in upward.ORDERED]
        steps = [each for each in opened if each.parcel.subject in upward.ORDERED]
        with self._database.append() as connection:
            self._frames.keep(connection, [_message(each) for each in frames], now)
            for what in refused:
                records.reject(connection, what, now)
        if steps:
            with self._database.write() as connection:
                for each in sorted(steps, key=lambda one: one.parcel.number):
                    self._steps.take(connection, each.gateway, each.tag, each.parcel, now)
        self._hear({each.gateway for each in opened}, now)
        return _receipts(opened, keys)

    def set_aside(self, carried: Carried) -> None:
        """Keep bytes at which the desk itself fails; their gateway gets no receipt."""
        detail = "the desk failed at this parcel: see its log"
        what = _rejected(carried, Reason.INTERNAL, detail)
        with self._database.append() as connection:
            records.reject(connection, what, self._clock.now())

    def _keys(self, batch: Iterable[Carried]) -> dict[str, bytes]:
        with self._database.read() as connection:
            return gateways.keys(connection, {each.gateway for each in batch})

    def _hear(self, codes: Iterable[str], now: datetime) -> None:
        due = [c for c in codes if c not in self._heard or now - self._heard[c] >= _HEAR_EVERY]
        if due:
            with self._database.append() as connection:
                gateways.hear(connection, due, now)
            self._heard.update(dict.fromkeys(due, now))


def _open(
    batch: Iterable[Carried], keys: Mapping[str, bytes]
) -> tuple[list[Opened], list[Rejected]]:
    opened: list[Opened] = []
    refused: list[Rejected] = []
    for each in batch:
        key = keys.get(each.gateway)
        if key is None:
            detail = f"gateway {each.gateway} is not enrolled, or its key is revoked"
            refused.append(_rejected(each, Reason.UNKNOWN_DEVICE, detail))
            continue
        try:
            parcel = decode_parcel(each.gateway, each.wire, key)
        except ParcelError as error:
            refused.append(_rejected(each, Reason.MAC, str(error)))
        else:
            opened.append(Opened(each.gateway, tag_of(each.wire), parcel))
    return opened, refused


def _rejected(carried: Carried, reason: Reason, detail: str) -> Rejected:
    return Rejected(reason, detail, topics.up(carried.gateway), carried.wire, len(carried.wire))


def _message(opened: Opened) -> Message:
    body = opened.parcel.body
    return Message(f"xunhe/v1/{opened.parcel.subject}", body, len(body))


def _receipts(opened: Iterable[Opened], keys: Mapping[str, bytes]) -> dict[str, bytes]:
    tags: dict[str, list[bytes]] = defaultdict(list)
    for each in opened:
        tags[each.gateway].append(each.tag)
    return {code: encode_receipt(code, named, keys[code]) for code, named in tags.items()}
