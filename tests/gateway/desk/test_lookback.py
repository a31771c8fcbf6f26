"""Row 54: the sample of closed tickets, drawn again by anybody, and its result."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.desk.books import Book
from xunhe.desk.lookback import LookBackError, check_inspection, folded, sample, size
from xunhe.desk.periods import parse

QUARTER = parse("2026Q3")


def test_a_sample_is_the_smallest_checksums() -> None:
    ranked = sorted(
        range(1, 200), key=lambda n: hashlib.sha256(f"5:2026Q3:{n}".encode()).hexdigest()
    )
    assert sample(range(1, 200), QUARTER, 5, 32) == tuple(ranked[:32])


@given(st.sets(st.integers(1, 10_000), max_size=60), st.integers(), st.integers(0, 70))
def test_a_sample_depends_on_nothing_but_its_seed(closed: set[int], seed: int, wanted: int) -> None:
    drawn = sample(sorted(closed), QUARTER, seed, wanted)
    assert drawn == sample(sorted(closed, reverse=True), QUARTER, seed, wanted)
    assert len(drawn) == len(set(drawn)) == min(wanted, len(closed))
    assert set(drawn) <= closed
    more = sample(closed, QUARTER, seed, wanted + 5)
    assert more[: len(drawn)] == drawn


def test_another_quarter_and_another_seed_draw_others() -> None:
    closed = range(1, 500)
    first = sample(closed, QUARTER, 1, 20)
    assert first != sample(closed, QUARTER, 2, 20)
    assert first != sample(closed, QUARTER.after, 1, 20)


@pytest.mark.parametrize(
    ("closed", "expected"),
    [(0, 0), (9, 9), (10, 10), (11, 10), (200, 10), (201, 11), (220, 11), (640, 32)],
)
def test_a_share_is_rounded_up_and_some_are_always_drawn(closed: int, expected: int) -> None:
    assert size(closed, 0.05, 10) == expected


def drawn() -> Book:
    book = Book()
    tickets = list(sample(range(1, 641), QUARTER, 1, 32))
    book.write(
        "2026-10-01 00:00:00", "lookback.drawn", "quarter:2026Q3", seed=1, tickets=tickets, of=640
    )
    return book


def test_thirty_two_looked_back_two_reopened() -> None:
    book = drawn()
    for k, ticket in enumerate(folded(book.entries)["2026Q3"].tickets):
        book.write(
            "2026-10-12 10:00:00",
            "lookback.inspected",
            f"ticket:{ticket}",
            quarter="2026Q3",
            holds=k not in (4, 20),
        )
    found = folded(book.entries)["2026Q3"]
    assert (len(found.tickets), len(found.held), len(found.failed)) == (32, 30, 2)
    assert found.sentence_zh() == (
        "2026年第3季度对32个问题“回头看”，30个已整改到位，2个重开，0个待查"
    )


def test_only_a_drawn_ticket_is_inspected_once_and_not_by_its_handler() -> None:
    book = drawn()
    found = folded(book.entries)["2026Q3"]
    ticket = found.tickets[0]
    outside = next(n for n in range(1, 641) if n not in found.tickets)
    check_inspection(found, ticket, "INSPECTOR", "V1")
    with pytest.raises(LookBackError, match="不在"):
        check_inspection(found, outside, "INSPECTOR", "V1")
    with pytest.raises(LookBackError, match="自查"):
        check_inspection(found, ticket, "V1", "V1")
    book.write(
        "2026-10-12 10:00:00",
        "lookback.inspected",
        f"ticket:{ticket}",
        quarter="2026Q3",
        holds=True,
    )
    with pytest.raises(LookBackError, match="已回头看"):
        check_inspection(folded(book.entries)["2026Q3"], ticket, "INSPECTOR", "V1")
