"""The list, the board and the lights in SQL, held against the rules, instant by instant."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from xunhe.adapters.store import problems, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.problems import Lamp
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.adapters.store.ticket_rows import row_of
from xunhe.desk.lights import Light, light
from xunhe.desk.periods import Span, period_at
from xunhe.desk.problems import standing
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Deadline, Source, State, Ticket
from xunhe.settings import SupervisionSettings

RULES = SupervisionSettings()
MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)


def made(number: int, **other: object) -> Ticket:
    ticket = Ticket(
        0, f"XH-{number}", Source.CAMERA, "floating.litter", Severity.MINOR, "YX-1", "VILLAGE-1",
        State.ACCEPTED, START, START, Deadline(START + 10 * DAY),
    )  # fmt: skip
    return replace(ticket, **other)  # type: ignore[arg-type]


def keep(database: Database, *tickets: Ticket) -> None:
    with database.write() as connection:
        for ticket in tickets:
            row = {**row_of(ticket), "opening_key": ticket.number}
            connection.execute(schema.ticket.insert().values(**row))


def lights(database: Database, at: datetime, warned: tuple[int, ...] = ()) -> dict[int, Light]:
    lamp = Lamp(at, RULES, warned)
    with database.read() as connection:
        return {
            one.ticket.id: one.light for one in problems.listed(connection, Filters(), lamp, 500, 0)
        }


def by_rule(database: Database, at: datetime, warned: tuple[int, ...] = ()) -> dict[int, Light]:
    with database.read() as connection:
        ids = list(connection.execute(sa.select(schema.ticket.c.id)).scalars())
        found = problems.of_ids(connection, ids)
    return {
        one.id: light(standing(one, at, one.id in warned, RULES), at, RULES.tolerance)[0]
        for one in found
    }


def test_the_light_in_sql_is_that_of_the_rules_at_every_threshold(database: Database) -> None:
    states = list(State)
    keep(database, *(made(k, state=state, paused_s=p) for k, (state, p) in enumerate(
        (state, pause) for state in states for pause in (0.0, 0.001, 3600.1)
    )))  # fmt: skip
    pauses = [timedelta(seconds=s) for s in (0, 0.001, 3600.1)]
    for fraction in (RULES.in_hands_by, RULES.handled_by, 1.0):
        for pause in pauses:
            instant = START + pause + fraction * (10 * DAY - pause)
            instant = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
            for at in (instant - MS, instant, instant + MS):
                assert lights(database, at) == by_rule(database, at)


def test_the_light_in_sql_is_that_of_the_rules_for_random_tickets(database: Database) -> None:
    random = Random(20)
    keep(
        database,
        *(
            made(
                k,
                state=random.choice(list(State)),
                deadline=Deadline(START + random.uniform(0.01, 40) * DAY),
                paused_s=random.choice([0.0, random.uniform(0, 1e5)]),
            )
            for k in range(300)
        ),
    )
    warned = tuple(random.sample(range(1, 301), 30))
    for _ in range(20):
        at = START + timedelta(milliseconds=random.randrange(45 * 86_400_000))
        assert lights(database, at, warned) == by_rule(database, at, warned)


def test_the_board_counts_open_tickets_only(database: Database) -> None:
    keep(
        database,
        made(1),
        made(2, state=State.CLOSED, closed_at=START),
        made(3, post="VILLAGE-2", state=State.HANDLED),
        made(4, deadline=Deadline(START + DAY)),
    )
    with database.read() as connection:
        found = problems.board(connection, Lamp(START + 2 * DAY, RULES))
    assert found == {
        "VILLAGE-1": {Light.GREEN: 1, Light.RED: 1},
        "VILLAGE-2": {Light.GREEN: 1},
    }


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        (Filters(), [4, 3, 2, 1]),
        (Filters(state=State.CLOSED), [2]),
        (Filters(is_open=True), [4, 3, 1]),
        (Filters(is_open=False), [2]),
        (Filters(light=Light.RED), [4]),
        (Filters(light=Light.GREEN), [3, 1]),
        (Filters(posts={"VILLAGE-2"}), [3]),
        (Filters(posts=set()), []),
        (Filters(category="floating"), [4, 3, 2, 1]),
        (Filters(category="float"), []),
        (Filters(category="floating.litter"), [4, 3, 2, 1]),
        (Filters(source=Source.CHIEF), [1]),
        (Filters(severity=Severity.SEVERE), [4]),
        (Filters(opened_from=START), [4, 3, 2, 1]),
        (Filters(opened_from=START + MS), []),
        (Filters(opened_before=START), []),
        (Filters(due_before=START + DAY), []),
        (Filters(due_before=START + DAY + MS), [4]),
        (Filters(number="XH-3"), [3]),
        (Filters(is_open=True, severity=Severity.MINOR, posts={"VILLAGE-1"}), [1]),
    ],
)
def test_a_filter_keeps_what_it_names(
    database: Database, filters: Filters, numbers: list[int]
) -> None:
    keep(
        database,
        made(1, source=Source.CHIEF),
        made(2, state=State.CLOSED, closed_at=START),
        made(3, post="VILLAGE-2", state=State.HANDLED),
        made(4, deadline=Deadline(START + DAY), severity=Severity.SEVERE),
    )
    lamp = Lamp(START + 2 * DAY, RULES)
    with database.read() as connection:
        found = [one.ticket.id for one in problems.listed(connection, filters, lamp, 50, 0)]
        assert found == numbers
        assert problems.count(connection, filters, lamp) == len(numbers)
        assert [
            one.ticket.id for one in problems.listed(connection, filters, lamp, 1, 1)
        ] == numbers[1:2]


def test_a_periods_problems_are_those_opened_or_closed_in_it(database: Database) -> None:
    month = period_at(START, Span.MONTH)
    due = Deadline(month.end + 10 * DAY)
    keep(
        database,
        made(1, opened_at=month.start - MS, deadline=due),
        made(2, opened_at=month.start, deadline=due),
        made(3, opened_at=month.end - MS, deadline=due),
        made(4, opened_at=month.end, deadline=due),
        made(5, opened_at=month.start - DAY, state=State.CLOSED, closed_at=month.start),
        made(6, opened_at=month.start - DAY, state=State.FALSE_ALARM, closed_at=month.start),
        made(7, opened_at=month.start - DAY, state=State.CLOSED, closed_at=month.end),
    )
    with database.read() as connection:
        found = problems.of_period(connection, month)
        assert [one.id for one in found] == [2, 3, 5, 6]
        assert [one.closed_at for one in found[2:]] == [month.start, None]
        assert problems.closed_in(connection, month) == [5]
        assert problems.open_count(connection, month.end) == 3
