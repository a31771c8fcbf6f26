"""Rows 53, 60, 61: the ladder, and that nobody climbs it but a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.desk.books import Book
from xunhe.desk.escalation import LadderError, Step, check, counts, folded, step
from xunhe.desk.lights import Light

LADDER = 4


@pytest.mark.parametrize(
    ("colour", "taken", "is_repeated", "expected"),
    [
        (Light.GREEN, (), False, None),
        (Light.YELLOW, (), False, Step(0, True)),
        (Light.YELLOW, (0,), False, None),
        (Light.YELLOW, (1,), False, None),
        (Light.RED, (), False, Step(1, False)),
        (Light.RED, (0,), False, Step(1, False)),
        (Light.RED, (0, 1), False, Step(2, False)),
        (Light.RED, (0, 1, 2), False, Step(3, False)),
        (Light.RED, (0, 1, 2, 3), False, None),
        (Light.GREEN, (), True, Step(1, False)),
        (Light.GREEN, (1,), True, Step(2, False)),
    ],
)
def test_what_a_light_leads_to(
    colour: Light, taken: tuple[int, ...], is_repeated: bool, expected: Step | None
) -> None:
    assert step(colour, taken, is_repeated, LADDER) == expected


@given(st.sampled_from(Light), st.sets(st.integers(0, 3)), st.booleans(), st.integers(1, 6))
def test_nothing_above_a_reminder_is_automatic(
    colour: Light, taken: set[int], is_repeated: bool, ladder: int
) -> None:
    found = step(colour, taken, is_repeated, ladder)
    if found is not None:
        assert found.is_automatic == (found.rung == 0)
        assert 0 <= found.rung < ladder


@pytest.mark.parametrize("rung", [1, 2, 3])
def test_the_desk_takes_no_rung_above_a_reminder(rung: int) -> None:
    check(0, "xunhe", LADDER)
    check(rung, "DISTRICT", LADDER)
    with pytest.raises(LadderError, match="person"):
        check(rung, "xunhe", LADDER)


@pytest.mark.parametrize("rung", [-1, 3])
def test_a_rung_that_the_district_does_not_have_is_refused(rung: int) -> None:
    with pytest.raises(LadderError):
        check(rung, "DISTRICT", 3)  # 提示、约谈、通报


def test_steps_are_counted_by_their_title() -> None:
    book = Book()
    for subject in ("ticket:1", "ticket:2"):
        book.write(
            "2026-04-01 00:00:00", "escalation.taken", subject, "xunhe", rung=0, title="提醒"
        )
    for subject in ("ticket:3", "ticket:4"):
        book.write("2026-04-01 00:00:00", "escalation.proposed", subject, "xunhe", rung=1)
    book.write("2026-04-02 09:00:00", "escalation.taken", "ticket:3", rung=1, title="约谈")
    book.write("2026-04-02 09:00:00", "escalation.declined", "ticket:4", reason="已整改")
    book.write("2026-04-02 10:00:00", "escalation.instructed", "ticket:3", text="限期整改")
    assert counts(book.entries) == {"提醒": 2, "约谈": 1, "批示": 1}
    steps = folded(book.entries)
    assert steps.taken["ticket:3"] == (1,)
    assert not steps.waiting
