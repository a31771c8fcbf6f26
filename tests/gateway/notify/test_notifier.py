"""From what the desk raised to what waits in a channel."""

from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.conftest import StandingClock
from tests.gateway.desk.tickets import AT, NEW
from tests.gateway.test_ingest import rows
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.notify.notifier import Notifier
from xunhe.adapters.store import deliveries, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.tickets import Opening
from xunhe.desk.machine import Action, Move
from xunhe.desk.notices import Book
from xunhe.desk.roles import Actor, Role
from xunhe.desk.rules import DeskRules
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.outward import Message
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Ticket
from xunhe.outward_settings.notify import NotifySettings, RecipientSettings

MINUTE = timedelta(minutes=1)


def recipients() -> list[RecipientSettings]:
    def one(name: str, channel: str, *offices: str) -> RecipientSettings:
        return RecipientSettings(name=name, channel=channel, offices=offices)

    return [
        one("village", "robot", "VILLAGE-1"),
        one("village-sms", "sms", "VILLAGE-1"),
        one("desk", "robot", "office"),
    ]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(AT)


@pytest.fixture
def notifier(database: Database, registry: Registry, clock: StandingClock) -> Notifier:
    rules = NotifySettings(remind_minutes=30, reminders=1, escalate_minutes=20)
    made = Notifier(
        database, registry, Book(recipients()), rules, clock, lambda n: f"https://r.example/t/{n}"
    )
    made.step()
    return made


def opened(database: Database) -> Ticket:
    opening = Opening(
        "k", NEW.source, NEW.category, NEW.severity, NEW.reach, NEW.post, AT, NEW.deadline, "氨氮"
    )
    with database.write() as connection:
        return tickets.open_ticket(connection, opening)


def waiting(database: Database) -> list[tuple[str, str]]:
    found: list[Any] = rows(database, schema.delivery)
    return [(row.destination, row.body["text"].split("\n")[0]) for row in found]


def test_everybody_of_the_office_is_told_once_however_often_it_steps(
    notifier: Notifier, database: Database
) -> None:
    opened(database)
    notifier.step()
    notifier.step()
    head = "XH-2026-0001 待核实 · 较重"
    assert waiting(database) == [("notify.robot", head), ("notify.sms", head)]


def test_silence_is_reminded_then_goes_up_until_the_office_knows(
    notifier: Notifier, database: Database, clock: StandingClock
) -> None:
    opened(database)
    for _ in range(20):
        notifier.step()
        clock.at += 10 * MINUTE
    heads = [head for _, head in waiting(database)]
    assert sum(head.startswith("【催办】") for head in heads) == 2  # one reminder by two channels
    assert waiting(database)[-1] == (
        "notify.robot",
        "【无人响应，逐级上报】XH-2026-0001 待核实 · 较重",
    )
    assert all(row.next_at is None for row in rows(database, schema.notice))


def test_a_step_of_the_ticket_ends_the_reminders(
    notifier: Notifier, database: Database, registry: Registry, clock: StandingClock
) -> None:
    ticket = opened(database)
    notifier.step()
    with database.write() as connection:
        move = Move(Action.ACCEPT, Actor(Role.OFFICE, "office", None), AT + MINUTE, "看过")
        Desk(registry, DeskRules()).act(connection, ticket.id, move)
    clock.at += 300 * MINUTE
    notifier.step()
    assert not any("催办" in head for _, head in waiting(database))
    assert not any("看过" in row.body["text"] for row in rows(database, schema.delivery))


def asleep(database: Database, registry: Registry, clock: StandingClock) -> Notifier:
    """A notifier whose only recipient has two quiet hours ahead."""
    quiet = [(AT + n * MINUTE).astimezone(SHANGHAI).time() for n in (0, 120)]
    who = {"name": "village", "channel": "robot", "offices": ("VILLAGE-1",), "quiet": quiet}
    book = Book([RecipientSettings.model_validate(who)])
    rules = NotifySettings(remind_minutes=30, reminders=1, escalate_minutes=20)
    made = Notifier(database, registry, book, rules, clock, str)
    made.step()
    return made


def test_whoever_may_sleep_is_reminded_after_having_been_told(
    database: Database, registry: Registry, clock: StandingClock
) -> None:
    notifier = asleep(database, registry, clock)
    opened(database)
    notifier.step()
    for minutes, count in ((149, 1), (150, 2)):
        clock.at = AT + minutes * MINUTE
        notifier.step()
        assert len(waiting(database)) == count
    (notice,) = rows(database, schema.notice)
    assert notice.next_at == AT + 170 * MINUTE


def test_a_reminder_that_still_waits_is_taken_back_when_somebody_has_acted(
    notifier: Notifier, database: Database, registry: Registry, clock: StandingClock
) -> None:
    ticket = opened(database)
    notifier.step()
    clock.at += 30 * MINUTE
    notifier.step()
    assert any("催办" in head for _, head in waiting(database))
    with database.write() as connection:
        sent = Message("ticket:10:1:x", "reminder", AT, {"text": "【催办】of another", "to": ""})
        deliveries.add(connection, "notify.robot", [sent], AT)
        move = Move(Action.ACCEPT, Actor(Role.OFFICE, "office", None), clock.at, "看过")
        Desk(registry, DeskRules()).act(connection, ticket.id, move)
    notifier.step()
    assert [head for _, head in waiting(database) if "催办" in head] == ["【催办】of another"]
    assert sum("待核实" in head for _, head in waiting(database)) == 2  # what was told stays


def test_what_was_raised_before_the_notifier_was_there_is_not_told(
    database: Database, registry: Registry, clock: StandingClock
) -> None:
    opened(database)
    late = Notifier(database, registry, Book(recipients()), NotifySettings(), clock, str)
    late.step()
    late.step()
    assert waiting(database) == []
