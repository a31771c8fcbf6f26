"""What was raised is found again, in its order, with all that a receiver needs."""

from datetime import timedelta

from tests.gateway.conftest import START, Buoy, StandingClock
from tests.gateway.test_incidents import discharge
from tests.gateway.test_ingest import rows
from xunhe.adapters.ingest import Ingest, Terms
from xunhe.adapters.outbox.pruning import KEPT, prune
from xunhe.adapters.outbox.sources import Events, Raised, Readings
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import deliveries, schema
from xunhe.adapters.store.database import Database
from xunhe.domain.outward import Message
from xunhe.domain.registry import Registry


def forwarding(database: Database, registry: Registry, clock: StandingClock) -> Ingest:
    return Ingest(database, registry, clock, shipped(), terms=Terms(sends_on=True))


def test_samples_are_found_in_the_order_in_which_they_came_in(
    database: Database, registry: Registry, buoys: dict[str, Buoy], clock: StandingClock
) -> None:
    clock.at = START + timedelta(hours=7)
    forwarding(database, registry, clock).take(discharge(registry, buoys, 3))
    with database.read() as connection:
        found = Readings().after(connection, 0, 10_000)
        assert Readings().newest(connection) == found[-1][0] == len(found)
    message = found[0][1]
    assert message.lane == message.body["station"]
    value, flag = message.body["values"]["nh3n_mg_l"]
    assert (value > 0, flag) == (True, 1)
    assert len({each.key for _, each in found}) == len(rows(database, schema.record))


def test_nobody_outside_costs_nothing(
    ingest: Ingest, database: Database, registry: Registry, buoys: dict[str, Buoy]
) -> None:
    ingest.take(discharge(registry, buoys, 1))
    assert rows(database, schema.arrival) == []


def test_tickets_and_alerts_are_found_with_their_kind(
    ingest: Ingest,
    database: Database,
    registry: Registry,
    buoys: dict[str, Buoy],
    clock: StandingClock,
) -> None:
    clock.at = START + timedelta(hours=7)
    ingest.take(discharge(registry, buoys, 3))
    with database.read() as connection:
        ((position, ticket),) = Raised().after(connection, 0, 10)
        kinds = [event.kind for _, event in Events().after(connection, 0, 100)]
        assert Raised().after(connection, position, 10) == []
    assert ticket.kind == "tickets"
    assert ticket.body["topic"] == "xunhe/v1/desk/VILLAGE-1/tickets"
    assert {"alert", "incident", "ticket"} <= set(kinds)


def test_a_sample_is_forgotten_once_every_destination_has_planned_it(
    database: Database, registry: Registry, buoys: dict[str, Buoy], clock: StandingClock
) -> None:
    clock.at = START + timedelta(hours=7)
    forwarding(database, registry, clock).take(discharge(registry, buoys, 3))
    with database.write() as connection:
        deliveries.set_mark(connection, "quick", "arrival", 90)
        deliveries.set_mark(connection, "slow", "arrival", 5)
        deliveries.set_mark(connection, "gone", "arrival", 1)
        prune(connection, clock.now(), ["quick", "slow"])
        assert Readings().after(connection, 0, 1)[0][0] == 6


def test_a_delivery_is_forgotten_a_week_after_it_arrived(database: Database) -> None:
    message = Message("a", "ticket", START, {})
    with database.write() as connection:
        deliveries.add(connection, "receiver", [message], START)
        deliveries.sent(connection, [1], START)
        assert prune(connection, START + KEPT, []) == 0
        assert prune(connection, START + KEPT + timedelta(milliseconds=1), []) == 1
