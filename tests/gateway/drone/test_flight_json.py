"""A flight's JSON comes back as the same flight, or is refused with the place of the fault."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.codecs import flight_json
from xunhe.domain.finding import FindingKind, FindingStatus, FlightFinding, FoundAt
from xunhe.domain.flight import Coverage, Density, Flight, PathPoint, Stretch
from xunhe.domain.river_place import RiverPlace

AT = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
FOUND = FlightFinding(
    id="F01",
    kind=FindingKind.PLUME,
    first_s=12.0,
    last_s=19.5,
    first_at=AT,
    last_at=AT,
    at=FoundAt((119.4, 30.3), ((2.0, 0.1), (0.1, 1.0)), RiverPlace("R1", 812.0, -4.0)),
    area_m2=120.0,
    count=1,
    frames=4,
    confidence=0.8,
    reason_zh="偏红",
    reason_en="red",
    status=FindingStatus.NEW,
    picture="pictures/F01.jpg",
)
FLIGHT = Flight(
    id="0123456789abcdef",
    film="a.mp4",
    drone=None,
    reach="R1",
    started_at=AT,
    ended_at=None,
    lasts_s=600.0,
    path=(PathPoint(0.0, AT, (119.4, 30.3), 60.0),),
    coverage=Coverage("R1", 3000.0, (Stretch(0.0, 2000.0),)),
    density=(Density(Stretch(0.0, 100.0), 3, 1.5),),
    findings=(FOUND,),
    frames_looked_at=180,
    compared_with=None,
    models={"debris": "00"},
    notes=(("甲", "a"),),
)


def test_a_flight_comes_back_as_it_was() -> None:
    assert flight_json.decode(flight_json.document(FLIGHT)) == FLIGHT


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("format", "x", "format"),
        ("version", 2, "version"),
        ("lasts_s", "long", "lasts_s"),
        ("findings", [{}], "findings.0"),
    ],
)
def test_what_is_no_flight_is_refused_with_its_place(key: str, value: object, told: str) -> None:
    document = {**flight_json.encode(FLIGHT), key: value}
    with pytest.raises(flight_json.FlightJsonError, match=told):
        flight_json.decode(json.dumps(document))


@given(st.text() | st.binary())
def test_no_text_breaks_the_reader(text: str | bytes) -> None:
    with pytest.raises(flight_json.FlightJsonError):
        flight_json.decode(text)


@pytest.mark.parametrize(
    "wrong", [{"count": 0}, {"confidence": 1.1}, {"first_s": 20.0}, {"frames": -1}]
)
def test_a_finding_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    document = flight_json.encode(FLIGHT)
    document["findings"][0] |= wrong
    with pytest.raises(flight_json.FlightJsonError, match="F01"):
        flight_json.decode(json.dumps(document))
