"""What cameras and buoys see of one discharge is one incident; of two it is two."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import START, Site, minutes
from tests.gateway.river_cameras import with_cameras
from tests.gateway.test_ingest import rows
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.domain.incident import Cleared, Finding, Kind, Rule, Severity
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry

_WORDS = ("一句话", "a sentence")
FLOWS = Finding(
    Rule.SEEN_DISCHARGE,
    "YX-C1",
    "discharge",
    START,
    Severity.MINOR,
    0.8,
    None,
    *_WORDS,
    place="YX-P1",
    zone="YX-P1",
    state="flowing",
)
SECOND_MOUTH = replace(FLOWS, place="YX-P2", zone="YX-P2")
FLOATS = replace(FLOWS, rule=Rule.SEEN_LITTER, place="", zone="水面", state=None)


def step(station: str, at: datetime) -> Finding:
    """A buoy's ammonia step."""
    return Finding(Rule.AMMONIA_STEP, station, "nh3n_mg_l", at, Severity.MAJOR, 3.1, 0.3, *_WORDS)


@pytest.fixture
def river(registry: Registry) -> Registry:
    return with_cameras(registry)


@pytest.fixture
def arrives(river: Registry) -> dict[str, datetime]:
    """When what P1 lets out at START comes to each place."""
    network = Network(river)
    after = {code: network.travel_s("YX-P1", code) for code in ("YX-S1", "YX-S2", "YX-P2")}
    return {code: START + timedelta(seconds=round(s)) for code, s in after.items() if s}


@pytest.fixture
def book(river: Registry) -> IncidentBook:
    return IncidentBook(Network(river), shipped())


def told(database: Database, book: IncidentBook, *findings: Finding) -> list[int]:
    """The incident of each finding, in the order in which they are told."""
    for finding in findings:
        with database.write() as connection:
            book.raise_finding(connection, finding, finding.at)
    incidents = {
        (row.station, row.zone, row.started_at): row.incident_id
        for row in rows(database, schema.alert)
    }
    return [incidents[each.station, each.zone, each.at] for each in findings]


def cleared(database: Database, book: IncidentBook, finding: Finding, at: datetime) -> None:
    with database.write() as connection:
        over = Cleared(finding.rule, finding.station, at, finding.zone)
        book.clear(connection, over, at)


@pytest.mark.parametrize("is_camera_first", [True, False])
def test_camera_at_the_mouth_and_buoy_downstream_are_two_witnesses_of_one_incident(
    database: Database, book: IncidentBook, arrives: dict[str, datetime], is_camera_first: bool
) -> None:
    both = [FLOWS, step("YX-S1", arrives["YX-S1"])]
    ids = told(database, book, *(both if is_camera_first else reversed(both)))
    assert len(set(ids)) == 1
    assert len(rows(database, schema.ticket)) == 1
    assert {row.station for row in rows(database, schema.alert)} == {"YX-C1", "YX-S1"}
    assert {row.place for row in rows(database, schema.alert)} == {"YX-P1", "YX-S1"}


def test_the_buoys_own_frames_join_the_cameras_incident(site: Site, river: Registry) -> None:
    site.clock.at = START + timedelta(hours=4)
    buoy = site.buoys["YX-S1"]
    travel_s = Network(river).travel_s("YX-P1", "YX-S1")
    assert travel_s is not None
    begins = START + minutes(120)
    told(site.database, IncidentBook(Network(river), shipped()), replace(FLOWS, at=begins))
    times = [START + minutes(2 * i) for i in range(90)]
    arrived = begins + timedelta(seconds=travel_s)
    readings = [buoy.read(at, nh3n_mg_l=3.1 if at >= arrived else 0.35) for at in times]
    for i in range(0, len(readings), 15):
        site.ingest.take([buoy.send(*readings[i : i + 15])])
    (incident,) = rows(site.database, schema.incident)
    assert (incident.station, incident.reach, incident.zone) == ("YX-C1", "YX-1", "YX-P1")
    joined = [row for row in rows(site.database, schema.alert) if row.station == "YX-S1"]
    assert joined
    assert {row.incident_id for row in joined} == {incident.id}


def test_what_had_passed_the_buoy_before_the_mouth_opened_is_another_incident(
    database: Database, book: IncidentBook
) -> None:
    early = step("YX-S1", START - minutes(60))
    told(database, book, early)
    cleared(database, book, early, START - minutes(40))
    assert told(database, book, FLOWS) == [2]


def test_a_buoy_above_the_mouth_never_saw_what_came_out_of_it(
    database: Database, book: IncidentBook
) -> None:
    above = step("YX-S1", START)
    assert len(set(told(database, book, SECOND_MOUTH, above))) == 2
    late = replace(SECOND_MOUTH, at=START + timedelta(days=5))
    assert len(set(told(database, book, replace(above, at=late.at), late))) == 2


