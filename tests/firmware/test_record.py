"""The record on CPython: round trips over all values, HMAC beside the standard library's."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe_buoy import record

KEY = bytes(range(32))
DEVICE = bytes.fromhex("02a1b2c3d4e5")

scaled_values = st.one_of(st.none(), st.integers(-32767, 32767))
flags = st.sampled_from(record.FLAGS)


@st.composite
def batches(draw):
    profile = draw(st.integers(0, 47))
    n = record.value_count(profile)
    quality = draw(st.integers(0, 2))
    boot, seq = draw(st.integers(0, 0xFFFF)), draw(st.integers(0, 2**32 - 20))
    time_s = draw(st.integers(0, 2**32 - 20 * 4096))
    found = []
    for i in range(draw(st.integers(1, 12))):
        values = tuple(draw(st.lists(scaled_values, min_size=n, max_size=n)))
        marks = tuple(draw(st.lists(flags, min_size=n, max_size=n)))
        found.append(record.Record(boot, seq + i, time_s, values, marks, profile, quality))
        time_s += draw(st.integers(0, record.MAX_GAP_S))
    return found


@given(batches())
def test_a_batch_comes_back_as_it_went(batch):
    frame = record.encode_batch(DEVICE, batch, KEY)
    assert record.is_signed(frame, KEY)
    head = record.parse_head(frame)
    assert (head.device, head.count) == (DEVICE, len(batch))
    assert record.decode_batch(frame, head) == batch


@given(batches(), st.data())
def test_a_changed_bit_anywhere_is_found(batch, data):
    frame = bytearray(record.encode_batch(DEVICE, batch, KEY))
    bit = data.draw(st.integers(0, 8 * len(frame) - 1))
    frame[bit // 8] ^= 1 << bit % 8
    assert not record.is_signed(bytes(frame), KEY)


@given(batches())
def test_a_slot_comes_back_as_it_went(batch):
    for entry in batch:
        slot = record.pack_slot(entry)
        assert len(slot) == record.slot_size(len(entry.scaled)) <= 31
        assert record.unpack_slot(slot + b"\xff" * (32 - len(slot))) == entry


@given(st.binary(min_size=32, max_size=32))
def test_an_arbitrary_slot_is_a_record_or_a_frame_error(slot):
    try:
        entry = record.unpack_slot(slot)
    except record.FrameError:
        return
    assert record.pack_slot(entry) == slot[: len(record.pack_slot(entry))]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_head_or_a_frame_error(frame):
    for decode in (record.parse_head, lambda f: record.decode_ack(f, DEVICE, KEY)):
        try:
            decode(frame)
        except record.FrameError:
            continue


@given(st.binary(max_size=64), st.binary(max_size=300))
def test_hmac_is_the_standard_librarys(key, data):
    assert record.hmac_sha256(key, data) == hmac.new(key, data, hashlib.sha256).digest()


def test_ten_readings_cost_at_most_sixteen_bytes_each(capsys):
    batch = [record.Record(1, i, 60 * i, (1, 2, 3, 4, 5), (1, 1, 1, 1, 1)) for i in range(10)]
    size = len(record.encode_batch(DEVICE, batch, KEY))
    with capsys.disabled():
        print(f"\n{size / 10} bytes a reading of five values in a batch of ten, all counted")
    assert size / 10 <= 16


@pytest.mark.parametrize("nothing", [None, float("nan"), 400.0, -400.0, 1e300, float("inf")])
def test_what_int16_cannot_hold_is_no_value(nothing):
    assert record.scale(nothing, 100) is None


def test_scaling_keeps_a_value_to_half_its_step():
    assert record.scale(327.67, 100) == 32767
    assert record.scale(-0.004, 100) == 0
    assert record.scale(7.4126, 1000) == 7413
