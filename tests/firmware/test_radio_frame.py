"""Frames for the radio: a fixed vector, any chunking, any damage; parts put together once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe_buoy import radio_frame
from xunhe_buoy.radio_frame import DOWN, UP, Assembler, Deframer, Frame, encode, split

DEVICE = bytes.fromhex("02a1b2c3d4e5")
payloads = st.binary(max_size=radio_frame.MAX_PAYLOAD)


def fields(frame):
    return (frame.kind, frame.device, frame.number, frame.part, frame.last, frame.payload)


@st.composite
def frames(draw):
    last = draw(st.integers(0, 15))
    kind = draw(st.sampled_from([*UP, *DOWN, "up received", "down received"]))
    device = draw(st.binary(min_size=6, max_size=6))
    number, part = draw(st.integers(0, 255)), draw(st.integers(0, last))
    return Frame(kind, device, number, part, last, draw(payloads))


def all_of(deframer, **silent):
    found = []
    while (frame := deframer.take(**silent)) is not None:
        found.append(frame)
    return found


def test_a_frame_has_the_bytes_that_its_table_says():
    frame = Frame("readings", DEVICE, 7, 1, 2, b"\x01\x02")
    # crc32 of 11 02a1b2c3d4e5 07 12 02 0102, computed with zlib
    assert encode(frame).hex() == "a75e" + "11" + "02a1b2c3d4e5" + "07" + "12" + "02" + "0102" + (
        "c5817d7d"
    )


@given(st.lists(frames(), max_size=4), st.data())
def test_frames_survive_any_chunking_and_noise_between_them(sent, data):
    noise = st.binary(max_size=20).filter(lambda b: 0xA7 not in b)
    wire = b"".join(data.draw(noise) + encode(frame) for frame in sent)
    deframer, found = Deframer(), []
    while wire:
        n = data.draw(st.integers(1, len(wire)))
        deframer.feed(wire[:n])
        wire = wire[n:]
        found += all_of(deframer)
    assert [fields(frame) for frame in found] == [fields(frame) for frame in sent]


@given(frames(), st.data())
def test_a_changed_bit_is_no_frame(frame, data):
    wire = bytearray(encode(frame))
    bit = data.draw(st.integers(0, 8 * len(wire) - 1))
    wire[bit // 8] ^= 1 << bit % 8
    deframer = Deframer()
    deframer.feed(wire)
    assert all_of(deframer, is_silent=True) == []


@given(frames(), frames(), st.data())
def test_a_torn_frame_hides_the_next_one_no_longer_than_silence(torn, whole, data):
    wire = encode(torn)
    cut = data.draw(st.integers(0, len(wire) - 1))
    deframer = Deframer()
    deframer.feed(wire[:cut] + encode(whole))
    assert fields(all_of(deframer, is_silent=True)[-1]) == fields(whole)


@given(st.binary(min_size=1, max_size=3200), st.data())
def test_a_message_is_put_together_once_whatever_comes_twice(message, data):
    assembler, whole = Assembler(), []
    for frame in split("command", DEVICE, 3, message):
        for _ in range(data.draw(st.integers(1, 3))):
            whole.append(assembler.take(frame))
    assert [m for m in whole if m is not None] == [message]


def test_parts_of_another_message_are_not_mixed_in():
    first, second = (split("command", DEVICE, n, bytes([n]) * 500) for n in (1, 2))
    assembler = Assembler()
    assembler.take(first[0])
    assert assembler.take(second[1]) is None
    assert [assembler.take(part) for part in second] == [None, None, b"\x02" * 500]


@pytest.mark.parametrize("size", [0, 3201])
def test_a_message_that_fits_into_no_parts_is_the_callers_mistake(size):
    with pytest.raises(ValueError, match="message"):
        split("report", DEVICE, 0, bytes(size))