def test_litter_never_joins_a_discharge(
    database: Database, book: IncidentBook, arrives: dict[str, datetime]
) -> None:
    ids = told(database, book, FLOWS, FLOATS, step("YX-S1", arrives["YX-S1"]))
    assert ids[0] == ids[2] != ids[1]
    kinds = [row.kind for row in rows(database, schema.incident)]
    assert kinds == [Kind.DISCHARGE, Kind.FLOATING_LITTER]


def test_litter_before_two_cameras_is_two_incidents(database: Database, book: IncidentBook) -> None:
    assert len(set(told(database, book, FLOATS, replace(FLOATS, station="YX-C2")))) == 2


def test_two_outfalls_seen_by_one_camera_are_two_incidents(
    database: Database, book: IncidentBook
) -> None:
    assert len(set(told(database, book, FLOWS, SECOND_MOUTH))) == 2


def test_two_mouths_of_a_camera_that_nobody_registered_are_two_incidents_too(
    database: Database, book: IncidentBook
) -> None:
    one, other = replace(FLOWS, place="", zone="左"), replace(FLOWS, place="", zone="右")
    assert len(set(told(database, book, one, other))) == 2


def test_a_buoy_below_two_outfalls_does_not_make_one_incident_of_them(
    database: Database, book: IncidentBook, arrives: dict[str, datetime]
) -> None:
    at_s2 = step("YX-S2", arrives["YX-S2"])
    first, buoy, second = told(
        database, book, FLOWS, at_s2, replace(SECOND_MOUTH, at=arrives["YX-P2"])
    )
    assert first == buoy != second


def test_two_cameras_at_one_outfall_are_two_witnesses_of_one_incident(
    database: Database, book: IncidentBook
) -> None:
    other = replace(FLOWS, station="YX-C2", at=START + minutes(3))
    assert len(set(told(database, book, FLOWS, other))) == 1


def test_the_same_zone_again_within_two_hours_joins_its_old_incident_and_later_it_does_not(
    database: Database, book: IncidentBook
) -> None:
    told(database, book, FLOATS)
    cleared(database, book, FLOATS, START + minutes(30))
    again = replace(FLOATS, at=START + minutes(145))
    assert told(database, book, again) == [1]
    (incident,) = rows(database, schema.incident)
    assert incident.ended_at is None, "it goes on"
    cleared(database, book, again, START + minutes(200))
    assert told(database, book, replace(FLOATS, at=START + minutes(325))) == [2]


def test_litter_that_lies_for_days_stays_one_incident_when_a_camera_forgets(
    database: Database, book: IncidentBook
) -> None:
    anew = replace(FLOATS, at=START + timedelta(days=5))
    assert len(set(told(database, book, FLOATS, anew))) == 1
    cleared(database, book, anew, START + timedelta(days=6))
    soon_after = replace(FLOATS, at=START + timedelta(days=6, hours=1))
    assert told(database, book, soon_after) == [1]


def test_another_zone_of_the_camera_is_another_incident(
    database: Database, book: IncidentBook
) -> None:
    assert len(set(told(database, book, FLOATS, replace(FLOATS, zone="近岸")))) == 2


def test_a_blind_camera_joins_nothing_but_itself(database: Database, book: IncidentBook) -> None:
    blind = replace(FLOATS, rule=Rule.BLIND, zone="", state="lost")
    other = replace(blind, station="YX-C2")
    again = replace(blind, at=START + minutes(20))
    cleared_ids = told(database, book, FLOWS, blind, other, again)
    assert cleared_ids[1] == cleared_ids[3]
    assert len(set(cleared_ids)) == 3


def test_the_incident_ends_with_its_last_witness_in_whatever_order_they_report(
    database: Database, book: IncidentBook, arrives: dict[str, datetime]
) -> None:
    buoy = step("YX-S1", arrives["YX-S1"])
    told(database, book, FLOWS, buoy)
    cleared(database, book, buoy, START + minutes(120))
    cleared(database, book, FLOWS, START + minutes(90))  # told late
    (incident,) = rows(database, schema.incident)
    assert incident.ended_at == START + minutes(120)


def test_a_camera_that_is_no_longer_in_the_list_breaks_nothing(
    database: Database, book: IncidentBook, registry: Registry, arrives: dict[str, datetime]
) -> None:
    unregistered = replace(FLOWS, station="YX-C2", place="", zone="左")
    told(database, book, FLOWS, unregistered)
    without = IncidentBook(Network(registry.with_cameras({})), shipped())
    assert told(database, without, step("YX-S1", arrives["YX-S1"])) == [1]
    cleared(database, without, unregistered, START + minutes(9))
    assert [row.ended_at is None for row in rows(database, schema.incident)] == [True, False]


def test_travel_times_reach_outfalls_and_cameras_and_none_that_is_unknown(river: Registry) -> None:
    network = Network(river)
    assert network.travel_s("YX-P1", "YX-S1") == pytest.approx(1100 / 0.6)
    assert network.travel_s("YX-P1", "YX-C1") == pytest.approx(20 / 0.6)
    assert network.travel_s("YX-C1", "YX-P1") is None
    assert network.travel_s("YX-P1", "gone") is None
    assert network.travel_s("gone", "YX-P1") is None
