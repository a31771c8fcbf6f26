"""The record: one binary form for flash, MQTT and serial. Pure, for CPython and MicroPython.

A *record* is one reading of a profile's channels at one instant. Its key is (device, boot, seq).
Consecutive records of one boot, profile and time quality travel together in a *batch*:

    head    version << 4 | kind            1
            time quality << 6 | profile    1
            device                         6   factory MAC address
            boot                           2   counts power-ups, never deep-sleep wakes
            seq of the first record        4   unbroken across boots
            time of the first record       4   seconds since 1970-01-01 UTC
    body    dt and flags                 1-4   dt 12 bits: seconds since the record before;
                                               QARTOD flags as one base-5 number
            values                        2n   int16, scaled by the profile; -32768 = no value
            ... one body a record
    mac     HMAC-SHA256 of all before it  12   truncated as RFC 2104 section 5 allows

Ten readings of five values take 160 bytes. All integers are big-endian.
An *acknowledgement* goes back: lead, device, boot, first seq, count 1, the gateway's time 4, one
bit a record, MAC. The other messages stand in message.py.
A *slot* is one record as it is stored: the same fields without device, a CRC-32 in place of the
MAC. The ring log keeps raw values with it: flash_entry.py.

Errors
    ValueError           the caller's mistake: a value outside its range
    └── FrameError       the wire's: `reason` is one of the R_* words below
"""

import binascii
import hashlib
import math
import struct

VERSION = 1
KIND_READINGS = 1
KIND_ACK = 2

# QARTOD flags (IOOS QARTOD manuals, "Flagging"): quality stands beside the value.
GOOD, UNKNOWN, SUSPECT, FAIL, MISSING = 1, 2, 3, 4, 9
FLAGS = (GOOD, UNKNOWN, SUSPECT, FAIL, MISSING)

# How far the device trusts its own clock.
TIME_UNSET, TIME_DRIFTING, TIME_SYNCED = 0, 1, 2

MAC_SIZE = 12
MAX_VALUES = 6
MAX_COUNT = 100  # records in a batch
MAX_FRAME = 2048  # bytes; nothing longer is looked at
MAX_GAP_S = 4095  # dt has 12 bits: a longer gap starts a new batch

R_LENGTH = "length"
R_VERSION = "version"
R_KIND = "kind"
R_MAC = "mac"
R_CRC = "crc"
R_PROFILE = "profile"
R_FLAGS = "flags"
R_RANGE = "range"

_HEAD = ">BB6sHII"
_HEAD_SIZE = 18
_ACK_HEAD = ">B6sHIBI"
_ACK_HEAD_SIZE = 18
_SLOT_HEAD = ">BHII"
_SLOT_HEAD_SIZE = 11
_FLAG_BITS = (0, 3, 5, 7, 10, 12, 14)  # that 5^n codes need, for n values
_NO_VALUE = -32768
_MAX_SCALED = 32767
_MAX_U32 = 0xFFFFFFFF


