"""What the desk does by itself, on the second, once, and what follows from it."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import StandingClock
from tests.gateway.desk.books import at
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.store import desk_log, problems, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import Opening
from xunhe.adapters.supervision import circulars, escalations, lookbacks, reports, returns, tasks
from xunhe.adapters.supervision.rounds import Rounds
from xunhe.desk import scoring
from xunhe.desk.escalation import LadderError
from xunhe.desk.lights import Light
from xunhe.desk.log import Entry
from xunhe.desk.lookback import LookBackError
from xunhe.desk.machine import Action, Move
from xunhe.desk.periods import parse
from xunhe.desk.returns import ReturnError
from xunhe.desk.roles import SYSTEM, Actor, Role
from xunhe.desk.rules import DeskRules
from xunhe.desk.tasks import ListKind, Plan, TaskError
from xunhe.domain.incident import Severity
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Deadline, Source, Ticket
from xunhe.settings import SupervisionSettings

RULES = SupervisionSettings()
SECOND = timedelta(seconds=1)
OFFICE = Actor(Role.OFFICE, "office", 1)
INSPECTOR = Actor(Role.INSPECTOR, "inspector", 2)
DISTRICT = "DISTRICT"


@pytest.fixture
def rounds(database: Database, registry: Registry, clock: StandingClock) -> Rounds:
    return Rounds(database, registry, RULES, clock)


@pytest.fixture
def desk(registry: Registry) -> Desk:
    return Desk(registry, DeskRules())


def opened(database: Database, when: str, due: str, key: str = "a") -> Ticket:
    opening = Opening(
        key=key,
        source=Source.CHIEF,
        category="floating.litter",
        severity=Severity.MINOR,
        reach="YX-1",
        post="VILLAGE-1",
        at=at(when),
        deadline=Deadline(at(due)),
        reason="漂浮垃圾 / litter",
        actor=OFFICE,
    )
    with database.write() as connection:
        return tickets.open_ticket(connection, opening)


def step_at(rounds: Rounds, clock: StandingClock, when: datetime) -> None:
    clock.at = when
    rounds.step()


def kinds(database: Database, kind: str) -> list[str]:
    with database.read() as connection:
        return [entry.subject for entry in desk_log.entries(connection, kinds=[kind])]


def closed(database: Database, desk: Desk, key: str, when: str) -> Ticket:
    """A ticket that went the whole way by others than its inspector."""
    ticket = opened(database, when, "2026-12-31 18:00:00", key)
    handler = Actor(Role.CHIEF, "VILLAGE-1", 7)
    moment = at(when)
    moves = (
        Move(Action.ACCEPT, OFFICE, moment, "属实"),
        Move(Action.ASSIGN, OFFICE, moment, "交办", handler="VILLAGE-1"),
        Move(Action.START, handler, moment, "开始"),
        Move(Action.ATTACH, handler, moment, "照片", files=("0" * 64,)),
        Move(Action.DONE, handler, moment, "完成"),
        Move(Action.APPROVE, OFFICE, moment, "验收"),
        Move(Action.CLOSE, OFFICE, moment, "销号"),
    )
    with database.write() as connection:
        for move in moves:
            ticket = desk.act(connection, ticket.id, move)
    return ticket


def test_a_circular_is_published_on_the_first_at_midnight_once(
    database: Database, rounds: Rounds, clock: StandingClock
) -> None:
    opened(database, "2026-03-02 09:00:00", "2026-03-10 18:00:00")
    step_at(rounds, clock, at("2026-04-01 00:00:00") - SECOND)
    assert kinds(database, "circular.published") == []
    step_at(rounds, clock, at("2026-04-01 00:00:00"))
    step_at(rounds, clock, at("2026-04-01 00:00:00") + SECOND)
    assert kinds(database, "circular.published") == ["month:2026-03"]
    with database.read() as connection:
        (made,) = circulars.published(connection)
    assert made.posts == {"VILLAGE-1": {Light.RED: 1}, "": {Light.YELLOW: 3}}


def test_two_desks_publish_one_circular(
    database: Database, rounds: Rounds, clock: StandingClock
) -> None:
    opened(database, "2026-03-02 09:00:00", "2026-03-10 18:00:00")
    clock.at = at("2026-04-01 00:00:00")
    with database.read() as connection:
        due = circulars.due(connection, rounds.seats, RULES, clock.at)
    rounds.step()  # another process was faster
    with database.write() as connection:
        assert circulars.publish(connection, due, RULES, clock.at) == 0
    assert kinds(database, "circular.published") == ["month:2026-03"]


def test_a_desk_that_was_off_catches_up(
    database: Database, rounds: Rounds, clock: StandingClock
) -> None:
    opened(database, "2026-01-15 09:00:00", "2026-02-10 18:00:00")
    step_at(rounds, clock, at("2026-04-20 12:00:00"))
    assert kinds(database, "circular.published") == [
        "month:2026-01",
        "month:2026-02",
        "month:2026-03",
    ]
    seats = rounds.seats
    with database.read() as connection:
        tally = circulars.tally_of(connection, seats, RULES, at("2026-04-20 12:00:01"))
        found = scoring.scores(tally, parse("2026Q1"), RULES, at("2026-04-20 12:00:01"))
    assert scoring.differences(tally) == []
    reds = [line for line in found.posts["VILLAGE-1"].lines if line.ground == "red"]
    assert [line.count for line in reds] == [2]


def test_red_is_proposed_and_yellow_reminded_of(
    database: Database, rounds: Rounds, clock: StandingClock
) -> None:
    opened(database, "2026-03-02 09:00:00", "2026-03-10 18:00:00", "late")
    opened(database, "2026-03-02 09:00:00", "2026-04-10 18:00:00", "slow")
    step_at(rounds, clock, at("2026-04-01 00:00:00"))
    assert kinds(database, "escalation.proposed") == ["ticket:1"]
    assert "ticket:2" in kinds(database, "escalation.taken")
    with database.read() as connection:
        sent = list(connection.execute(sa.select(schema.outbox.c.topic)).scalars())
    assert "xunhe/v1/desk/VILLAGE-1/supervision" in sent


def test_a_person_takes_the_step_and_the_desk_cannot(
    database: Database, rounds: Rounds, clock: StandingClock
) -> None:
    opened(database, "2026-03-02 09:00:00", "2026-03-10 18:00:00")
    now = at("2026-04-01 00:00:00")
    step_at(rounds, clock, now)
    with database.write() as connection:
        with pytest.raises(LadderError, match="person"):
            escalations.take(connection, "ticket:1", "自动", SYSTEM.code, RULES, now)
        taken = escalations.take(connection, "ticket:1", "约谈责任人", DISTRICT, RULES, now)
        assert taken.data["title"] == "约谈"
        with pytest.raises(LadderError, match="nothing is proposed"):
            escalations.take(connection, "ticket:1", "再次", DISTRICT, RULES, now)
    step_at(rounds, clock, at("2026-05-01 00:00:00"))
    with database.read() as connection:
        waiting = escalations.steps(connection).waiting["ticket:1"]
    assert waiting.data["title"] == "通报"


def test_reports_again_and_again_are_proposed_once_even_if_declined(
    database: Database, rounds: Rounds, clock: StandingClock, desk: Desk
) -> None:
    ticket = opened(database, "2026-03-02 09:00:00", "2026-12-10 18:00:00")
    now = at("2026-03-05 09:00:00")
    for count in (1, 2, 3):
        with database.write() as connection:
            desk.act(connection, ticket.id, Move(Action.REPORT, SYSTEM, now, f"第{count}次"))
        step_at(rounds, clock, now)
        assert len(kinds(database, "escalation.proposed")) == (count == 3)
    with database.write() as connection:
        escalations.decline(connection, "ticket:1", "已安排", DISTRICT, now)
    step_at(rounds, clock, now + SECOND)
    assert kinds(database, "escalation.proposed") == ["ticket:1"]


def test_a_quarters_sample_is_drawn_when_it_is_over_and_a_failure_reopens(
    database: Database, rounds: Rounds, clock: StandingClock, desk: Desk
) -> None:
    for k in range(3):
        closed(database, desk, f"k{k}", "2026-08-10 09:00:00")
    step_at(rounds, clock, at("2026-10-01 00:00:00") - SECOND)
    assert kinds(database, "lookback.drawn") == []
    now = at("2026-10-01 00:00:00")
    step_at(rounds, clock, now)
    step_at(rounds, clock, now + SECOND)
    assert kinds(database, "lookback.drawn") == ["quarter:2026Q3"]
    bad, good, _ = (
        lookbacks.Inspection(k, "2026Q3", holds, "现场")
        for k, holds in ((1, False), (2, True), (3, True))
    )
    with database.write() as connection:
        lookbacks.inspect(connection, desk, bad, INSPECTOR, now)
        found = lookbacks.inspect(connection, desk, good, INSPECTOR, now)
        assert (found.failed, found.held, found.waiting) == ((1,), (2,), (3,))
        reopened = desk.find(connection, 1)
        with pytest.raises(LookBackError):
            lookbacks.inspect(connection, desk, good, INSPECTOR, now)
    assert (reopened.is_chronic, reopened.round, reopened.state.is_open) == (True, 2, True)
    with database.read() as connection:
        history = [
            e.data["to"] for e in desk_log.entries(connection, subject="ticket:1") if "to" in e.data
        ]
    assert history[-2:] == ["closed", "reopened"]


@pytest.mark.parametrize(
    ("when", "reminded"),
    [
        ("2026-03-19 23:59:59", False),
        ("2026-03-20 00:00:00", True),
        ("2026-03-25 23:59:59", True),
        ("2026-03-26 00:00:00", False),
    ],
)
def test_villages_without_an_entry_are_reminded_from_the_20th(
    database: Database, rounds: Rounds, clock: StandingClock, when: str, reminded: bool
) -> None:
    opened(database, "2026-03-02 09:00:00", "2026-05-10 18:00:00")
    step_at(rounds, clock, at(when))
    step_at(rounds, clock, at(when))
    units = kinds(database, "ledger.reminded")
    assert len(units) == (3 if reminded else 0)
    assert "unit:U-VILLAGE-1" not in units


@pytest.mark.parametrize(
    ("when", "late"),
    [("2026-04-01 17:59:59", False), ("2026-04-01 18:00:00", True)],
)
def test_a_return_is_flagged_late_at_six(database: Database, when: str, late: bool) -> None:
    with database.write() as connection:
        entry = returns.submit(
            connection, "U-VILLAGE-1", parse("2026-03"), "已完成", "VILLAGE-1", RULES, at(when)
        )
        assert entry.data["is_late"] is late
        with pytest.raises(ReturnError, match="已上报"):
            returns.submit(
                connection, "U-VILLAGE-1", parse("2026-03"), "又", "VILLAGE-1", RULES, at(when)
            )


def test_a_return_is_not_taken_before_the_months_last_day(database: Database) -> None:
    with database.write() as connection, pytest.raises(ReturnError, match="尚未结束"):
        returns.submit(
            connection, "U", parse("2026-03"), "早", "V", RULES, at("2026-03-30 23:59:59")
        )


@pytest.mark.parametrize("when", ["2026-03-31 00:00:00", "2026-03-31 00:00:01"])
def test_a_return_is_taken_from_the_first_second_of_the_months_last_day(
    database: Database, when: str
) -> None:
    with database.write() as connection:
        entry = returns.submit(connection, "U", parse("2026-03"), "已完成", "V", RULES, at(when))
    assert entry.data["is_late"] is False


def test_a_task_is_extended_only_to_after_its_deadline(database: Database) -> None:
    now, due = at("2026-03-03 09:00:00"), at("2026-12-20 18:00:00")
    plan = Plan(ListKind.MEASURES, 2026, "清淤", "", "U", "V", "km", (1, 2, 3, 4), due)
    with database.write() as connection:
        tasks.plan(connection, "T-1", plan, "office", now)
        for seconds in (-1, 0):
            with pytest.raises(TaskError, match="延期须晚于"):
                tasks.extend(connection, "T-1", due + seconds * SECOND, "汛期", "office", now)
        tasks.extend(connection, "T-1", due + SECOND, "汛期", "office", now)
        assert tasks.task(connection, "T-1").due_at == due + SECOND


def test_an_instruction_is_due_after_the_second_in_which_it_is_given(database: Database) -> None:
    opened(database, "2026-03-02 09:00:00", "2026-05-10 18:00:00")
    now = at("2026-03-03 09:00:00")

    def due(seconds: int) -> Entry:
        with database.write() as connection:
            return escalations.instruct(
                connection, "ticket:1", "限期整改", now + seconds * SECOND, "DISTRICT", now
            )

    for seconds in (-1, 0):
        with pytest.raises(LadderError, match="批示时限"):
            due(seconds)
    assert due(1).kind == "escalation.instructed"


def test_the_report_from_the_tables_is_that_of_the_log(
    database: Database, rounds: Rounds, clock: StandingClock, desk: Desk
) -> None:
    closed(database, desk, "done", "2026-03-03 09:00:00")
    opened(database, "2026-03-05 09:00:00", "2026-03-10 18:00:00", "late")
    now = at("2026-04-01 18:00:00")
    step_at(rounds, clock, now)
    march = parse("2026-03")
    with database.write() as connection:
        tasks.post_problem(connection, 2, 2026, DISTRICT, now)
        returns.submit(connection, "U-VILLAGE-1", march, "月报", "VILLAGE-1", RULES, now)
    with database.read() as connection:
        found = reports.of_period(connection, rounds.registry, RULES, march, now)
        tally = circulars.tally_of(connection, rounds.seats, RULES, march.end)
        assert [one.id for one in problems.of_period(connection, march)] == [1, 2]
    assert (found.found, found.closed, found.still_open) == (2, 1, 1)
    real = [one for one in tally.problems.values() if one.is_real]
    assert (len(real), sum(one.was_closed(march.end) for one in real)) == (2, 1)
    assert found.exposure.sentence_zh() == "2026年曝光突出问题1个，已销号0个，正在整改1个"
    assert found.late_returns == ("U-VILLAGE-1",)
    assert len(found.missing_returns) == 3
    assert found.lights["2026-03"][Light.RED] == 1
