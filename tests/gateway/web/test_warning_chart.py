"""The chart of an early warning: a line with gaps over a band, inside its box, on the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, add_alert, add_incident, add_ticket, opened
from xunhe.adapters.store import schema
from xunhe.web.warning_chart import HEIGHT, WIDTH

DETAIL = {
    "property": "nh3n_mg_l",
    "times_s": [NOW.timestamp() + 900 * i for i in range(5)],
    "values": [0.31, None, 0.4, 0.9, 1.62],
    "usual": [0.3] * 5,
    "low": [0.2] * 5,
    "high": [0.4, 0.4, None, 0.4, 0.4],
}


@pytest.fixture
def warned(tmp_path: Path) -> Iterator[Served]:
    database = opened(tmp_path)
    with database.write() as connection:
        incident_id = add_incident(connection)
        warning = add_alert(connection, incident_id, rule="early_warning")
        add_alert(connection, incident_id, rule="ammonia_step")
        add_ticket(connection, incident_id)
        row = {
            "at": NOW,
            "last_at": NOW,
            "times": 1,
            "station": "YX-S1",
            "zone": "",
            "rule": "early_warning",
            "sample_at": NOW,
            "outcome": "opened",
            "by": "",
            "alert_id": warning,
            "reason_zh": "升",
            "reason_en": "up",
            "detail": DETAIL,
        }
        connection.execute(sa.insert(schema.decision).values(**row))
    with serve(database) as served:
        yield served
    database.close()


def test_an_early_warning_shows_what_was_measured_over_what_is_usual(warned: Served) -> None:
    with warned.client() as client:
        page = client.get("/tickets/1").text
    (figure,) = re.findall(r'<figure class="warning-chart".*?</figure>', page, re.DOTALL)
    assert "氨氮" in figure
    path = re.search(r'<path d="([^"]+)"', figure)
    assert path is not None
    assert path[1].count("M") == 2, "a value that is missing breaks the line"
    band = re.search(r'points="([^"]+)"', figure)
    assert band is not None
    corners = [tuple(map(float, corner.split(","))) for corner in band[1].split()]
    assert len(corners) == 9
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in corners)
    assert "0.20 – 1.62" in figure


def test_an_incident_without_an_early_warning_has_no_chart(warned: Served) -> None:
    with warned.database.write() as connection:
        incident_id = add_incident(connection, station="YX-S2")
        add_alert(connection, incident_id, station="YX-S2")
        add_ticket(connection, incident_id, number="XH-2026-0002")
    with warned.client() as client:
        assert "warning-chart" not in client.get("/tickets/2").text
