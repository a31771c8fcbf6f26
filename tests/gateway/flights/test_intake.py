"""Flights come in once, whole or not at all: incidents, tickets, evidence, the patrol."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.gateway.conftest import START
from tests.gateway.flights.conftest import Hangar
from tests.gateway.flights.reported import AT, BEGAN, MOUTH, REACH, flight, found, metres_east
from xunhe.adapters.flights.refused import FlightError
from xunhe.adapters.store import flights, silences
from xunhe.alerts.muting import Labels
from xunhe.domain.finding import FindingKind, FindingStatus
from xunhe.domain.flight import Coverage

EVERYTHING = ("incident", "alert", "ticket", "desk_log", "outbox", "event", "evidence", "counter")
FLIGHTS = ("flight", "flight_finding", "patrol", "patrol_track")


def test_a_finding_is_incident_ticket_message_and_evidence(hangar: Hangar) -> None:
    taken = hangar.take(flight([found()]))
    (incident,), (alert,) = hangar.rows("incident"), hangar.rows("alert")
    (ticket,), (message,) = hangar.rows("ticket"), hangar.rows("outbox")
    assert (incident.kind, incident.reach) == ("floating_litter", REACH)
    assert (incident.station, incident.zone) == ("Mavic 3E", "9f2c000000000001/F01")
    assert (alert.rule, alert.count, alert.area_m2) == ("seen_litter", 4, 1.5)
    assert (alert.lon, alert.lat) == AT
    assert alert.started_at == BEGAN + timedelta(seconds=20)
    assert (ticket.source, ticket.category) == ("drone", "floating.litter")
    assert (ticket.post, ticket.lon, ticket.lat) == ("VILLAGE-2", *AT)
    assert message.payload["ticket_id"] == ticket.id
    kept = {row.role: row for row in hangar.rows("evidence")}
    assert set(kept) == {"picture", "track"}
    for row in kept.values():
        assert (row.incident_id, row.alert_id) == (incident.id, alert.id)
        assert hangar.evidence.read(row.sha256)
    (finding,) = hangar.rows("flight_finding")
    assert (finding.flight_id, finding.incident_id) == (taken.id, incident.id)
    assert finding.picture == kept["picture"].sha256


def test_the_same_flight_twice_changes_nothing(hangar: Hangar) -> None:
    brought = flight([found(), found("F02", FindingKind.MAT, metres_east(AT, 80))])
    first = hangar.take(brought)
    before = hangar.rows(*EVERYTHING, *FLIGHTS)
    again = hangar.take(replace(brought, film="copied.MP4", findings=()))
    assert (first.is_new, again.is_new, again.id) == (True, False, first.id)
    assert hangar.rows(*EVERYTHING, *FLIGHTS) == before


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"began": None}, "no clock"),
        ({"began": START + timedelta(minutes=3)}, "future"),
        ({"reach": "YX-9"}, "not registered"),
    ],
)
def test_a_flight_that_cannot_be_is_refused_whole(
    hangar: Hangar, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(FlightError, match=said):
        hangar.take(flight([found()], **changed))  # type: ignore[arg-type]
    assert hangar.rows(*EVERYTHING, *FLIGHTS) == []


def test_a_clock_two_minutes_ahead_is_not_the_future(hangar: Hangar) -> None:
    assert hangar.take(flight(began=START + timedelta(minutes=2))).is_new


def test_the_patrol_is_that_of_a_post_that_answers_for_the_reach(hangar: Hangar) -> None:
    with pytest.raises(FlightError, match="does not answer"):
        hangar.take(flight(), post="VILLAGE-1")
    hangar.take(flight(), post="VILLAGE-2")
    (patrol,) = hangar.rows("patrol")
    assert (patrol.post, patrol.means, patrol.reaches) == ("VILLAGE-2", "drone", [REACH])


def test_the_patrol_knows_its_track_its_coverage_and_what_came_of_it(hangar: Hangar) -> None:
    hangar.take(flight([found()], share=0.8))
    (patrol,), (track,) = hangar.rows("patrol"), hangar.rows("patrol_track")
    (ticket,) = hangar.rows("ticket")
    assert patrol.seen == pytest.approx(0.8)
    assert patrol.length_m == pytest.approx(600, abs=50)
    assert (patrol.started_at, patrol.ended_at) == (BEGAN, BEGAN + timedelta(minutes=10))
    assert patrol.problems == [ticket.id]
    assert (track.key, track.source, len(track.fixes)) == ("9f2c000000000001", "flight", 3)
    (row,) = hangar.rows("flight")
    assert row.patrol_id == patrol.id


def test_footage_without_telemetry_is_listed_and_is_no_patrol(hangar: Hangar) -> None:
    plain = flight([found(at=None, reach=None)], path=(), coverage=None)
    hangar.take(plain)
    assert len(hangar.rows("flight")) == 1
    assert hangar.rows("patrol", "incident", "ticket") == []
    (finding,) = hangar.rows("flight_finding")
    assert (finding.incident_id, finding.lon) == (None, None)
    assert finding.picture is not None, "its picture is kept all the same"


def test_what_saw_no_water_of_the_post_is_no_patrol(hangar: Hangar) -> None:
    hangar.take(flight(coverage=Coverage(REACH, 2700.0, ())))
    assert hangar.rows("patrol") == []
    assert len(hangar.rows("flight")) == 1


def test_what_is_still_there_joins_its_incident(hangar: Hangar) -> None:
    hangar.take(flight([found()]))
    later = flight(
        [found(at=metres_east(AT, 12), status=FindingStatus.STILL, count=9)],
        key="9f2c000000000002",
        began=BEGAN + timedelta(minutes=12),
    )
    hangar.take(later)
    (incident,) = hangar.rows("incident")
    first, second = hangar.rows("alert")
    assert (first.joined, second.joined) == ("opened", "same_spot")
    assert (second.incident_id, second.count) == (incident.id, 9)
    assert len(hangar.rows("ticket")) == 1


def test_what_lies_farther_off_is_another_incident(hangar: Hangar) -> None:
    hangar.take(flight([found(), found("F02", at=metres_east(AT, 20))]))
    assert len(hangar.rows("incident")) == len(hangar.rows("ticket")) == 2


def test_what_is_gone_ends_its_incident_and_opens_none(hangar: Hangar) -> None:
    hangar.take(flight([found(), found("F02", FindingKind.MAT, metres_east(AT, 3))]))
    gone = found("F07", at=metres_east(AT, 5), status=FindingStatus.GONE)
    later = flight([gone], key="9f2c000000000002", began=BEGAN + timedelta(minutes=12))
    hangar.take(later)
    ended = {row.kind: row.ended_at for row in hangar.rows("incident")}
    assert ended == {"floating_litter": START, "vegetation_mat": None}
    row = hangar.rows("flight_finding")[-1]
    assert (row.finding, row.incident_id) == ("F07", 1)


def test_what_is_gone_and_was_never_known_changes_nothing(hangar: Hangar) -> None:
    hangar.take(flight([found(status=FindingStatus.GONE)]))
    assert hangar.rows("incident", "ticket") == []


def test_a_plume_at_an_outfall_is_that_outfalls(hangar: Hangar) -> None:
    plume = found(kind=FindingKind.PLUME, at=metres_east(MOUTH, 50), reach="YX-1")
    hangar.take(flight([plume], reach="YX-1", coverage=None))
    (alert,), (ticket,) = hangar.rows("alert"), hangar.rows("ticket")
    assert (alert.place, alert.zone) == ("YX-P1", "YX-P1")
    assert (ticket.category, ticket.state) == ("discharge.disorderly", "unverified")
    assert hangar.rows("incident_trace") != []


def test_a_plume_away_from_every_outfall_is_its_own(hangar: Hangar) -> None:
    plume = found(kind=FindingKind.PLUME, at=metres_east(MOUTH, 65), reach="YX-1")
    hangar.take(flight([plume], reach="YX-1", coverage=None))
    (alert,) = hangar.rows("alert")
    assert (alert.place, alert.zone) == ("Mavic 3E", "9f2c000000000001/F01")


def test_a_change_on_the_bank_waits_for_a_name(hangar: Hangar) -> None:
    hangar.take(flight([found(kind=FindingKind.BANK_CHANGE)]))
    assert hangar.rows("incident", "ticket") == []
    (row,) = hangar.rows("flight_finding")
    assert row.named is None
    with hangar.database.read() as connection:
        (marked,) = flights.on_map(connection)
    assert (marked.kind, marked.flight_id, marked.lon_lat) == ("bank_change", row.flight_id, AT)


def test_a_silenced_finding_stays_in_its_flight_alone(hangar: Hangar) -> None:
    with hangar.database.write() as connection:
        since, until = START - timedelta(hours=2), START + timedelta(hours=1)
        silences.add(connection, Labels(reach=REACH), since, until, "office", "清漂")
    hangar.take(flight([found()]))
    assert hangar.rows("incident", "ticket") == []
    assert [row.incident_id for row in hangar.rows("flight_finding")] == [None]


def test_while_it_flies_only_what_is_new_is_written(hangar: Hangar) -> None:
    hangar.take(flight([found()], lasts_s=30.0), is_flying=True)
    assert hangar.rows("patrol") == []
    assert [row.is_flying for row in hangar.rows("flight")] == [True]
    second = found("F02", FindingKind.MAT, metres_east(AT, 80), first_s=40.0)
    hangar.take(flight([found(count=6), second], lasts_s=60.0), is_flying=True)
    assert [row.count for row in hangar.rows("alert")] == [6, 4]
    landed = hangar.take(flight([found(count=6), second]))
    assert landed.is_new
    assert len(hangar.rows("ticket")) == len(hangar.rows("incident")) == 2
    assert [row.is_flying for row in hangar.rows("flight")] == [False]
    assert len(hangar.rows("patrol")) == 1
    assert not hangar.take(flight([])).is_new


def test_what_has_not_changed_while_it_flies_is_not_written_again(hangar: Hangar) -> None:
    hangar.take(flight([found()], lasts_s=30.0), is_flying=True)
    before = hangar.rows("alert", "evidence", "incident", "ticket", "decision")
    hangar.take(flight([found()], lasts_s=33.0), is_flying=True)
    assert hangar.rows("alert", "evidence", "incident", "ticket", "decision") == before


def test_a_settled_ticket_leaves_the_map(hangar: Hangar) -> None:
    hangar.take(flight([found()]))
    with hangar.database.read() as connection:
        assert [one.incident_id for one in flights.on_map(connection)] == [1]
    with hangar.database.write() as connection:
        connection.exec_driver_sql("UPDATE ticket SET state = 'closed'")
    with hangar.database.read() as connection:
        assert flights.on_map(connection) == []