class FrameError(ValueError):
    """A frame that cannot be used; `reason` is counted, the message is for people."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Profile:
    """What a record's values are.

    `number` (0-63) says how many values it has, (number >> 3) + 1, so that a gateway can count
    and acknowledge records of a profile that it does not know yet.
    `channels` are (name with unit, divisor): value = scaled / divisor.
    """

    def __init__(self, number: int, channels: tuple[tuple[str, int], ...]) -> None:
        if len(channels) != value_count(number):
            raise ValueError("profile %d must have %d channels" % (number, value_count(number)))
        self.number = number
        self.channels = channels


def value_count(profile_number: int) -> int:
    """Number of values in a record of this profile (1-6); FrameError beyond."""
    n = (profile_number >> 3) + 1
    if not 1 <= n <= MAX_VALUES:
        raise FrameError(
            R_PROFILE, "profile %d has more than %d values" % (profile_number, MAX_VALUES)
        )
    return n


RIVER = Profile(
    32,
    (
        ("water_temp_c", 100),
        ("ph", 1000),
        ("do_mg_l", 1000),
        ("nh3n_mg_l", 100),  # total ammonia (NH3 + NH4+) as nitrogen, GB 3838-2002
        ("battery_v", 1000),
    ),
)
OUTFALL = Profile(
    24,
    (
        ("water_temp_c", 100),
        ("level_m", 1000),
        ("flow_l_s", 10),
        ("battery_v", 1000),
    ),
)
PROFILES = {RIVER.number: RIVER, OUTFALL.number: OUTFALL}


def profile_for(roles: list[str]) -> Profile:
    """The profile of a station with probes of these roles."""
    return OUTFALL if "outfall" in roles else RIVER


class Record:
    """One reading: scaled integers as stored, None where there is no value, a flag beside each."""

    def __init__(
        self,
        boot: int,
        seq: int,
        time_s: int,
        scaled: tuple[int | None, ...],
        flags: tuple[int, ...],
        profile: int = RIVER.number,
        time_quality: int = TIME_SYNCED,
    ) -> None:
        self.boot = boot
        self.seq = seq
        self.time_s = time_s
        self.scaled = scaled
        self.flags = flags
        self.profile = profile
        self.time_quality = time_quality

    def _fields(self) -> tuple[object, ...]:
        return (
            self.boot,
            self.seq,
            self.time_s,
            self.scaled,
            self.flags,
            self.profile,
            self.time_quality,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self._fields())

    def __repr__(self) -> str:
        return "Record%r" % (self._fields(),)


class Head:
    """The head of a batch, before its MAC has been checked: trust nothing in it but the device."""

    def __init__(
        self,
        device: bytes,
        boot: int,
        seq: int,
        time_s: int,
        profile: int,
        time_quality: int,
        count: int,
    ) -> None:
        self.device = device
        self.boot = boot
        self.seq = seq
        self.time_s = time_s
        self.profile = profile
        self.time_quality = time_quality
        self.count = count


class Ack:
    """The gateway's word on records seq .. seq + count - 1 of one boot, sent after its COMMIT.

    `refused` holds the sequence numbers that are stored with a reason but of no use as readings.
    `time_s` is the gateway's clock as it signed, Unix seconds; 0 where it does not say.
    """

    def __init__(
        self, boot: int, seq: int, count: int, refused: tuple[int, ...] = (), time_s: int = 0
    ) -> None:
        self.boot = boot
        self.seq = seq
        self.count = count
        self.refused = refused
        self.time_s = time_s


def scale(value: float | None, divisor: int) -> int | None:
    """The scaled integer of a value; None for None, NaN and what int16 cannot hold."""
    if value is None or math.isnan(value):
        return None
    scaled = round(value * divisor) if abs(value) < 1e6 else _MAX_SCALED + 1
    return scaled if -_MAX_SCALED <= scaled <= _MAX_SCALED else None


def unscale(record: Record) -> dict[str, tuple[float | None, int]]:
    """Channel name → (value, flag) of a record whose profile is known; FrameError otherwise."""
    profile = PROFILES.get(record.profile)
    if profile is None:
        raise FrameError(
            R_PROFILE, "profile %d is not known here: upgrade the gateway" % record.profile
        )
    values: dict[str, tuple[float | None, int]] = {}
    for i in range(len(profile.channels)):
        name, divisor = profile.channels[i]
        scaled = record.scaled[i]
        values[name] = (None if scaled is None else scaled / divisor, record.flags[i])
    return values


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256 (RFC 2104); MicroPython has no hmac module. Key at most 64 bytes."""
    if len(key) > 64:
        raise ValueError("key is %d bytes, at most 64" % len(key))
    key = key + bytes(64 - len(key))
    inner = hashlib.sha256(bytes(b ^ 0x36 for b in key))
    inner.update(data)
    outer = hashlib.sha256(bytes(b ^ 0x5C for b in key))
    outer.update(inner.digest())
    return outer.digest()


def is_signed(frame: bytes, key: bytes) -> bool:
    """True where the frame's MAC is right for this key; takes the same time whatever differs."""
    mac = hmac_sha256(key, frame[:-MAC_SIZE])
    wrong = 0
    for i in range(MAC_SIZE):
        wrong |= mac[i] ^ frame[len(frame) - MAC_SIZE + i]
    return wrong == 0


