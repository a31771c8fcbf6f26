"""What was raised arrives once, in order, however the receiver and the gateway fail."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START, StandingClock
from tests.gateway.desk.test_exactly_once import KILLED, ended, in_a_process
from tests.gateway.outbox.receiver import Given, Receiver, Seconds, courier
from tests.gateway.test_ingest import rows
from xunhe.adapters.store import deliveries, schema
from xunhe.adapters.store.database import Database
from xunhe.domain.outward import Message, Pace, Sent


@pytest.fixture
def source() -> Given:
    return Given()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


def test_messages_arrive_once_and_in_the_order_of_raising(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver(Pace(batch=2))
    carrier = courier(database, receiver, source, clock)
    for key in "abcde":
        source.put(key)
    while carrier.step():
        pass
    assert receiver.keys == list("abcde")
    assert carrier.step() == 0


def test_a_new_destination_begins_with_what_is_raised_from_then_on(
    database: Database, source: Given, clock: StandingClock
) -> None:
    source.put("before")
    receiver = Receiver()
    carrier = courier(database, receiver, source, clock)
    source.put("after")
    carrier.step()
    assert receiver.keys == ["after"]


def test_what_a_destination_does_not_want_is_not_planned_for_it(
    database: Database, source: Given, clock: StandingClock
) -> None:
    carrier = courier(database, Receiver(), source, clock)
    source.put("a", kind="unwanted")
    carrier.step()
    assert rows(database, schema.delivery) == []


def test_a_key_that_comes_twice_is_delivered_once(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver()
    carrier = courier(database, receiver, source, clock)
    for key in "aab":
        source.put(key)
    carrier.step()
    assert receiver.keys == ["a", "b"]


def test_a_link_that_is_down_pauses_ever_longer_and_counts_no_message_as_tried(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver, seconds = Receiver(is_down=True), Seconds()
    carrier = courier(database, receiver, source, clock, seconds)
    source.put("a")
    assert carrier.standing.is_up is False
    receiver.is_down = False
    assert carrier.step() == 0  # within the pause
    seconds.now = 1.0
    assert carrier.step() == 1
    assert carrier.standing.is_up
    assert rows(database, schema.delivery)[0].attempts == 1


def test_a_message_that_fails_holds_up_its_lane_and_no_other(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver(answers={"a1": Sent.FAILED})
    carrier = courier(database, receiver, source, clock)
    carrier.step()
    source.put("a1", lane="a")
    carrier.step()
    source.put("a2", lane="a")
    source.put("b1", lane="b")
    carrier.step()
    assert receiver.keys == ["b1"]
    receiver.answers.clear()
    clock.at += timedelta(seconds=2)
    carrier.step()
    assert receiver.keys == ["b1", "a1", "a2"]


def test_a_message_that_keeps_failing_is_put_aside_and_the_next_goes(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver(Pace(batch=1, tries=3), answers={"bad": Sent.FAILED})
    carrier = courier(database, receiver, source, clock)
    source.put("bad")
    source.put("good")
    for _ in range(3):
        carrier.step()
        assert receiver.keys == []
        clock.at += timedelta(minutes=5)
    carrier.step()
    assert receiver.keys == ["good"]
    with database.read() as connection:
        (dead,) = deliveries.dead(connection, 10)
    assert (dead.key, dead.error, dead.attempts) == ("bad", "told so", 3)


def test_a_refused_message_is_put_aside_at_once_and_can_be_sent_again(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver(answers={"bad": Sent.REFUSED})
    carrier = courier(database, receiver, source, clock)
    source.put("bad")
    carrier.step()
    receiver.answers.clear()
    with database.write() as connection:
        (dead,) = deliveries.dead(connection, 10)
        assert deliveries.resend(connection, dead.id, clock.now())
        assert not deliveries.resend(connection, dead.id, clock.now())
    carrier.step()
    assert receiver.keys == ["bad"]


def test_what_is_live_goes_before_the_backlog_which_keeps_its_order(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver(Pace(batch=2, live_for=timedelta(minutes=2)))
    carrier = courier(database, receiver, source, clock)
    for age in (9, 8, 7):
        source.put(f"old{age}", at=START - timedelta(minutes=age))
    source.put("live")
    carrier.step()
    source.put("live again")
    carrier.step()
    carrier.step()
    assert receiver.keys == ["live", "old9", "live again", "old8", "old7"]


def test_no_more_go_in_a_span_than_the_receiver_allows(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver, seconds = Receiver(Pace(most=3, every=timedelta(minutes=1))), Seconds()
    carrier = courier(database, receiver, source, clock, seconds)
    for key in "abcde":
        source.put(key)
    assert carrier.step() == 3
    assert carrier.step() == 0
    seconds.now = 59.9
    assert carrier.step() == 0
    seconds.now = 60.0
    assert carrier.step() == 2
    assert receiver.keys == list("abcde")


def test_a_call_that_is_one_text_to_its_receiver_counts_once(
    database: Database, source: Given, clock: StandingClock
) -> None:
    receiver = Receiver(Pace(batch=3, most=2, every=timedelta(minutes=1), is_one=True))
    carrier = courier(database, receiver, source, clock, Seconds())
    for key in "abcdefgh":
        source.put(key)
    assert [carrier.step() for _ in range(3)] == [3, 3, 0]


def test_a_kill_at_any_statement_loses_nothing_and_repeats_only_with_the_same_key(
    database: Database, source: Given, clock: StandingClock, tmp_path: Path
) -> None:
    log = tmp_path / "received"
    courier(database, Receiver(), source, clock)
    for key in "abcdef":
        source.put(key)
    kill_at, status = 0, KILLED
    while status == KILLED:
        kill_at += 1
        database.close()  # no connection of ours goes along into the process
        pid = in_a_process(lambda n=kill_at: _carry(str(database.url), source, log, n))  # type: ignore[misc]
        status = ended(pid)
    assert status == 0
    assert kill_at > 5  # PostgreSQL is told of fewer BEGINs
    received = log.read_text().split()
    assert list(dict.fromkeys(received)) == list("abcdef")
    assert {row.state for row in rows(database, schema.delivery)} == {"sent"}


def _carry(address: str, source: Given, log: Path, kill_at: int) -> None:
    """A gateway that dies before its so-many-th statement; the receiver's log survives it."""

    class Written(Receiver):
        def send(self, messages):  # type: ignore[no-untyped-def]
            outcomes = super().send(messages)
            with log.open("a") as file:
                file.writelines(f"{message.key}\n" for message in messages)
            return outcomes

    database = Database(address)
    left = kill_at

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(KILLED)

    carrier = courier(database, Written(Pace(batch=2)), source, StandingClock())
    while carrier.step():
        pass


@pytest.mark.parametrize(
    ("ahead", "arrived"),
    [
        (deliveries.LONGEST_PAUSE, []),
        (deliveries.LONGEST_PAUSE + timedelta(seconds=1), ["a"]),
        (timedelta(days=3652), ["a"]),
    ],
)
def test_what_was_planned_by_a_clock_that_was_ahead_goes_when_the_clock_is_back(
    database: Database, clock: StandingClock, ahead: timedelta, arrived: list[str]
) -> None:
    receiver = Receiver()
    carrier = courier(database, receiver, Given(), clock)
    message = Message("a", "ticket", clock.at, {})
    with database.write() as connection:
        deliveries.add(connection, receiver.name, [message], clock.at + ahead)
    carrier.step()
    assert receiver.keys == arrived
