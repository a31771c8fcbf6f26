"""What is under way is bounded, goes again when it is overdue, and ends in an outcome each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.adapters.upstream.hj212.window import Sending, Window
from xunhe.codecs.hj212.segment import Packet
from xunhe.domain.outward import DONE, Outcome, Sent


def packet(number: int, **fields: str) -> Packet:
    return Packet({"QN": str(number), "CN": "2011", "MN": "a", "PW": "", **fields})


def answer(number: int, cp: str = "") -> Packet:
    return Packet({"QN": str(number), "CN": "9014", "MN": "a"}, cp)


def window(count: int, size: int = 2, repeats: int = 1) -> Window:
    return Window([Sending(n, packet(n)) for n in range(count)], size, 10.0, repeats)


def numbers(packets: list[Packet]) -> list[int]:
    return [int(each.qn) for each in packets]


def test_no_more_than_the_window_is_under_way() -> None:
    here = window(4)
    assert numbers(here.to_write(0.0)) == [0, 1]
    assert here.to_write(0.0) == []
    here.take(answer(1), 0.0)
    assert numbers(here.to_write(0.0)) == [2]


def test_a_packet_is_overdue_at_its_time_and_not_before() -> None:
    here = window(1)
    here.to_write(0.0)
    assert here.waits_s(4.0) == 6.0
    assert here.to_write(9.99) == []
    assert numbers(here.to_write(10.0)) == [0]


def test_all_go_again_in_their_order_with_the_same_qn() -> None:
    here = window(3, size=3)
    here.to_write(0.0)
    here.take(answer(1), 0.0)
    assert numbers(here.to_write(10.0)) == [0, 2]


def test_after_the_repeats_the_link_is_lost_and_nothing_goes() -> None:
    here = window(2, size=1)
    here.to_write(0.0)
    here.to_write(10.0)
    assert not here.is_lost
    assert here.to_write(20.0) == []
    assert here.is_lost
    assert here.is_over(20.0)


def test_outcomes_end_at_the_first_that_is_unanswered() -> None:
    here = window(4, size=4)
    here.to_write(0.0)
    for number in (0, 1, 3):
        here.take(answer(number), 0.0)
    assert here.outcomes(4) == [DONE, DONE]


@pytest.mark.parametrize(
    ("cp", "outcome"),
    [
        ("", DONE),
        ("QnRtn=1", DONE),
        ("QnRtn=9", Outcome(Sent.FAILED, "the platform answered QnRtn=9")),
    ],
)
def test_an_answer_may_say_whether_the_data_were_accepted(cp: str, outcome: Outcome) -> None:
    here = window(1)
    here.to_write(0.0)
    here.take(answer(0, cp), 0.0)
    assert here.outcomes(1) == [outcome]


@pytest.mark.parametrize(("now_s", "goes_on"), [(15.9, True), (16.0, False)])
def test_a_batch_lasts_as_long_as_eight_of_the_quickest_answer(now_s: float, goes_on: bool) -> None:
    here = window(9, size=1)
    here.to_write(0.0)
    here.take(answer(0), 2.0)
    assert here.is_over(now_s) is not goes_on
    assert bool(here.to_write(now_s)) is goes_on
    assert here.outcomes(9) == [DONE]


def test_the_packets_of_a_split_transfer_follow_one_another() -> None:
    parts = [packet(n, PNUM="3", PNO=str(n)) for n in (1, 2, 3)]
    here = Window([Sending(0, part) for part in parts], 8, 10.0, 1)
    for n in (1, 2, 3):
        assert numbers(here.to_write(0.0)) == [n]
        assert here.outcomes(1) == []
        here.take(answer(n), 0.0)
    assert here.outcomes(1) == [DONE]


def test_an_answer_to_nobody_changes_nothing() -> None:
    here = window(1)
    here.take(answer(7), 0.0)
    assert numbers(here.to_write(0.0)) == [0]


@given(st.integers(1, 20), st.integers(1, 8), st.randoms())
def test_everything_is_written_in_order_and_ends(count: int, size: int, chance: object) -> None:
    here = window(count, size)
    written: list[int] = []
    while not here.is_over(0.0):
        written += numbers(here.to_write(0.0))
        under_way = [n for n in written if here.sendings[n].outcome is None]
        assert len(under_way) <= size
        here.take(answer(chance.choice(under_way)), 0.0)  # type: ignore[attr-defined]
    assert written == list(range(count))
    assert here.outcomes(count) == [DONE] * count
