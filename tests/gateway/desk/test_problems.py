"""Tickets as supervision reads them from the log, and when they fall behind."""

from datetime import timedelta

import pytest

from tests.gateway.desk.books import Book, at
from xunhe.desk.lights import Light, Spell, light
from xunhe.desk.problems import Problem, folded, standing
from xunhe.domain.ticket import State
from xunhe.settings import SupervisionSettings

RULES = SupervisionSettings(in_hands_by=0.3, handled_by=0.8)
OPENED, DUE = "2026-03-01 00:00:00", "2026-03-11 00:00:00"  # ten days: 3 and 8 are the steps


def colour(book: Book, when: str, *, warned: bool = False) -> Light:
    one = folded(book.entries)[1]
    return light(standing(one, at(when), warned, RULES), at(when), 0.1)[0]


@pytest.fixture
def book() -> Book:
    book = Book()
    book.open(OPENED, 1, DUE)
    return book


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-03-03 23:59:59", Light.GREEN),
        ("2026-03-04 00:00:00", Light.YELLOW),
        ("2026-03-10 23:59:59", Light.YELLOW),
        ("2026-03-11 00:00:00", Light.RED),
    ],
)
def test_a_problem_in_nobodys_hands_falls_behind(book: Book, when: str, expected: Light) -> None:
    book.move("2026-03-01 10:00:00", 1, "accepted")
    assert colour(book, when) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("2026-03-08 23:59:59", Light.GREEN),
        ("2026-03-09 00:00:00", Light.YELLOW),
        ("2026-03-11 00:00:00", Light.RED),
    ],
)
def test_an_assigned_one_falls_behind_later(book: Book, when: str, expected: Light) -> None:
    book.move("2026-03-02 10:00:00", 1, "assigned")
    assert colour(book, when) is expected


def test_a_handled_one_is_on_schedule_until_it_is_late(book: Book) -> None:
    book.move("2026-03-08 10:00:00", 1, "handled")
    assert colour(book, "2026-03-10 23:59:59") is Light.GREEN
    assert colour(book, "2026-03-11 00:00:00") is Light.RED


def test_what_is_warned_of_is_yellow(book: Book) -> None:
    assert colour(book, "2026-03-01 10:00:00", warned=True) is Light.YELLOW


def test_a_pause_moves_the_steps_with_the_deadline(book: Book) -> None:
    book.move("2026-03-02 00:00:00", 1, "suspended")
    assert colour(book, "2026-04-01 00:00:00") is Light.GREEN
    later = "2026-03-14T16:00:00.000Z"  # four days more
    book.move("2026-03-06 00:00:00", 1, "accepted", due_at=later)
    one = folded(book.entries)[1]
    assert one.paused_s == 4 * 86400
    assert colour(book, "2026-03-07 23:59:59") is Light.GREEN
    assert colour(book, "2026-03-08 00:00:00") is Light.YELLOW


def test_closing_reopening_and_archiving(book: Book) -> None:
    book.move("2026-03-05 00:00:00", 1, "closed")
    one = folded(book.entries)[1]
    assert one.handling() == timedelta(days=4)
    assert (
        one.was_closed(at("2026-03-05 00:00:00")),
        one.was_closed(at("2026-03-05 00:00:01")),
    ) == (
        False,
        True,
    )
    book.move("2026-03-20 00:00:00", 1, "archived")
    assert folded(book.entries)[1].closed_at == at("2026-03-05 00:00:00")
    book.move("2026-03-21 00:00:00", 1, "reopened", due_at="2026-03-25T00:00:00Z")
    assert folded(book.entries)[1].closed_at is None


def test_spells_tell_which_deadline_ran_when(book: Book) -> None:
    book.move("2026-03-02 00:00:00", 1, "assigned")
    book.write("2026-03-03 00:00:00", "ticket.due", "ticket:1", due_at="2026-03-20T00:00:00Z")
    book.move("2026-03-04 00:00:00", 1, "suspended")
    book.move("2026-03-05 00:00:00", 1, "in_progress")
    book.move("2026-03-06 00:00:00", 1, "closed")
    later = at("2026-03-20 08:00:00")
    assert folded(book.entries)[1].spells == (
        Spell(at(OPENED), at(DUE)),
        Spell(at("2026-03-03 00:00:00"), later),
        Spell(at("2026-03-04 00:00:00"), None),
        Spell(at("2026-03-05 00:00:00"), later),
        Spell(at("2026-03-06 00:00:00"), None),
    )


@pytest.mark.parametrize("state", ["declined", "false_alarm", "merged"])
def test_what_is_no_problem_of_its_own_is_not_real_and_not_closed(book: Book, state: str) -> None:
    book.move("2026-03-02 00:00:00", 1, state)
    one: Problem = folded(book.entries)[1]
    assert (one.is_real, one.closed_at, one.state) == (False, None, State(state))


def test_reports_are_counted(book: Book) -> None:
    for day in (2, 3):
        book.write(f"2026-03-0{day} 00:00:00", "ticket.reported", "ticket:1")
    assert folded(book.entries)[1].repeat_reports == 2
