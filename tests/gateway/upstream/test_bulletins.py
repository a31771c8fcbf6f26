"""What the world is told of an incident: each change once, nothing that accuses unconfirmed."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from capparser import parse

from tests.gateway.conftest import START, Buoy, StandingClock
from tests.gateway.test_incidents import discharge
from tests.gateway.test_ingest import rows
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.store import schema, verdicts
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.verdicts import Verdict
from xunhe.adapters.upstream.bulletins import BulletinDesk
from xunhe.codecs.cap import NAMESPACE, alert
from xunhe.domain.bulletin import Change, Facts, Witnessed, change_of, signature, told_of
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.incident import Kind, Rule, Severity
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import State

HOUR = timedelta(hours=1)


def witness(rule: str, value: float | None = 0.74) -> Witnessed:
    return Witnessed(rule, "YX-S1", "nh3n_mg_l", value, START, None, "氨氮突升", "ammonia rose")


STEP, SEEN = witness(Rule.AMMONIA_STEP), witness(Rule.SEEN_DISCHARGE, None)
FACTS = Facts(
    4, Kind.DISCHARGE, Severity.SEVERE, "YX-1", START, None, (STEP, SEEN), "XH-1", State.UNVERIFIED
)


def test_what_a_model_accuses_of_waits_for_a_person() -> None:
    assert told_of(FACTS) == (STEP,)
    assert told_of(replace(FACTS, witnesses=(SEEN,))) == ()
    assert told_of(replace(FACTS, verdict=True)) == (STEP, SEEN)
    assert told_of(replace(FACTS, ticket_state=State.ACCEPTED)) == (STEP, SEEN)


@pytest.mark.parametrize("kind", [Kind.SILENT_STATION, Kind.BLIND_CAMERA, Kind.DEVICE_FAULT])
def test_troubles_of_devices_are_nobodys_affair_outside(kind: Kind) -> None:
    assert told_of(replace(FACTS, kind=kind, verdict=True)) == ()


@pytest.mark.parametrize(
    ("changed", "last", "change"),
    [
        ({}, None, Change.OPENED),
        ({}, Change.OPENED, Change.UPDATED),
        ({"ended_at": START}, Change.UPDATED, Change.ENDED),
        ({}, Change.ENDED, Change.UPDATED),
        ({"verdict": False}, Change.UPDATED, Change.WITHDRAWN),
        ({"ticket_state": State.FALSE_ALARM}, Change.ENDED, Change.WITHDRAWN),
        ({"verdict": False}, Change.WITHDRAWN, None),
        ({"verdict": False}, None, None),
        ({"verdict": True}, Change.WITHDRAWN, Change.OPENED),
    ],
)
def test_each_change_says_what_it_does_to_those_before(
    changed: dict[str, Any], last: Change | None, change: Change | None
) -> None:
    assert change_of(replace(FACTS, **changed), last) is change


def test_a_value_that_wavers_is_no_news() -> None:
    wavering = replace(FACTS, witnesses=(witness(Rule.AMMONIA_STEP, 0.9), SEEN))
    assert signature(wavering) == signature(FACTS)
    assert signature(replace(FACTS, severity=Severity.MAJOR)) != signature(FACTS)


@pytest.fixture
def desk(database: Database, registry: Registry, clock: StandingClock) -> BulletinDesk:
    desk = BulletinDesk(database, registry, clock)
    desk.step()
    return desk


@pytest.fixture
def told(
    desk: BulletinDesk,
    ingest: Ingest,
    database: Database,
    registry: Registry,
    buoys: dict[str, Buoy],
    clock: StandingClock,
) -> list[Any]:
    """The bulletins of a discharge that a person found to be false."""
    clock.at = START + 7 * HOUR
    ingest.take(discharge(registry, buoys, 3))
    desk.step()
    clock.at += HOUR
    with database.write() as connection:
        verdicts.add(connection, Verdict(1, clock.at, "operator", False))
    desk.step()
    desk.step()
    return list(rows(database, schema.bulletin))


def test_a_discharge_is_told_once_and_withdrawn_once(told: list[Any]) -> None:
    assert [row.change for row in told] == ["opened", "withdrawn"]
    first, last = (row.body for row in told)
    assert first["witnesses"][0]["reason"]["zh"]
    assert first["reach"]["code"] == "YX-1"
    assert last["before"] == [[told[0].id, told[0].at.isoformat()]]


def cap(row: Any) -> tuple[str, Any]:
    xml = alert(row.body, row.id, row.at.astimezone(SHANGHAI), "river.example").decode()
    return xml, parse(stringXML=xml)


def test_an_independent_reader_finds_all_that_cap_asks_for(told: list[Any]) -> None:
    xml, read = cap(told[0])
    assert f'xmlns="{NAMESPACE}"' in xml
    assert [read.status[0], read.msgType[0], read.scope[0]] == ["Actual", "Alert", "Public"]
    assert read.sent[0].endswith("+08:00")
    chinese, english = read.info[0]
    assert [chinese.language[0], english.language[0]] == ["zh-CN", "en"]
    for info in (chinese, english):
        assert info.severity[0] in ("Minor", "Moderate", "Severe")
        assert (info.urgency[0], info.certainty[0]) == ("Immediate", "Likely")
        assert info.area[0][0].areaDesc[0]


def test_a_cancel_names_the_message_that_it_takes_back(told: list[Any]) -> None:
    _, opened = cap(told[0])
    _, cancel = cap(told[1])
    assert cancel.msgType[0] == "Cancel"
    parts = ("river.example", opened.identifier[0], opened.sent[0])
    assert cancel.references[0] == ",".join(parts)
    assert "误报" in cancel.info[0][0].description[0]
