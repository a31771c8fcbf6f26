"""The river is asked after the work; what comes back is the old problem, with its history."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import START
from tests.gateway.desk.tickets import HOUR, INSPECTOR, OFFICE, VILLAGE, WORKER
from xunhe.adapters.desk_clock import DeskClock
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import desk_log, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.adapters.store.months import make_room
from xunhe.desk import agreement
from xunhe.desk.agreement import answer
from xunhe.desk.calendar import WorkCalendar
from xunhe.desk.deadline import Terms
from xunhe.desk.machine import Action, ForbiddenTransitionError, Move, Refusal
from xunhe.desk.recurrence import ClosedTicket, Place, reopened_by
from xunhe.desk.roles import Actor
from xunhe.desk.rules import DeskRules
from xunhe.domain.incident import Cleared, Finding, Rule, Severity
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Answer, State, Ticket, Watch

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
WATCH = Watch(START, START + 6 * HOUR)
RULES = DeskRules()


def says(**of: object) -> agreement.Testimony:
    return replace(agreement.Testimony("YX-S1", "", 0, False, 1), **of)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (6 * HOUR - SECOND, Answer.WATCHING),
        (6 * HOUR, Answer.AGREES),
        (6 * HOUR + SECOND, Answer.AGREES),
    ],
)
def test_the_river_answers_when_its_time_is_over(after: timedelta, expected: Answer) -> None:
    assert answer(WATCH, [says()], START + after) is expected


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([says(), says(is_alarmed=True)], Answer.DISAGREES),
        ([says(heard=0), says()], Answer.AGREES),
        ([says(heard=0)], Answer.CANNOT_TELL),
        ([says(heard=0, is_alarmed=True)], Answer.DISAGREES),
        ([], Answer.CANNOT_TELL),
    ],
)
def test_what_the_witnesses_say_together(told: list[agreement.Testimony], expected: Answer) -> None:
    assert answer(WATCH, told, WATCH.until) is expected


def test_a_new_alert_speaks_against_the_work_at_once() -> None:
    assert answer(WATCH, [says(began=1), says()], START + HOUR) is Answer.DISAGREES


@pytest.mark.parametrize(
    ("after_close", "expected"),
    [(30 * DAY - SECOND, 1), (30 * DAY, 1), (30 * DAY + SECOND, None), (-2 * HOUR, None)],
)
def test_within_n_days_it_is_the_old_problem(after_close: timedelta, expected: int | None) -> None:
    place = Place("YX-1", "discharge", "")
    closed = [ClosedTicket(1, place, START - HOUR, START)]
    assert reopened_by(place, START + after_close, closed, 30 * DAY) == expected


@pytest.mark.parametrize(
    "other", [("YX-2", "discharge", ""), ("YX-1", "dumping", ""), ("YX-1", "discharge", "水面")]
)
def test_another_reach_kind_or_zone_is_another_problem(other: tuple[str, str, str]) -> None:
    closed = [ClosedTicket(1, Place("YX-1", "discharge", ""), START, START)]
    assert reopened_by(Place(*other), START + DAY, closed, 30 * DAY) is None


@dataclass
class Story:
    """A discharge at YX-S1 and the desk that deals with it."""

    database: Database
    registry: Registry
    now: datetime = START

    def __post_init__(self) -> None:
        self.desk = Desk(self.registry, RULES)
        self.book = IncidentBook(Network(self.registry), shipped())

    def alert(self, at: datetime) -> None:
        words = ("氨氮突升", "ammonia rose")
        finding = Finding(
            Rule.AMMONIA_STEP, "YX-S1", "nh3n_mg_l", at, Severity.MAJOR, 3.1, 0.3, *words
        )
        with self.database.write() as connection:
            self.book.raise_finding(connection, finding, at)

    def clear(self, at: datetime) -> None:
        with self.database.write() as connection:
            self.book.clear(connection, Cleared(Rule.AMMONIA_STEP, "YX-S1", at), at)

    def value(self, at: datetime) -> None:
        row = {"station": "YX-S1", "property": "nh3n_mg_l", "time": at, "device": "0" * 12}
        with self.database.write() as connection:
            make_room(connection, [at])
            connection.execute(
                schema.observation.insert().values(boot=1, seq=1, value=0.3, flag=1, **row)
            )

    def act(self, action: Action, actor: Actor, **needs: object) -> Ticket:
        self.now += HOUR / 4
        move = replace(Move(action, actor, self.now, "理由"), **needs)  # type: ignore[arg-type]
        with self.database.write() as connection:
            return self.desk.act(connection, 1, move)

    def handled(self) -> Ticket:
        self.act(Action.ACCEPT, OFFICE)
        self.act(Action.ASSIGN, VILLAGE, handler="D-WATER")
        self.act(Action.START, WORKER)
        self.act(Action.ATTACH, WORKER, files=("ab" * 32,))
        return self.act(Action.DONE, WORKER)

    def tick(self, at: datetime) -> int:
        self.now = at
        return DeskClock(self.database, self.desk).tick(at)

    def closed(self) -> Ticket:
        self.alert(START)
        self.clear(START + HOUR)
        watch = self.handled().watch
        assert watch is not None
        self.value(watch.until - HOUR)
        self.tick(watch.until)
        self.act(Action.APPROVE, OFFICE)
        return self.act(Action.CLOSE, OFFICE)

    @property
    def tickets(self) -> list[Ticket]:
        with self.database.read() as connection:
            found = [tickets.find(connection, i) for i in (1, 2)]
        return [ticket for ticket in found if ticket is not None]


@pytest.fixture
def story(database: Database, registry: Registry) -> Story:
    return Story(database, registry)


def test_the_same_sensor_is_asked_and_its_answer_is_in_the_log(story: Story) -> None:
    story.alert(START)
    story.clear(START + HOUR)
    watch = story.handled().watch
    assert watch is not None
    assert watch.until - watch.since == RULES.watch
    story.value(watch.until - HOUR)
    assert story.tick(watch.until - SECOND) == 0
    with pytest.raises(ForbiddenTransitionError) as caught:
        story.act(Action.APPROVE, OFFICE)
    assert caught.value.refusal is Refusal.RIVER_WATCHED
    assert story.tick(watch.until) == 1
    assert story.tick(watch.until + HOUR) == 0, "it is asked once"
    (ticket,) = story.tickets
    assert ticket.state is State.HANDLED, "the river's recovery alone never closes"
    with story.database.read() as connection:
        *_, entry = desk_log.entries(connection, subject="ticket:1")
    assert (entry.actor, entry.kind, entry.data["answer"]) == ("xunhe", "ticket.noted", "agrees")
    (told,) = entry.data["testimonies"]  # type: ignore[misc,union-attr]
    assert told["witness"] == "YX-S1"  # type: ignore[call-overload,index]
    assert told["values"] == {"nh3n_mg_l": 0.3}  # type: ignore[call-overload,index]


def test_an_alert_during_the_watch_or_after_it_bars_the_closing(story: Story) -> None:
    story.alert(START)
    story.clear(START + HOUR)
    watch = story.handled().watch
    assert watch is not None
    story.value(watch.until - HOUR)
    story.tick(watch.until)
    story.act(Action.APPROVE, OFFICE)
    story.alert(watch.until + HOUR)
    assert story.tick(watch.until + HOUR) == 1
    with pytest.raises(ForbiddenTransitionError) as caught:
        story.act(Action.CLOSE, OFFICE)
    assert caught.value.refusal is Refusal.NOT_APPROVED
    assert len(story.tickets) == 1


def test_where_the_sensor_is_silent_nobody_can_tell(story: Story) -> None:
    story.alert(START)
    story.clear(START + HOUR)
    watch = story.handled().watch
    assert watch is not None
    story.tick(watch.until)
    (ticket,) = story.tickets
    assert ticket.watch is not None
    assert ticket.watch.answer is Answer.CANNOT_TELL


def test_a_new_incident_soon_after_opens_the_old_ticket_with_its_history(story: Story) -> None:
    closed = story.closed()
    assert closed.closed_at is not None
    story.alert(closed.closed_at + 5 * DAY)
    (ticket,) = story.tickets
    assert (ticket.state, ticket.round, ticket.is_chronic) == (State.REOPENED, 2, True)
    assert ticket.deadline.due_at == closed.closed_at + 6 * DAY
    with story.database.read() as connection:
        assert tickets.incidents_of(connection, 1) == [1, 2]
        kinds = [entry.kind for entry in desk_log.entries(connection, subject="ticket:1")]
    assert kinds[-2:] == ["ticket.linked", "ticket.moved"]


def test_long_after_it_is_a_new_ticket(story: Story) -> None:
    closed = story.closed()
    assert closed.closed_at is not None
    story.alert(closed.closed_at + 30 * DAY + SECOND)
    assert [ticket.state for ticket in story.tickets] == [State.CLOSED, State.UNVERIFIED]


def test_what_was_seen_before_the_work_and_comes_late_opens_nothing_again(story: Story) -> None:
    closed = story.closed()
    assert closed.handled_at is not None
    story.alert(START + timedelta(minutes=10))  # of the same incident
    assert [ticket.state for ticket in story.tickets] == [State.CLOSED]


def test_an_inspector_opens_a_closed_ticket_again(story: Story) -> None:
    story.closed()
    again = story.act(Action.REOPEN, INSPECTOR)
    assert (again.state, again.is_chronic) == (State.REOPENED, True)
    assert again.deadline.due_at == story.now + timedelta(hours=RULES.terms.hours)


@pytest.mark.parametrize(
    ("after", "state"), [(-SECOND, State.CLOSED), (SECOND * 0, State.ARCHIVED)]
)
def test_a_closed_ticket_is_archived_when_its_time_for_look_back_is_over(
    story: Story, after: timedelta, state: State
) -> None:
    closed = story.closed()
    assert closed.closed_at is not None
    story.tick(closed.closed_at + RULES.archive + after)
    assert story.tickets[0].state is state


@pytest.mark.parametrize(
    ("after", "state"),
    [(-SECOND, State.SUSPENDED), (SECOND * 0, State.ACCEPTED), (DAY, State.ACCEPTED)],
)
def test_a_suspension_ends_by_itself_and_gives_only_its_own_time_back(
    story: Story, after: timedelta, state: State
) -> None:
    story.alert(START)
    before = story.act(Action.ACCEPT, OFFICE)
    until = START + 10 * HOUR
    stopped = story.act(Action.SUSPEND, OFFICE, until=until)
    assert stopped.pause is not None
    story.tick(until + after)
    (ticket,) = story.tickets
    assert ticket.state is state
    if state is State.ACCEPTED:
        assert ticket.deadline.due_at - before.deadline.due_at == until - stopped.pause.since


def test_a_provisional_deadline_is_counted_again_when_the_data_arrive(
    database: Database, registry: Registry
) -> None:
    terms = Terms(working_days={"water": 60})
    story = Story(database, registry)
    lacking = WorkCalendar(years=frozenset({2026}))
    story.book = IncidentBook(Network(registry), shipped(), DeskRules(terms, lacking))
    story.alert(START + 60 * DAY)
    (before,) = story.tickets
    assert before.deadline.is_provisional
    story.desk = Desk(registry, DeskRules(terms, lacking))
    assert story.tick(START + 61 * DAY) == 0
    story.act(Action.ACCEPT, OFFICE)
    story.act(Action.SUSPEND, OFFICE, until=START + 62 * DAY)
    assert story.tick(START + 61 * DAY + HOUR) == 0, "a suspension lasts as long as it was set"
    story.act(Action.RESUME, OFFICE)
    story.desk = Desk(registry, DeskRules(terms, WorkCalendar(years=frozenset({2026, 2027}))))
    assert story.tick(START + 61 * DAY + 2 * HOUR) == 1
    (after,) = story.tickets
    assert not after.deadline.is_provisional
    with database.read() as connection:
        *_, entry = desk_log.entries(connection, subject="ticket:1")
    assert (entry.kind, entry.data["action"]) == ("ticket.due", "recount")
