"""Frames as they come in: what they say, whether it can be used, and how they are set aside."""

import hmac
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from xunhe.adapters.store import devices
from xunhe.adapters.store.records import Rejected
from xunhe.adapters.unusable import UnusableError
from xunhe.domain.observation import Sample
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe_buoy import record as wire

_EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # before xunhe: a clock that was never set
_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Message:
    """A payload as it came, with its topic. `size` is the true one; the payload may be cut."""

    topic: str
    payload: bytes
    size: int

    def rejected(self, reason: Reason, detail: str) -> Rejected:
        """This message as rejected, by whomever it was sent."""
        return Rejected(reason, detail, self.topic, self.payload, self.size)


@dataclass(frozen=True, slots=True)
class Authentic:
    """A frame whose MAC is right."""

    message: Message
    head: wire.Head
    device: devices.Device
    station: str

    def samples(self, registry: Registry) -> list[tuple[wire.Record, Sample]]:
        """The records with their values; UnusableError where none of them can be read."""
        check_place(self.device, self.station)
        if self.station not in registry.stations:
            raise UnusableError(Reason.WRONG_STATION, f"{self.station} is not registered")
        try:
            readings = wire.decode_batch(self.message.payload, self.head)
            return [(reading, _sample(self.station, reading)) for reading in readings]
        except wire.FrameError as error:
            raise UnusableError(Reason(error.reason), str(error)) from error

    def rejected(self, reason: Reason, detail: str, seq: int | None = None) -> Rejected:
        """This frame, or one record of it, as rejected."""
        return replace(
            self.message.rejected(reason, detail),
            station=self.station,
            device=self.device.device,
            boot=self.head.boot,
            seq=self.head.seq if seq is None else seq,
        )


def claimed_sender(message: Message) -> bytes:
    """Whom a frame of readings claims to be from: for looking up only, nothing is checked."""
    return message.payload[2:8]


def is_signed(frame: bytes, key: bytes) -> bool:
    """As the firmware's `record.is_signed`, with the HMAC of Python's own library."""
    mac = hmac.digest(key, frame[: -wire.MAC_SIZE], "sha256")[: wire.MAC_SIZE]
    return hmac.compare_digest(mac, frame[-wire.MAC_SIZE :])


def check_place(device: devices.Device, station: str) -> None:
    """UnusableError where a device speaks for another station than its own."""
    if station != device.station:
        detail = f"device {device.device} is enrolled at {device.station}, sent as {station}"
        raise UnusableError(Reason.WRONG_STATION, detail)


def check_serving(device: devices.Device) -> None:
    """UnusableError where another device has taken this one's station over."""
    if device.left_at is not None:
        detail = f"device {device.device} left {device.station} at {device.left_at.isoformat()}"
        raise UnusableError(Reason.WRONG_STATION, detail)


def parse_head(message: Message) -> wire.Head:
    """The head of a batch of readings; UnusableError where there is none."""
    if message.size > wire.MAX_FRAME:
        detail = f"payload of {message.size} bytes, at most {wire.MAX_FRAME}"
        raise UnusableError(Reason.LENGTH, detail)
    try:
        return wire.parse_head(message.payload)
    except wire.FrameError as error:
        raise UnusableError(Reason(error.reason), str(error)) from error


def _sample(station: str, reading: wire.Record) -> Sample:
    return Sample(station, datetime.fromtimestamp(reading.time_s, UTC), wire.unscale(reading))


def problem_of(
    reading: wire.Record,
    sample: Sample,
    is_known: bool,
    now: datetime,
    left_at: datetime | None = None,
) -> tuple[Reason, str] | None:
    """Why a record of an authentic batch is of no use, or None.

    `left_at`: since when another device has had the sender's station.
    """
    if is_known:
        detail = f"boot {reading.boot} seq {reading.seq} is stored with other content"
        return Reason.CONFLICT, detail
    if reading.time_quality == wire.TIME_UNSET:
        return Reason.TIME_UNSET, "the device's clock was never set"
    if sample.time > now + _AHEAD:
        return Reason.TIME_FUTURE, f"{sample.time.isoformat()} is ahead of {now.isoformat()}"
    if sample.time < _EARLIEST:
        return Reason.TIME_PAST, f"{sample.time.isoformat()} is before {_EARLIEST.isoformat()}"
    if left_at is not None and sample.time >= left_at:
        detail = f"another device took {sample.station} over at {left_at.isoformat()}"
        return Reason.WRONG_STATION, detail
    return None
