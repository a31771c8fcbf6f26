"""Parcels and receipts: what is signed comes through, nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.adapters.province import parcel as codec
from xunhe.adapters.province.parcel import (
    Parcel,
    ParcelError,
    check_code,
    decode_parcel,
    decode_receipt,
    encode_parcel,
    encode_receipt,
    tag_of,
)

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
NUMBERS = st.integers(0, 2**64 - 1)
PARCELS = st.builds(Parcel, NUMBERS, NUMBERS, st.text(max_size=50), st.binary(max_size=300))
TAGS = st.lists(st.binary(min_size=12, max_size=12), min_size=1, max_size=20)


@given(PARCELS)
def test_a_parcel_comes_through_as_it_was(parcel: Parcel) -> None:
    assert decode_parcel("G1", encode_parcel("G1", parcel, KEY), KEY) == parcel


@given(PARCELS)
def test_the_same_parcel_is_the_same_bytes_and_has_the_same_tag(parcel: Parcel) -> None:
    one, again = (encode_parcel("G1", parcel, KEY) for _ in range(2))
    assert one == again
    assert tag_of(one) == tag_of(again)


@given(PARCELS, st.data())
def test_a_changed_byte_is_refused(parcel: Parcel, data: st.DataObject) -> None:
    wire = bytearray(encode_parcel("G1", parcel, KEY))
    at = data.draw(st.integers(0, len(wire) - 1))
    wire[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ParcelError):
        decode_parcel("G1", bytes(wire), KEY)


@given(PARCELS)
def test_every_prefix_of_a_parcel_is_refused(parcel: Parcel) -> None:
    wire = encode_parcel("G1", parcel, KEY)
    for end in range(0, len(wire), max(1, len(wire) // 40)):
        with pytest.raises(ParcelError):
            decode_parcel("G1", wire[:end], KEY)


@given(st.binary(max_size=200))
def test_noise_is_no_parcel_and_no_receipt(noise: bytes) -> None:
    for decode in (decode_parcel, decode_receipt):
        with pytest.raises(ParcelError):
            decode("G1", noise, KEY)


def test_a_parcel_of_one_gateway_is_none_of_another_though_they_had_the_same_key() -> None:
    wire = encode_parcel("G1", Parcel(1, 2, "S/readings", b"x"), KEY)
    with pytest.raises(ParcelError, match="G2"):
        decode_parcel("G2", wire, KEY)


def test_another_key_is_refused() -> None:
    wire = encode_parcel("G1", Parcel(1, 2, "S/readings", b"x"), OTHER_KEY)
    with pytest.raises(ParcelError):
        decode_parcel("G1", wire, KEY)


def test_a_gateways_own_parcel_is_no_receipt_for_it() -> None:
    wire = encode_parcel("G1", Parcel(1, 2, "s", bytes(6)), KEY)
    with pytest.raises(ParcelError, match="lead"):
        decode_receipt("G1", wire, KEY)


@given(TAGS)
def test_a_receipt_names_its_tags_in_order(tags: list[bytes]) -> None:
    assert decode_receipt("G1", encode_receipt("G1", tags, KEY), KEY) == tags


@pytest.mark.parametrize("count", [0, codec.MAX_TAGS + 1])
def test_a_receipt_of_no_or_too_many_tags_cannot_be_made(count: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        encode_receipt("G1", [bytes(12)] * count, KEY)


def test_a_receipt_of_most_tags_can_be_made() -> None:
    tags = [number.to_bytes(12) for number in range(codec.MAX_TAGS)]
    assert decode_receipt("G1", encode_receipt("G1", tags, KEY), KEY) == tags


@pytest.mark.parametrize("size", [codec.MAX_BODY - 1, codec.MAX_BODY])
def test_a_body_up_to_the_limit_is_carried(size: int) -> None:
    parcel = Parcel(1, 1, "s", bytes(size))
    assert decode_parcel("G1", encode_parcel("G1", parcel, KEY), KEY) == parcel


def test_a_body_beyond_the_limit_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="at most"):
        Parcel(1, 1, "s", bytes(codec.MAX_BODY + 1))


@pytest.mark.parametrize("code", ["", "a.b", "a/b", "a b", "+", "#", "河", "x" * 33])
def test_a_code_that_cannot_be_a_level_of_a_topic_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="gateway"):
        check_code(code)


@pytest.mark.parametrize("code", ["G0001", "a-b_c", "x" * 32])
def test_a_plain_code_is_taken(code: str) -> None:
    assert check_code(code) == code
