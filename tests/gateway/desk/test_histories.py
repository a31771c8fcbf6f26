"""Random histories: whatever people try, no ticket is without owner, clock or history."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gateway.desk.tickets import (
    ABOVE,
    AT,
    CALENDAR,
    EVERYBODY,
    HOUR,
    NEW,
)
from xunhe.adapters.desk_clock import DeskClock
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.store import desk_log, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.machine import RULES, Action, ForbiddenTransitionError, Move
from xunhe.desk.roles import relations
from xunhe.desk.rules import DeskRules
from xunhe.desk.steps import step
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Answer, Deadline, State, Ticket, Via

HISTORIES = 10_000
STEPS = 16
MAY_MOVE_THE_DEADLINE = {
    Action.RESUME,
    Action.RECALL,
    Action.GRANT_EXTENSION,
    Action.REOPEN,
    Action.RECOUNT,
}
STANDS = (State.SUSPENDED, State.TRANSFERRED)
HANDLERS = ("D-WATER", "VILLAGE-1", "TOWN-UPPER")


def tried(chance: random.Random, ticket: Ticket) -> Move:
    """A step that somebody tries, sensible or not, at any time, the clock set back at times."""
    at = ticket.changed_at + timedelta(minutes=chance.choice([-90, 0, 1, 30, 300, 3000]))
    return Move(
        action=chance.choice(list(Action)),
        actor=chance.choice(EVERYBODY),
        at=at,
        reason=chance.choice(["", "理由", "理由", "理由"]),
        handler=chance.choice([None, *HANDLERS]),
        via=chance.choice(list(Via)),
        deadline=chance.choice([None, Deadline(at + 200 * HOUR)]),
        until=at + chance.choice([-1, 0, 1, 50]) * HOUR,
        due_at=at + chance.choice([-1, 1, 60, 500]) * HOUR,
        into=chance.choice([None, 1, 2]),
        recipient=chance.choice([None, "公安"]),
        files=chance.choice([(), ("ab" * 32,)]),
        answer=chance.choice([*list(Answer)[1:]]),
    )


def check(before: Ticket, after: Ticket, move: Move) -> None:
    assert (after.id, after.number, after.opened_at) == (before.id, before.number, before.opened_at)
    assert after.revision == before.revision + 1
    assert after.changed_at >= before.changed_at
    assert after.post, "every ticket has an owner"
    assert (after.pause is not None) == (after.state in STANDS)
    assert (after.closed_at is None) == after.state.is_open
    if move.action not in MAY_MOVE_THE_DEADLINE:
        assert after.deadline == before.deadline
    assert after.deadline.due_at > after.opened_at
    assert after.paused_s >= before.paused_s >= 0
    assert after.round == before.round + (move.action is Action.REOPEN)
    if after.state in (State.ASSIGNED, State.IN_PROGRESS, State.HANDLED):
        assert after.handler
    if after.state is State.CLOSED:
        by, accepted = after.handled_by, after.accepted_by
        assert by is not None
        assert accepted is not None
        assert (by.code, by.person) != (accepted.code, accepted.person)
        assert by.person != accepted.person
        assert after.evidence
        assert not after.owes_feedback


def given_back(before: Ticket, after: Ticket) -> None:
    """Plain hours: what was left when the clock stopped is left again when it runs."""
    assert before.pause is not None
    left = before.deadline.due_at - before.pause.since
    stood = timedelta(seconds=after.paused_s - before.paused_s)
    if left > timedelta(0):
        assert after.deadline.due_at - (before.pause.since + stood) == left
    else:
        assert after.deadline == before.deadline


def lived(seed: int) -> Iterator[tuple[Ticket, Ticket, Move]]:
    """A history, step by step."""
    chance, ticket = random.Random(seed), NEW
    for _ in range(STEPS):
        move = tried(chance, ticket)
        if chance.random() < 0.7:  # else most histories would never leave their beginning
            move = led(chance, ticket, move)
        try:
            after = step(ticket, move, relations(move.actor, ticket, ABOVE), CALENDAR)
        except ForbiddenTransitionError:
            continue
        yield ticket, after, move
        ticket = after


def led(chance: random.Random, ticket: Ticket, move: Move) -> Move:
    """The same, of an action that leads on, by somebody who may."""
    action = chance.choice(_LEADING[ticket.state])
    may = [a for a in EVERYBODY if relations(a, ticket, ABOVE) & RULES[action].who]
    return replace(move, action=action, actor=chance.choice(may or EVERYBODY), reason="理由")


_LEADING = {
    State.UNVERIFIED: [Action.ACCEPT],
    State.ACCEPTED: [Action.ASSIGN, Action.SUSPEND],
    State.RETURNED: [Action.ASSIGN],
    State.REOPENED: [Action.ASSIGN, Action.SUSPEND],
    State.ASSIGNED: [Action.START, Action.RETURN],
    State.IN_PROGRESS: [Action.ATTACH, Action.DONE, Action.ASK_EXTENSION, Action.GRANT_EXTENSION],
    State.HANDLED: [Action.ANSWER, Action.APPROVE, Action.CLOSE, Action.REJECT],
    State.CLOSED: [Action.REOPEN, Action.ARCHIVE],
    State.ARCHIVED: [Action.REOPEN],
    State.SUSPENDED: [Action.RESUME],
    State.TRANSFERRED: [Action.RECALL],
    State.DECLINED: [Action.FEEDBACK],
    State.FALSE_ALARM: [Action.FEEDBACK],
    State.MERGED: [Action.FEEDBACK],
}


def test_ten_thousand_random_histories_keep_owner_clock_and_history() -> None:
    reached: set[State] = set()
    done: set[Action] = set()
    for seed in range(HISTORIES):
        for before, after, move in lived(seed):
            check(before, after, move)
            if move.action in (Action.RESUME, Action.RECALL):
                given_back(before, after)
            reached.add(after.state)
            done.add(move.action)
    assert reached == set(State), "the histories go everywhere"
    assert done == set(Action)


class Gateway:
    """A desk over a file, which may be stopped and started between any two steps."""

    def __init__(self, path: Path, registry: Registry) -> None:
        self.path, self.registry = path, registry
        self.start()

    def start(self) -> None:
        self.database = Database(self.path)
        self.database.migrate()
        self.desk = Desk(self.registry, DeskRules(calendar=CALENDAR))

    def restart(self) -> None:
        self.database.close()
        self.start()


@pytest.fixture
def gateway(tmp_path: Path, registry: Registry) -> Iterator[Gateway]:
    made = Gateway(tmp_path / "desk.sqlite3", registry)
    yield made
    made.database.close()


def opened(gateway: Gateway, key: str) -> Ticket:
    with gateway.database.write() as connection:
        opening = Opening(
            key, NEW.source, NEW.category, NEW.severity, NEW.reach, NEW.post, AT, NEW.deadline, "因"
        )
        return tickets.open_ticket(connection, opening)


def test_hundreds_of_histories_in_the_store_survive_restarts(gateway: Gateway) -> None:
    chance = random.Random(7)
    held: dict[int, Ticket] = {}
    for seed in range(200):
        ticket = opened(gateway, f"history:{seed}")
        held[ticket.id] = ticket
        for _ in range(5):
            ticket = _step(gateway, chance, held)
        if seed % 40 == 0:
            gateway.restart()
    gateway.restart()
    with gateway.database.read() as connection:
        assert desk_log.first_flaw(connection) is None
        for ticket in held.values():
            assert tickets.find(connection, ticket.id) == ticket
            entries = list(desk_log.entries(connection, subject=f"ticket:{ticket.id}"))
            assert [entry.data["revision"] for entry in entries] == list(
                range(1, ticket.revision + 1)
            ), "the log has every step and no other"
            assert entries[-1].data["state"] == ticket.state.value
    moves = DeskClock(gateway.database, gateway.desk).tick(AT + timedelta(days=9999))
    assert moves, "suspensions end and closed tickets are archived by themselves"


def _step(gateway: Gateway, chance: random.Random, held: dict[int, Ticket]) -> Ticket:
    """Somebody tries a step with a random ticket of those that there are."""
    ticket = held[chance.choice(list(held)[-3:])]
    move = led(chance, ticket, tried(chance, ticket))
    try:
        with gateway.database.write() as connection:
            after = gateway.desk.act(connection, ticket.id, move, revision=ticket.revision)
    except ForbiddenTransitionError:
        return ticket
    check(ticket, after, move)
    held[ticket.id] = after
    return after


def test_a_step_that_fails_midway_leaves_ticket_and_log_as_they_were(gateway: Gateway) -> None:
    ticket = opened(gateway, "one")
    move = Move(Action.ACCEPT, EVERYBODY[1], AT + HOUR, "理由")

    def fails() -> None:
        with gateway.database.write() as connection:
            gateway.desk.act(connection, ticket.id, move)
            raise OSError("power")

    with pytest.raises(OSError, match="power"):
        fails()
    with gateway.database.read() as connection:
        assert tickets.find(connection, ticket.id) == ticket
        assert len(list(desk_log.entries(connection))) == 1
