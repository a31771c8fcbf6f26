"""Frames come out whole whatever the line does; what is damaged comes out with its reason."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.hj212.vectors import GOOD, OFFICIAL, SEGMENTS, VECTORS, framed
from xunhe.codecs.hj212.crc import crc16
from xunhe.codecs.hj212.deframing import MAX_SEGMENT, Deframer, Event, Frame, frame
from xunhe.codecs.hj212.reason import Reason, Rejected
from xunhe_tools.hj212_platform.wire import check_of, packed

STREAM = b"".join(frame(segment) for segment in SEGMENTS)
SHORT = b"".join(frame(SEGMENTS[n]) for n in (0, 2, 14))


def events(stream: bytes) -> list[Event]:
    deframer = Deframer()
    return deframer.feed(stream) + deframer.give_up()


def segments(found: list[Event]) -> list[bytes]:
    return [event.segment for event in found if isinstance(event, Frame)]


def reasons(found: list[Event]) -> list[Reason]:
    return [event.reason for event in found if isinstance(event, Rejected)]


@pytest.mark.parametrize("vector", VECTORS["check_values"], ids=lambda v: v["text"] or "empty")
def test_check_values(vector: dict[str, str]) -> None:
    assert f"{crc16(vector['text'].encode()):04X}" == vector["crc"]


@pytest.mark.parametrize("vector", GOOD, ids=lambda v: v["source"])
def test_good_vectors_are_accepted_and_written_as_they_are(vector: dict[str, str]) -> None:
    segment = vector["segment"].encode()
    assert len(segment) == vector["length"]
    printed = vector.get("published_crc") or vector["crc"]
    assert events(framed(vector["segment"], printed)) == [Frame(segment)]
    assert events(framed(vector["segment"], printed.swapcase())) == [Frame(segment)]
    assert frame(segment) == framed(vector["segment"], vector["crc"])


@pytest.mark.parametrize("vector", GOOD, ids=lambda v: v["source"])
def test_modbus_crc_is_never_accepted(vector: dict[str, str]) -> None:
    wrong = framed(vector["segment"], vector["modbus_crc_for_contrast"])
    assert reasons(events(wrong)) == [Reason.CRC]


@pytest.mark.parametrize("vector", VECTORS["published_with_wrong_crc"] + VECTORS["damaged"])
def test_vectors_with_a_wrong_check_are_rejected(vector: dict[str, str]) -> None:
    check = vector.get("published_crc") or vector["crc_in_frame"]
    assert f"rejected: {reasons(events(framed(vector['segment'], check)))[0]}" == vector["expect"]


@given(st.binary(max_size=300))
def test_two_implementations_agree_on_the_check(segment: bytes) -> None:
    assert crc16(segment) == check_of(segment)


@given(st.text(max_size=300))
def test_two_implementations_agree_on_the_frame(segment: str) -> None:
    if len(segment.encode()) <= MAX_SEGMENT:
        assert frame(segment.encode()) == packed(segment)


RAGGED = b"noise#".join([b"##00x", *(frame(s) for s in SEGMENTS[:5]), b"##0009" + frame(OFFICIAL)])


@given(st.lists(st.integers(1, 700), min_size=1, max_size=30))
def test_every_chunking_gives_the_same_events(sizes: list[int]) -> None:
    deframer = Deframer()
    found: list[Event] = []
    at = 0
    for size in itertools.cycle(sizes):
        found += deframer.feed(RAGGED[at : at + size])
        at += size
        if at >= len(RAGGED):
            break
    assert found + deframer.give_up() == events(RAGGED)


def test_every_split_of_a_stream_gives_all_frames() -> None:
    whole = [SEGMENTS[n] for n in (0, 2, 14)]
    for cut in range(len(SHORT)):
        deframer = Deframer()
        found = deframer.feed(SHORT[:cut]) + deframer.feed(SHORT[cut:])
        assert segments(found) == whole


def test_a_stream_byte_by_byte_gives_all_frames() -> None:
    deframer = Deframer()
    found = [event for byte in STREAM for event in deframer.feed(bytes([byte]))]
    assert segments(found) == SEGMENTS


def test_every_prefix_of_a_frame_waits() -> None:
    whole = frame(OFFICIAL)
    for size in range(len(whole)):
        assert Deframer().feed(whole[:size]) == []


@given(st.binary(max_size=200), st.integers(0, len(GOOD) - 1))
def test_a_frame_behind_noise_is_found_once_the_line_is_silent(noise: bytes, which: int) -> None:
    assert SEGMENTS[which] in segments(events(noise + frame(SEGMENTS[which])))


def test_a_good_frame_inside_a_damaged_one_is_found() -> None:
    found = events(b"##1024" + STREAM)
    assert segments(found) == SEGMENTS
    assert set(reasons(found)) <= {Reason.TAIL, Reason.CRC, Reason.INCOMPLETE}


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"##01x1" + OFFICIAL, Reason.LENGTH),
        (b"##1025" + OFFICIAL, Reason.LENGTH),
        (b"##-001" + OFFICIAL, Reason.LENGTH),
        (frame(OFFICIAL)[:-1] + b"x", Reason.TAIL),
        (frame(OFFICIAL)[:-6] + b"1C81\r\n", Reason.CRC),
        (frame(OFFICIAL)[:-6] + b"1c8g\r\n", Reason.CRC),
        (frame(OFFICIAL)[:-3], Reason.INCOMPLETE),
    ],
)
def test_damage_is_named(damaged: bytes, reason: Reason) -> None:
    assert reasons(events(damaged))[0] is reason
    assert segments(events(damaged + frame(OFFICIAL))) == [OFFICIAL]


def test_the_longest_segment_fits_and_no_longer_one() -> None:
    longest = b"a" * MAX_SEGMENT
    assert segments(events(frame(longest))) == [longest]
    with pytest.raises(ValueError, match="exceeds 1024"):
        frame(longest + b"a")


def test_an_event_knows_its_place_in_the_stream() -> None:
    found = events(b"noise" + frame(OFFICIAL) + b"##0x" + frame(OFFICIAL))
    assert [event.offset for event in found] == [5, 118, 122]
    assert isinstance(found[0], Frame)
    assert found[0].end == 118


def test_any_single_wrong_byte_of_a_segment_is_found() -> None:
    whole = frame(OFFICIAL)
    for place in range(6, 6 + len(OFFICIAL)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x11
        assert segments(events(bytes(damaged))) == []


@given(st.binary(max_size=3000))
def test_a_deframer_never_holds_more_than_a_frame(noise: bytes) -> None:
    deframer = Deframer()
    deframer.feed(noise)
    assert len(deframer._buffer) < MAX_SEGMENT + 12
    deframer.give_up()
    assert not deframer.is_waiting
