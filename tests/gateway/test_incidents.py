"""One discharge, one incident, one ticket: joining along the river, routing, restarts, order."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START, Buoy, Site, StandingClock, minutes
from tests.gateway.test_ingest import rows
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import schema, taken
from xunhe.adapters.store.database import Database
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry

pytestmark = pytest.mark.on_both_engines

STATIONS = ("YX-S1", "YX-S2", "YX-S3")
STEP_MIN = 4  # between samples
ROUNDS = 60 // STEP_MIN  # of the buoys in an hour


def arrival(registry: Registry, station: str) -> timedelta:
    """When a plume that reaches S1 after two hours reaches a station."""
    travel_s = Network(registry).travel_s("YX-S1", station)
    assert travel_s is not None
    return minutes(120) + timedelta(seconds=travel_s)


def discharge(registry: Registry, buoys: dict[str, Buoy], hours: float) -> list[Message]:
    """The frames of three buoys, in time order, while a plume of 90 minutes passes them."""
    messages = []
    for i in range(int(hours * ROUNDS)):
        at = START + minutes(STEP_MIN * i)
        for code in STATIONS:
            inside = minutes(0) <= at - START - arrival(registry, code) < minutes(90)
            nh3n, do = (3.1, 5.1) if inside else (0.35, 7.2)
            record = buoys[code].read(at, nh3n_mg_l=nh3n, do_mg_l=do)
            messages.append(buoys[code].send(record))
    return messages


def tickets(database: Database) -> list[Any]:
    return rows(database, schema.ticket)


@pytest.fixture
def late(site: Site) -> Site:
    """The gateway's clock stands at the end of the story."""
    site.clock.at = START + timedelta(hours=9)
    return site


def test_one_discharge_at_three_buoys_is_one_ticket_at_the_first_reach(late: Site) -> None:
    late.ingest.take(discharge(late.registry, late.buoys, 8))
    (ticket,) = tickets(late.database)
    assert (ticket.reach, ticket.post, ticket.state) == ("YX-1", "VILLAGE-1", "unverified")
    assert ticket.number == "XH-2026-0001"
    assert ticket.due_at == late.clock.at + timedelta(hours=24)
    alerts = rows(late.database, schema.alert)
    assert {alert.station for alert in alerts} == set(STATIONS)
    assert len({alert.incident_id for alert in alerts}) == 1


def test_the_incident_ends_when_the_last_alert_has_cleared(late: Site) -> None:
    late.ingest.take(discharge(late.registry, late.buoys, 9))
    (incident,) = rows(late.database, schema.incident)
    last = max(alert.ended_at for alert in rows(late.database, schema.alert))
    assert incident.ended_at == last
    assert incident.severity == "severe"
    (ticket,) = tickets(late.database)
    assert ticket.state == "unverified", "the river's recovery alone never closes a ticket"


def test_ticket_outbox_and_events_are_written_together(late: Site) -> None:
    late.ingest.take(discharge(late.registry, late.buoys, 8))
    (sent,) = rows(late.database, schema.outbox)
    assert sent.key == "ticket:1:opened"
    assert sent.payload["post"] == "VILLAGE-1"
    kinds = [event.kind for event in rows(late.database, schema.event)]
    assert kinds.count("ticket") == 1
    assert kinds.count("alert") == len(rows(late.database, schema.alert))
    (entry,) = rows(late.database, schema.desk_log)
    assert (entry.actor, entry.kind, entry.subject) == ("xunhe", "ticket.opened", "ticket:1")


@pytest.mark.parametrize("batch", [1, 7, 100])
def test_a_restart_after_every_batch_changes_nothing(late: Site, batch: int) -> None:
    messages = discharge(late.registry, late.buoys, 5)
    for i in range(0, len(messages), batch):
        ingest = Ingest(late.database, late.registry, late.clock, shipped())
        ingest.take(messages[i : i + batch])
    assert len(tickets(late.database)) == 1
    assert len(rows(late.database, schema.incident)) == 1
    assert len(rows(late.database, schema.record)) == len(messages)


def test_every_frame_ten_times_gives_one_ticket_and_no_second_reading(late: Site) -> None:
    messages = discharge(late.registry, late.buoys, 5)
    for message in messages:
        late.ingest.take([message] * 10)
    assert len(tickets(late.database)) == 1
    assert len(rows(late.database, schema.record)) == len(messages)


def test_backlogs_in_any_order_of_the_buoys_give_one_ticket(late: Site) -> None:
    messages = discharge(late.registry, late.buoys, 8)
    for code in reversed(STATIONS):  # the lowest buoy is heard first
        late.ingest.take([m for m in messages if m.topic.split("/")[2] == code])
    assert len(tickets(late.database)) == 1
    assert len(rows(late.database, schema.incident)) == 1


def test_live_data_first_and_the_backlog_of_days_after_it_are_judged_alike(site: Site) -> None:
    site.clock.at = START + timedelta(days=3)
    backlog = discharge(site.registry, site.buoys, 6)
    live = site.buoys["YX-S1"].send(site.buoys["YX-S1"].read(site.clock.at))
    for message in [live, *backlog]:
        site.ingest.take([message])
    assert [t.post for t in tickets(site.database)] == ["VILLAGE-1"]
    first = min(alert.started_at for alert in rows(site.database, schema.alert))
    assert minutes(120) <= first - START <= minutes(130)


