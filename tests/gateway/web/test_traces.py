"""An incident's trace in the API and on its ticket's page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, REGISTRY, add_alert, add_incident, fill, opened
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.traces import find_trace, keep_trace

TRACE = "/api/v1/incidents/2/trace"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The filled night; the discharge, incident 2 with ticket 2, has been traced."""
    database = opened(tmp_path_factory.mktemp("traced"))
    fill(database)
    with database.write() as connection:
        keep_trace(connection, 2, REGISTRY, NOW)
    with serve(database) as served:
        yield served
    database.close()


@pytest.fixture(scope="module")
def visitor(traced: Served) -> Iterator[httpx.Client]:
    with traced.client() as client:
        yield client


def test_the_api_gives_suspects_with_reasons_and_arrivals_in_order(visitor: httpx.Client) -> None:
    found = visitor.get(TRACE).json()
    shares = [suspect["share"] for suspect in found["suspects"]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert {suspect["source"] for suspect in found["suspects"][:2]} == {"YX-W1", "YX-W2"}
    assert all(suspect["reasons"] for suspect in found["suspects"])
    assert [arrival["place"] for arrival in found["arrivals"]][-1] == "YX-D2"
    assert {arrival["since"] for arrival in found["arrivals"]} == {"YX-S2"}
    for arrival in found["arrivals"]:
        assert arrival["early"] < arrival["likely"] < arrival["late"]


def test_the_tickets_page_shows_both_chinese_first(visitor: httpx.Client) -> None:
    page = visitor.get("/tickets/2").text
    section = page[page.index('id="trace"') : page.index('id="evidence"')]
    assert "溯源与去向" in section
    assert section.index("上段生活污水溢流井") < section.index("Sewer overflow, upper reach")
    assert 'data-place="YX-Q1"' in section
    assert "柳湾取水口" in section


def test_an_incident_without_a_trace_says_so(visitor: httpx.Client) -> None:
    assert visitor.get("/api/v1/incidents/1/trace").status_code == 404
    assert visitor.get("/api/v1/incidents/99/trace").status_code == 404
    assert "没有可追溯的" in visitor.get("/tickets/1").text


def test_nobody_reads_a_trace_without_a_session_where_reading_needs_one(
    traced: Served,
) -> None:
    with serve(traced.database, read_without_login=False) as locked, locked.client() as client:
        assert client.get(TRACE).status_code == 401
        assert client.get("/api/v1/stations/YX-S2/lag?above=YX-S1").status_code == 401


def test_a_source_that_has_left_the_registry_is_left_out(tmp_path: Path) -> None:
    database = opened(tmp_path)
    fill(database, hours=1)
    gone = REGISTRY.sources["YX-W1"]
    larger = replace(REGISTRY, sources={**REGISTRY.sources, "OLD": replace(gone, code="OLD")})
    with database.write() as connection:
        keep_trace(connection, 2, larger, NOW)
    with serve(database) as served, served.client() as client:
        codes = [suspect["source"] for suspect in client.get(TRACE).json()["suspects"]]
    assert "YX-W1" in codes
    assert "OLD" not in codes
    database.close()


def test_a_new_witness_renews_the_trace_in_place(store: Database) -> None:
    with store.write() as connection:
        incident = add_incident(connection, at=NOW - timedelta(hours=1))
        add_alert(connection, incident, at=NOW - timedelta(hours=1))
        keep_trace(connection, incident, REGISTRY, NOW)
        before = find_trace(connection, incident)
        add_alert(connection, incident, "YX-S2", at=NOW)
        keep_trace(connection, incident, REGISTRY, NOW + timedelta(minutes=1))
        after = find_trace(connection, incident)
    assert before is not None
    assert after is not None
    assert after[0] > before[0]
    assert {arrival.since for arrival in before[1].arrivals} == {"YX-S1"}
    assert {arrival.since for arrival in after[1].arrivals} == {"YX-S2"}


def test_an_outfall_that_a_camera_saw_is_followed_downstream(store: Database) -> None:
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident, rule="seen_discharge", prop="discharge")
        connection.exec_driver_sql("UPDATE alert SET station = 'YX-C1', place = 'YX-P1'")
        keep_trace(connection, incident, REGISTRY, NOW)
        found = find_trace(connection, incident)
    assert found is not None
    assert found[1].suspects[0].source == "YX-W1"
    assert "YX-S1" in {arrival.place for arrival in found[1].arrivals}
