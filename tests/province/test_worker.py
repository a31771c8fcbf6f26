"""A worker's hands: nothing is settled that is not committed, nothing holds up the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

from xunhe.adapters.province.intake import Carried
from xunhe.adapters.province.line import Delivered
from xunhe.adapters.province.worker import Worker

POISON = Carried("G1", b"poison")
STORE_FAILS = sa.exc.OperationalError("COMMIT", None, Exception("disk full"))


@dataclass
class FakeLine:
    """Hands out what it was given, once."""

    waiting: list[Carried]
    settled: list[bytes] = field(default_factory=list)
    is_up: bool = True

    def fetch(self, most: int, wait_s: float) -> list[Delivered]:
        batch, self.waiting = self.waiting[:most], self.waiting[most:]
        return [Delivered(each, None) for each in batch]

    def settle(self, batch: Sequence[Delivered], receipts: Mapping[str, bytes]) -> None:
        self.settled += [each.carried.wire for each in batch]

    def close(self) -> None:
        pass


@dataclass
class FakeIntake:
    """Fails at poison; fails as the store does, the first so many times."""

    store_fails: int = 0
    taken: list[bytes] = field(default_factory=list)
    aside: list[bytes] = field(default_factory=list)

    def take(self, batch: Sequence[Carried]) -> dict[str, bytes]:
        if self.store_fails:
            self.store_fails -= 1
            raise STORE_FAILS
        if POISON in batch:
            raise ZeroDivisionError
        self.taken += [each.wire for each in batch]
        return {"G1": b"receipt"}

    def set_aside(self, carried: Carried) -> None:
        self.aside.append(carried.wire)


def parcels(*names: str) -> list[Carried]:
    return [Carried("G1", name.encode()) for name in names]


def worker(line: FakeLine, intake: FakeIntake, most: int = 100) -> Worker:
    return Worker(line, intake, most, lambda: None, lambda _: None)


def test_a_batch_is_committed_and_then_settled() -> None:
    line, intake = FakeLine(parcels("a", "b", "c")), FakeIntake()
    hands = worker(line, intake, most=2)
    hands.step()
    assert line.settled == [b"a", b"b"]
    hands.step()
    assert line.settled == intake.taken == [b"a", b"b", b"c"]
    assert hands.taken == 3


def test_nothing_is_settled_while_the_store_fails_and_everything_after() -> None:
    line, intake = FakeLine(parcels("a", "b")), FakeIntake(store_fails=10)
    hands = worker(line, intake)
    for _ in range(10):
        hands.step()
        assert line.settled == []
    hands.step()
    assert line.settled == [b"a", b"b"]
    assert intake.aside == []


def test_a_poisonous_parcel_is_set_aside_and_holds_up_nothing_else() -> None:
    line, intake = FakeLine([*parcels("a"), POISON, *parcels("b")]), FakeIntake()
    hands = worker(line, intake)
    for _ in range(12):
        try:
            hands.step()
        except ZeroDivisionError:
            continue
    assert intake.taken == [b"a", b"b"]
    assert intake.aside == [b"poison"]
    assert sorted(line.settled) == [b"a", b"b", b"poison"]


def test_the_desks_own_error_is_told_to_the_supervisor() -> None:
    hands = worker(FakeLine([POISON]), FakeIntake())
    with pytest.raises(ZeroDivisionError):
        hands.step()


def test_a_worker_without_parcels_does_nothing() -> None:
    line, intake = FakeLine([]), FakeIntake()
    worker(line, intake).step()
    assert (line.settled, intake.taken) == ([], [])