def encode_batch(device: bytes, records: list[Record], key: bytes) -> bytes:
    """A signed batch of records that `joinable` accepts one after another."""
    if len(device) != 6:
        raise ValueError("device is %d bytes, must be 6" % len(device))
    if not 1 <= len(records) <= MAX_COUNT:
        raise ValueError("a batch has 1 to %d records, not %d" % (MAX_COUNT, len(records)))
    first = before = records[0]
    frame = bytearray(
        struct.pack(
            _HEAD,
            VERSION << 4 | KIND_READINGS,
            first.time_quality << 6 | first.profile,
            device,
            first.boot,
            first.seq,
            first.time_s,
        )
    )
    for record in records:
        if record is not first and not joinable(before, record):
            raise ValueError(
                "record seq %d cannot follow seq %d in a batch" % (record.seq, before.seq)
            )
        frame.extend(_pack_body(record, record.time_s - before.time_s))
        before = record
    frame.extend(hmac_sha256(key, bytes(frame))[:MAC_SIZE])
    return bytes(frame)


def joinable(before: Record, record: Record) -> bool:
    """True where `record` may stand right behind `before` in one batch."""
    return (
        record.boot == before.boot
        and record.seq == before.seq + 1
        and record.profile == before.profile
        and record.time_quality == before.time_quality
        and 0 <= record.time_s - before.time_s <= MAX_GAP_S
    )


