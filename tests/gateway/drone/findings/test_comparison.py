"""New, still there, gone: only where both flights have looked."""

from dataclasses import replace

import pytest

from tests.gateway.drone.findings.nadir import HEAD, LENGTH_M, REACH
from xunhe.domain.finding import FindingKind, FindingStatus, FlightFinding, FoundAt
from xunhe.domain.flight import Coverage, Flight, Stretch
from xunhe.domain.river_place import snapped
from xunhe.vision.findings.comparison import compared
from xunhe.vision.georeference.earth import moved

NEW, STILL, GONE = FindingStatus.NEW, FindingStatus.STILL, FindingStatus.GONE
SURE = ((0.01, 0.0), (0.0, 0.01))


def finding(
    at_m: float, name: str = "F01", kind: FindingKind = FindingKind.LITTER
) -> FlightFinding:
    lon_lat = moved(HEAD, at_m, 0.0)
    at = FoundAt(lon_lat, SURE, snapped(lon_lat, [REACH]))
    return FlightFinding(name, kind, 0.0, 1.0, None, None, at, 1.0, 1, 3, 0.7, "甲", "a")


def seen(from_m: float = 0.0, to_m: float = LENGTH_M) -> Coverage:
    return Coverage("R1", LENGTH_M, (Stretch(from_m, to_m),))


def last(*findings: FlightFinding, coverage: Coverage | None = None) -> Flight:
    return Flight(
        id="0123456789abcdef",
        film="last.mp4",
        drone=None,
        reach="R1",
        started_at=None,
        ended_at=None,
        lasts_s=60.0,
        path=(),
        coverage=coverage or seen(),
        density=(),
        findings=findings,
        frames_looked_at=30,
        compared_with=None,
        models={},
    )


def statuses(mine: list[FlightFinding], before: Flight) -> dict[str, FindingStatus | None]:
    return {one.id: one.status for one in compared(mine, seen(), before)}


@pytest.mark.parametrize(("apart_m", "status"), [(0.0, STILL), (15.0, STILL), (16.0, NEW)])
def test_what_lies_where_it_lay_is_still_there(apart_m: float, status: FindingStatus) -> None:
    told = statuses([finding(100.0 + apart_m)], last(finding(100.0, "F09")))
    assert told["F01"] is status


def test_what_was_there_and_is_not_is_gone_with_its_own_words() -> None:
    (told,) = compared([], seen(), last(finding(100.0)))
    assert told.status is GONE
    assert told.id == "F01-012345"
    assert told.reason_zh == "甲"


def test_what_this_flight_did_not_look_at_is_not_gone() -> None:
    assert compared([], seen(200.0), last(finding(100.0))) == []


def test_what_the_last_flight_did_not_look_at_has_no_status() -> None:
    before = last(coverage=seen(200.0))
    assert statuses([finding(100.0)], before) == {"F01": None}


def test_another_kind_is_another_thing() -> None:
    mat = finding(100.0, kind=FindingKind.MAT)
    assert statuses([mat], last(finding(100.0, "F02")))["F01"] is NEW


def test_one_thing_is_matched_with_the_nearest_only() -> None:
    told = statuses([finding(100.0), finding(104.0, "F02")], last(finding(103.0, "F07")))
    assert told == {"F01": NEW, "F02": STILL}


def test_what_was_gone_already_is_not_told_again() -> None:
    gone = replace(finding(100.0), status=GONE)
    assert compared([], seen(), last(gone)) == []


def test_a_change_on_the_bank_is_new_by_itself_and_never_gone() -> None:
    bank = FindingKind.BANK_CHANGE
    assert statuses([finding(9.0, kind=bank)], last(coverage=seen(200.0))) == {"F01": NEW}
    assert compared([], seen(), last(finding(100.0, kind=bank))) == []
