"""Reports wait for the store: in order, none lost, none that holds up the others."""

from contextlib import suppress

import pytest
import sqlalchemy as sa

from tests.gateway.river_cameras import SEEN, litter
from xunhe.adapters.camera.inbox import Inbox
from xunhe.adapters.camera.messages import Report, Seen, Told

FIRST, SECOND = Seen(SEEN, None, {}, {}), Seen(litter(), None, {}, {})
FULL = sa.exc.OperationalError("INSERT", {}, Exception("database or disk is full"))


def told(state: str, camera: str = "YX-C1") -> Told:
    return Told(camera, 0.0, state, "", "", {}, {})


class Store:
    """Keeps what it is given, unless it has an error to raise."""

    def __init__(self) -> None:
        self.kept: list[Report] = []
        self.aside: list[Report] = []
        self.errors: dict[int, Exception] = {}  # by id of the report
        self.inbox = Inbox(self.keep, self.aside.append)

    def keep(self, report: Report) -> None:
        if error := self.errors.get(id(report)):
            raise error
        self.kept.append(report)

    def work(self, times: int = 1) -> None:
        for _ in range(times):
            with suppress(OSError, KeyError, sa.exc.OperationalError):
                self.inbox.work()


@pytest.fixture
def store() -> Store:
    return Store()


def test_reports_are_stored_in_their_order(store: Store) -> None:
    for report in (FIRST, told("live"), SECOND):
        store.inbox.put(report)
    store.inbox.work()
    assert store.kept == [FIRST, told("live"), SECOND]


@pytest.mark.parametrize("error", [FULL, OSError(28, "No space left on device")])
def test_while_the_store_fails_a_report_is_tried_for_ever(store: Store, error: Exception) -> None:
    store.inbox.put(FIRST)
    store.inbox.put(SECOND)
    store.errors[id(FIRST)] = error
    with pytest.raises(type(error)):
        store.inbox.work()
    store.work(times=50)
    assert store.kept == store.aside == []
    store.errors.clear()
    store.work()
    assert store.kept == [FIRST, SECOND]


def test_a_report_at_which_the_gateway_fails_is_set_aside_and_the_next_is_stored(
    store: Store,
) -> None:
    store.inbox.put(FIRST)
    store.inbox.put(SECOND)
    store.errors[id(FIRST)] = KeyError("a mistake of ours")
    store.work(times=5)
    assert store.kept == store.aside == []
    store.work()
    assert (store.kept, store.aside) == ([SECOND], [FIRST])


def test_of_a_cameras_states_only_the_newest_waits(store: Store) -> None:
    store.errors[id(FIRST)] = FULL
    store.inbox.put(FIRST)
    for state in ("connecting", "live", "stalled"):
        store.inbox.put(told(state))
        store.inbox.put(told("live", "YX-C2"))
        store.work()
    store.errors.clear()
    store.work()
    assert store.kept == [FIRST, told("stalled"), told("live", "YX-C2")]


def test_a_state_that_is_replaced_leaves_its_successor_all_its_tries(store: Store) -> None:
    wrong, right = told("live"), told("stalled")
    store.errors[id(wrong)] = KeyError("a mistake of ours")
    store.inbox.put(wrong)
    store.work(times=5)
    store.inbox.put(right)
    store.work()
    assert (store.kept, store.aside) == ([right], [])
