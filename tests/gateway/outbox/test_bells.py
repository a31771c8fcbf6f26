"""Who waits for rows hears of them with the commit, and of nothing that was rolled back."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.gateway.conftest import START, StandingClock
from tests.gateway.outbox.receiver import Given, Receiver, courier
from xunhe.adapters.outbox.courier import Courier
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.bells import ring_for
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.raised import raise_message
from xunhe.adapters.upstream.bulletins import BulletinDesk
from xunhe.domain.outward import Message
from xunhe.domain.registry import Registry
from xunhe.outward import Outward
from xunhe.supervisor import Supervisor

PATIENCE_S = 60.0
MESSAGE = Message("a", "ticket", START, {})


def test_a_bell_rings_with_the_commit_and_not_before(database: Database) -> None:
    with database.write() as connection:
        ring_for(connection, "outbox")
        assert database.bells.heard(["outbox"]) == 0
    assert database.bells.heard(["outbox"]) == 1
    assert database.bells.heard(["event"]) == 0


def test_what_was_rolled_back_rings_nothing_then_or_later(database: Database) -> None:
    def fail() -> None:
        with database.write() as connection:
            ring_for(connection, "outbox")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.write() as connection:
        ring_for(connection, "event")
    assert database.bells.heard(["outbox"]) == 0
    assert database.bells.heard(["event", "outbox"]) == 1


def test_each_way_into_a_source_rings_its_bell(database: Database) -> None:
    with database.write() as connection:
        raise_message(connection, "k", "xunhe/v1/desk/head", {}, START)
        emit(connection, "ticket", {}, START)
        deliveries.add(connection, "notify.office", [MESSAGE], START)
    names = ("outbox", "event", "notify.office")
    assert [database.bells.heard([name]) for name in names] == [1, 1, 1]


def test_sending_again_rings_for_the_link_and_an_unknown_number_for_nobody(
    database: Database,
) -> None:
    with database.write() as connection:
        deliveries.add(connection, "receiver", [MESSAGE], START)
        deliveries.failed(connection, 1, "no", None)
    with database.write() as connection:
        assert deliveries.resend(connection, 1, START)
        assert not deliveries.resend(connection, 99, START)
    assert database.bells.heard(["receiver"]) == 2


def in_a_thread(wait: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_a_ring_between_looking_and_waiting_is_not_lost(database: Database) -> None:
    bells = database.bells
    heard = bells.heard(["outbox"])
    bells.ring(["outbox"])
    waiting = in_a_thread(lambda: bells.wait(["outbox"], heard, PATIENCE_S * 10))
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive()


def test_only_its_own_bell_and_the_end_wake_a_waiter(database: Database) -> None:
    bells = database.bells
    waiting = in_a_thread(lambda: bells.wait(["outbox"], 0, PATIENCE_S * 10))
    bells.ring(["event"])
    waiting.join(0.05)
    assert waiting.is_alive()
    bells.close()
    waiting.join(PATIENCE_S)
    assert not waiting.is_alive()


@dataclass
class Counted:
    """A courier whose steps are counted; `rested` is set once it has found nothing."""

    courier: Courier
    steps: int = 0
    rested: threading.Event = field(default_factory=threading.Event)

    def __getattr__(self, name: str) -> object:
        return getattr(self.courier, name)

    def step(self) -> int:
        self.steps += 1
        done = self.courier.step()
        if not done:
            self.rested.set()
        return done


@dataclass
class Raised(Given):
    """A source whose writer rings, as the real ones do."""

    database: Database | None = None

    def raise_one(self, key: str) -> None:
        assert self.database is not None
        self.put(key)
        with self.database.write() as connection:
            ring_for(connection, self.name)


def test_an_idle_courier_sends_at_once_and_does_not_look_meanwhile(
    database: Database, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xunhe.outward._IDLE_S", PATIENCE_S * 10)
    clock, source = StandingClock(), Raised(database=database)
    arrived = threading.Event()

    class Telling(Receiver):
        def send(self, messages):  # type: ignore[no-untyped-def]
            outcomes = super().send(messages)
            if self.taken:
                arrived.set()
            return outcomes

    counted = Counted(courier(database, Telling(), source, clock))
    out = Outward(database, [counted], BulletinDesk(database, registry, clock), None)  # type: ignore[list-item]
    parts = Supervisor()
    out.start(parts)
    try:
        assert counted.rested.wait(PATIENCE_S)
        source.raise_one("a")
        assert arrived.wait(PATIENCE_S)
        parts.wait(0.1)  # whoever were busy waiting would step some dozen times
        assert counted.steps <= 4
    finally:
        database.bells.close()
        parts.stop()


def test_an_idle_courier_writes_nothing(database: Database) -> None:
    carrier = courier(database, Receiver(), Given(), StandingClock())
    with database.write():  # another writer: a step that writes would wait for it
        assert in_time(carrier.step) == 0


def in_time(step: Callable[[], int]) -> int | None:
    """What a step in a thread of its own returns; None where it does not come back."""
    found: list[int] = []
    thread = threading.Thread(target=lambda: found.append(step()), daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return found[0] if found else None