def parse_head(frame: bytes) -> Head:
    """The head of a readings frame, MAC unchecked; FrameError on length, version, kind, profile."""
    if not _HEAD_SIZE + MAC_SIZE < len(frame) <= MAX_FRAME:
        raise FrameError(R_LENGTH, "frame of %d bytes, must be 32 to %d" % (len(frame), MAX_FRAME))
    lead, kind_of_values, device, boot, seq, time_s = struct.unpack(_HEAD, frame[:_HEAD_SIZE])
    check_lead(lead, KIND_READINGS)
    profile = kind_of_values & 0x3F
    size = _body_size(value_count(profile))
    bodies = len(frame) - _HEAD_SIZE - MAC_SIZE
    if bodies % size or bodies // size > MAX_COUNT:
        raise FrameError(R_LENGTH, "%d bytes of records of %d bytes each" % (bodies, size))
    return Head(bytes(device), boot, seq, time_s, profile, kind_of_values >> 6, bodies // size)


def decode_batch(frame: bytes, head: Head) -> list[Record]:
    """The records of a frame whose MAC was found right; FrameError(flags) on impossible flags."""
    size = _body_size(value_count(head.profile))
    records = []
    time_s = head.time_s
    for i in range(head.count):
        at = _HEAD_SIZE + i * size
        dt, scaled, flags = _unpack_body(frame[at : at + size], value_count(head.profile))
        time_s += dt
        if time_s > _MAX_U32 or head.seq + i > _MAX_U32:
            raise FrameError(R_RANGE, "time or sequence number runs over 32 bits")
        records.append(
            Record(head.boot, head.seq + i, time_s, scaled, flags, head.profile, head.time_quality)
        )
    return records


def encode_ack(device: bytes, ack: Ack, key: bytes) -> bytes:
    """A signed acknowledgement: one bit a record, set where it was refused."""
    if not 1 <= ack.count <= MAX_COUNT:
        raise ValueError("an ack covers 1 to %d records, not %d" % (MAX_COUNT, ack.count))
    bits = bytearray((ack.count + 7) // 8)
    for seq in ack.refused:
        i = seq - ack.seq
        if not 0 <= i < ack.count:
            raise ValueError(
                "refused seq %d is outside %d..%d" % (seq, ack.seq, ack.seq + ack.count - 1)
            )
        bits[i // 8] |= 1 << i % 8
    lead = VERSION << 4 | KIND_ACK
    head = struct.pack(_ACK_HEAD, lead, device, ack.boot, ack.seq, ack.count, ack.time_s)
    frame = head + bytes(bits)
    return frame + hmac_sha256(key, frame)[:MAC_SIZE]


def decode_ack(frame: bytes, device: bytes, key: bytes) -> Ack:
    """The acknowledgement in a frame for this device; FrameError where it is not one."""
    if not _ACK_HEAD_SIZE + MAC_SIZE < len(frame) <= MAX_FRAME:
        raise FrameError(R_LENGTH, "ack of %d bytes" % len(frame))
    lead, to, boot, seq, count, time_s = struct.unpack(_ACK_HEAD, frame[:_ACK_HEAD_SIZE])
    check_lead(lead, KIND_ACK)
    if bytes(to) != device or not is_signed(frame, key):
        raise FrameError(R_MAC, "ack is not for this device or not signed with its key")
    bits = frame[_ACK_HEAD_SIZE:-MAC_SIZE]
    if count == 0 or len(bits) != (count + 7) // 8:
        raise FrameError(R_LENGTH, "ack of %d records with %d bytes of bits" % (count, len(bits)))
    refused = tuple(seq + i for i in range(count) if bits[i // 8] >> i % 8 & 1)
    return Ack(boot, seq, count, refused, time_s)


def pack_slot(record: Record) -> bytes:
    """A record as it is stored, at most 31 bytes."""
    slot = struct.pack(
        _SLOT_HEAD,
        record.time_quality << 6 | record.profile,
        record.boot,
        record.seq,
        record.time_s,
    ) + _pack_body(record, 0)
    return slot + struct.pack(">I", binascii.crc32(slot) & 0xFFFFFFFF)


def slot_size(n: int) -> int:
    """Bytes of a slot of n values, CRC included."""
    return _SLOT_HEAD_SIZE + _body_size(n) + 4


def unpack_slot(slot: bytes) -> Record:
    """The record in a slot; FrameError(crc) where it is blank, torn or damaged."""
    n = (slot[0] & 0x3F) >> 3
    size = _SLOT_HEAD_SIZE + _body_size(min(n + 1, MAX_VALUES))
    (crc,) = struct.unpack(">I", slot[size : size + 4])
    if n >= MAX_VALUES or binascii.crc32(slot[:size]) & 0xFFFFFFFF != crc:
        raise FrameError(R_CRC, "slot is blank, torn or damaged")
    return parse_slot(slot[: size + 4])


def parse_slot(slot: bytes) -> Record:
    """The record in a slot that was found whole; its CRC is not looked at again."""
    size = len(slot) - 4
    n = ((slot[0] & 0x3F) >> 3) + 1
    kind_of_values, boot, seq, time_s = struct.unpack(_SLOT_HEAD, slot[:_SLOT_HEAD_SIZE])
    _, scaled, flags = _unpack_body(slot[_SLOT_HEAD_SIZE:size], n)
    return Record(boot, seq, time_s, scaled, flags, kind_of_values & 0x3F, kind_of_values >> 6)


def slot_identity(slot: bytes) -> tuple[int, int]:
    """(boot, seq) as a slot says them, whole or not."""
    _, boot, seq, _ = struct.unpack(_SLOT_HEAD, slot[:_SLOT_HEAD_SIZE])
    return boot, seq


def check_lead(lead: int, kind: int) -> None:
    """FrameError where a frame's first byte names another version or kind."""
    if lead >> 4 != VERSION:
        raise FrameError(R_VERSION, "record version %d, this side speaks %d" % (lead >> 4, VERSION))
    if lead & 0x0F != kind:
        raise FrameError(R_KIND, "frame kind %d where %d was due" % (lead & 0x0F, kind))


def _word_size(n: int) -> int:
    return (12 + _FLAG_BITS[n] + 7) // 8


def _body_size(n: int) -> int:
    return _word_size(n) + 2 * n


def _pack_body(record: Record, dt: int) -> bytes:
    n = value_count(record.profile)
    if len(record.scaled) != n or len(record.flags) != n:
        raise ValueError("profile %d takes %d values and flags" % (record.profile, n))
    code = 0
    for flag in record.flags:
        if flag not in FLAGS:
            raise ValueError("flag %r is not a QARTOD flag" % (flag,))
        code = code * 5 + FLAGS.index(flag)
    word = dt << _FLAG_BITS[n] | code
    body = word.to_bytes(_word_size(n), "big")
    for scaled in record.scaled:
        body += struct.pack(">h", _NO_VALUE if scaled is None else scaled)
    return body


def _unpack_body(body: bytes, n: int) -> tuple[int, tuple[int | None, ...], tuple[int, ...]]:
    size = _word_size(n)
    word = int.from_bytes(body[:size], "big")
    code = word & (1 << _FLAG_BITS[n]) - 1
    if code >= 5**n or word >> _FLAG_BITS[n] > MAX_GAP_S:
        raise FrameError(R_FLAGS, "flag code %d of %d values does not exist" % (code, n))
    flags = []
    for _ in range(n):
        flags.append(FLAGS[code % 5])
        code //= 5
    flags.reverse()
    scaled = struct.unpack(">%dh" % n, body[size:])
    return word >> _FLAG_BITS[n], tuple(None if v == _NO_VALUE else v for v in scaled), tuple(flags)