def test_a_late_clean_sample_does_not_clear_what_was_found_in_later_water(late: Site) -> None:
    messages = discharge(late.registry, late.buoys, 2.5)
    held_back = messages[ROUNDS * 3 :: 3][:5]  # five clean samples of S1 from the second hour
    late.ingest.take([m for m in messages if m not in held_back])
    before = rows(late.database, schema.alert)
    late.ingest.take(held_back)
    assert rows(late.database, schema.alert) == before


def test_another_discharge_on_the_next_day_is_another_incident(site: Site) -> None:
    site.clock.at = START + timedelta(days=3)
    buoy = site.buoys["YX-S1"]
    for i in range(30 * ROUNDS):
        at = START + minutes(STEP_MIN * i)
        inside = 2 <= (STEP_MIN * i / 60) % 24 < 3.5
        nh3n = 3.1 if inside else 0.35
        site.ingest.take([buoy.send(buoy.read(at, nh3n_mg_l=nh3n))])
    assert [t.reach for t in tickets(site.database)] == ["YX-1", "YX-1"]


def test_water_that_is_too_early_for_the_same_plume_is_an_incident_of_its_own(late: Site) -> None:
    for i in range(150):
        at = START + minutes(2 * i)
        nh3n = 3.1 if i >= 60 else 0.35  # both at once, 0.8 h of travel apart
        for code in ("YX-S1", "YX-S3"):
            late.ingest.take([late.buoys[code].send(late.buoys[code].read(at, nh3n_mg_l=nh3n))])
    assert sorted(t.post for t in tickets(late.database)) == ["VILLAGE-1", "VILLAGE-3"]


def test_a_silent_station_gets_a_ticket_of_its_own_kind(
    database: Database, ingest: Ingest, buoys: dict[str, Buoy], clock: StandingClock
) -> None:
    ingest.take([buoys["YX-S1"].send(buoys["YX-S1"].read(START))])
    clock.at = START + timedelta(hours=2)
    for code in ("YX-S1", "YX-S3"):
        ingest.take([buoys[code].send(buoys[code].read(clock.at))])
    ingest.listen()
    (incident,) = rows(database, schema.incident)
    assert (incident.kind, incident.station) == ("silent_station", "YX-S2")
    clock.at += timedelta(hours=2)
    ingest.take([buoys["YX-S2"].send(buoys["YX-S2"].read(clock.at))])
    (incident,) = rows(database, schema.incident)
    assert incident.ended_at is not None


def test_the_unique_keys_are_in_the_database_itself(database: Database) -> None:
    def insert(n: int) -> None:
        with database.write() as connection:
            connection.execute(
                schema.incident.insert().values(
                    id=n,
                    reach="YX-1",
                    kind="discharge",
                    station="YX-S1",
                    severity="minor",
                    started_at=START,
                    opened_at=START,
                )
            )

    insert(1)
    with pytest.raises(sa.exc.IntegrityError):
        insert(2)


def test_duty_follows_the_post_at_the_instant_of_the_change(registry: Registry) -> None:
    tenure = next(t for t in registry.tenures if t.post == "VILLAGE-1")
    before = tenure.since - timedelta(microseconds=1)
    assert registry.holder("VILLAGE-1", before) is None
    holder = registry.holder("VILLAGE-1", tenure.since)
    assert holder is not None
    assert holder.code == tenure.person


def test_travel_time_is_none_against_the_current(registry: Registry) -> None:
    network = Network(registry)
    assert network.travel_s("YX-S3", "YX-S1") is None
    assert network.travel_s("YX-S1", "YX-S1") == 0
    assert network.travel_s("YX-S1", "YX-S2") == pytest.approx((500 + 1300) / 0.6)


@pytest.mark.parametrize("years", [10, -10])
def test_a_clock_that_jumps_makes_nobody_silent_and_listening_goes_on(
    database: Database, ingest: Ingest, clock: StandingClock, years: int
) -> None:
    jump = years * timedelta(days=365)
    for step in (jump, -jump):
        clock.at += step
        ingest.listen()
        assert rows(database, schema.incident) == []
    for _ in range(2):
        clock.at += timedelta(hours=2)
        ingest.listen()
    assert {each.kind for each in rows(database, schema.incident)} == {"silent_station"}


def test_nobody_was_silent_while_the_store_could_take_nothing(
    database: Database,
    ingest: Ingest,
    buoys: dict[str, Buoy],
    clock: StandingClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise sa.exc.OperationalError("COMMIT", {}, OSError("disk full"))

    clock.at += timedelta(hours=2)
    frame = buoys["YX-S1"].send(buoys["YX-S1"].read(clock.at))
    with monkeypatch.context() as patched:
        patched.setattr(taken, "insert", fail)
        with pytest.raises(sa.exc.OperationalError):
            ingest.take([frame])
    ingest.take([frame])
    ingest.listen()
    assert rows(database, schema.incident) == []
