"""The published frames are read and written byte by byte; damage is named."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.codecs.sl651 import elements, writing
from xunhe.codecs.sl651.frame import Frame, Reason, Rejected, check_of, found, read

_FILE = Path(__file__).parents[2] / "vectors/sl651.json"
FRAMES = [bytes.fromhex(text) for text in json.loads(_FILE.read_text())["frames"]]
ALIVE, ALIVE_7E, TEST, TEST_ANSWER, TIMED, TIMED_ANSWER = FRAMES


def frame(data: bytes) -> Frame:
    event = read(data)
    assert isinstance(event, Frame)
    return event


def values(data: bytes) -> dict[str, str]:
    return {f"{each.identifier:02X}": str(each.value) for each in frame(data).elements}


def test_a_keep_alive_says_who_and_when() -> None:
    said = frame(ALIVE)
    assert (said.is_up, said.centre, said.station, said.password) == (True, 1, "0012345678", "1234")
    assert (said.function, said.serial) == (0x2F, 3)
    assert said.sent == datetime(2059, 10, 11, 15, 51, 11)


def test_a_body_may_hold_the_start_byte() -> None:
    assert frame(ALIVE_7E).serial == 0x7E08
    assert [type(each) for each in found(ALIVE_7E + TEST)] == [Frame, Frame]


def test_reports_have_their_elements() -> None:
    assert values(TEST) == {"20": "0.5", "26": "0.5", "39": "0.127", "38": "11.15"}
    assert values(TIMED) == {"20": "4.0", "26": "4.0", "39": "10.490", "38": "10.99"}
    said = frame(TIMED)
    assert (said.station_class, said.observed) == (0x48, datetime(2017, 7, 18, 11, 0))


def test_down_frames_have_their_addresses_the_other_way_round() -> None:
    said = frame(TIMED_ANSWER)
    assert (said.is_up, said.centre, said.station, said.end) == (False, 5, "0011223344", 0x1B)
    assert said.serial == frame(TIMED).serial


@pytest.mark.parametrize("data", [ALIVE, ALIVE_7E])
def test_keep_alives_are_written_as_published(data: bytes) -> None:
    said = frame(data)
    made = writing.keep_alive(said.centre, said.station, said.password, said.serial, said.sent)
    assert made == data


@pytest.mark.parametrize("data", [TEST, TIMED])
def test_reports_are_written_as_published(data: bytes) -> None:
    said = frame(data)
    assert said.observed is not None
    said_values = {e.identifier: e.value for e in said.elements if e.value is not None}
    assert writing.report(said, said.serial, said.sent, said.observed, said_values) == data


@pytest.mark.parametrize(("data", "answer"), [(TEST, TEST_ANSWER), (TIMED, TIMED_ANSWER)])
def test_answers_are_written_as_published(data: bytes, answer: bytes) -> None:
    assert writing.answer(frame(data), frame(answer).sent) == answer


@pytest.mark.parametrize("identifier", [0x46, 0x47, 0x4C, 0x03])
def test_what_is_not_confirmed_is_not_written(identifier: int) -> None:
    with pytest.raises(ValueError, match="not confirmed"):
        elements.written(identifier, Decimal("7.1"))


def test_an_unknown_element_is_read_as_a_number_without_a_meaning() -> None:
    read_elements = elements.read(bytes.fromhex("46120710"))
    assert read_elements is not None
    (element,) = read_elements
    assert (element.value, element.kind) == (Decimal("7.10"), None)


@pytest.mark.parametrize("value", ["-0.1", "0.05", "100000.0"])
def test_a_value_that_does_not_fit_is_not_written(value: str) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        elements.written(0x20, Decimal(value))


def test_digits_that_are_no_bcd_are_kept_and_no_number() -> None:
    read_elements = elements.read(bytes.fromhex("2019FFFFFF"))
    assert read_elements is not None
    assert (read_elements[0].value, read_elements[0].raw) == (None, b"\xff\xff\xff")


@pytest.mark.parametrize("data", FRAMES)
def test_every_wrong_byte_is_found(data: bytes) -> None:
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 0x10
        assert isinstance(read(bytes(damaged)), Rejected)


@pytest.mark.parametrize("data", FRAMES)
def test_every_prefix_is_rejected_and_the_next_frame_is_found(data: bytes) -> None:
    for size in range(2, len(data)):
        assert isinstance(read(data[:size]), Rejected)
        assert frame(ALIVE) in list(found(data[:size] + ALIVE))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: b"\x00" + d[1:], Reason.START),
        (lambda d: d[:11] + b"\x50" + d[12:], Reason.LENGTH),
        (lambda d: d[:13] + b"\x16" + d[14:], Reason.SHAPE),
        (lambda d: d[:-1] + bytes([d[-1] ^ 1]), Reason.CHECK),
    ],
)
def test_damage_is_named(change: object, reason: Reason) -> None:
    event = read(change(TEST))  # type: ignore[operator]
    assert isinstance(event, Rejected)
    assert event.reason is reason


def test_a_month_that_does_not_exist_is_a_bad_body() -> None:
    damaged = TEST[:16] + b"\x59\x13" + TEST[18:-2]
    event = read(damaged + check_of(damaged).to_bytes(2, "big"))
    assert isinstance(event, Rejected)
    assert event.reason is Reason.BODY


@given(st.binary(max_size=300))
def test_no_stream_is_too_strange(stream: bytes) -> None:
    list(found(b"\x7e\x7e" + stream))
    list(found(stream + TIMED))
