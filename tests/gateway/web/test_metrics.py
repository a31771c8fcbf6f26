"""GET /metrics, read by Prometheus' own parser."""

import math
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.fakes import camera_desk
from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.river_rows import NOW, fill, opened
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.database import Database
from xunhe.domain.outward import Message
from xunhe.web.metric import Metric, exposition

Labels = frozenset[tuple[str, str]]


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Response]:
    database = opened(tmp_path_factory.mktemp("metrics"))
    fill(database, hours=0.1)
    _deliver(database)
    desk = camera_desk.desk(NOW)
    desk.set_state("YX-C2", "unreachable")
    desk.set_state("YX-C3", "covered")
    with serve(database, cameras=desk) as served, served.client() as client:
        yield client.get("/metrics")
    database.close()


def _deliver(database: Database) -> None:
    """One delivery that has waited for 90 s, one that was put aside, one that has arrived."""
    keys = [f"k{n}" for n in range(3)]
    ages = [timedelta(seconds=90), timedelta(hours=1), timedelta(hours=2)]
    messages = [Message(key, "ticket", NOW - age, {}) for key, age in zip(keys, ages, strict=True)]
    with database.write() as connection:
        deliveries.add(connection, "webhook.city", messages, NOW)
        deliveries.failed(connection, 2, "HTTP 410", None)
        deliveries.sent(connection, [3], NOW)


def samples(text: str) -> dict[str, dict[Labels, float]]:
    found: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        assert family.documentation
        assert family.type in ("counter", "gauge")
        for sample in family.samples:
            found.setdefault(sample.name, {})[frozenset(sample.labels.items())] = sample.value
    return found


def labels(**values: str) -> Labels:
    return frozenset(values.items())


def test_the_answer_is_prometheus_text_and_never_kept(scraped: httpx.Response) -> None:
    assert scraped.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert scraped.headers["cache-control"] == "no-store"


def test_the_gateway_counts_what_its_tables_hold(scraped: httpx.Response) -> None:
    found = samples(scraped.text)
    assert found["xunhe_readings_total"] == {labels(): 588}
    assert found["xunhe_rejected_total"] == {labels(reason="mac"): 3, labels(reason="length"): 1}
    assert found["xunhe_open_incidents"][labels(kind="discharge")] == 1
    assert found["xunhe_open_incidents"][labels(kind="floating_litter")] == 0
    assert found["xunhe_open_tickets"] == {labels(): 1}
    assert found["xunhe_event_id"] == {labels(): 12}
    assert sum(found["xunhe_stations"].values()) == 3


def test_each_destination_tells_what_waits_and_for_how_long(scraped: httpx.Response) -> None:
    found = samples(scraped.text)
    city = labels(destination="webhook.city")
    assert found["xunhe_outbox_waiting"][city] == 1
    assert found["xunhe_outbox_dead"][city] == 1
    assert found["xunhe_outbox_oldest_seconds"][city] == 90


def test_every_camera_tells_its_frames_its_age_and_its_state(scraped: httpx.Response) -> None:
    found = samples(scraped.text)
    first = labels(camera="YX-C1", reach="YX-1")
    for name, value in {
        "frames_received_total": 4210,
        "frames_decoded_total": 180,
        "frames_gated_total": 21,
        "frames_inferred_total": 34,
        "frames_skipped_total": 4030,
        "frames_dropped_total": 0,
        "frame_age_seconds": 0.4,
        "latency_seconds": 0.12,
        "open_incidents": 1,
        "up": 1,
    }.items():
        assert found[f"xunhe_camera_{name}"][first] == value
    assert found["xunhe_camera_up"][labels(camera="YX-C2", reach="YX-2")] == 0
    assert found["xunhe_camera_up"][labels(camera="YX-C3", reach="YX-3")] == 1  # blind, but here
    states = found["xunhe_camera_state"]
    assert states[labels(camera="YX-C3", reach="YX-3", state="covered")] == 1


def test_an_address_of_a_camera_never_shows(scraped: httpx.Response) -> None:
    assert "secret" not in scraped.text


def test_without_cameras_the_rest_is_still_told(served: Served, client: httpx.Client) -> None:
    found = samples(client.get("/metrics").text)
    assert "xunhe_readings_total" in found
    assert not any(name.startswith("xunhe_camera") for name in found)


def test_labels_and_numbers_survive_the_parser() -> None:
    awkward = 'a "quote", a \\ and\na line'
    values = [(1.5, 1.5), (3.0, 3.0), (math.inf, math.inf), (-math.inf, -math.inf), (1e20, 1e20)]
    for value, expected in values:
        text = exposition([Metric("m", "gauge", "say \\ it", (({"of": awkward}, value),))])
        assert samples(text) == {"m": {labels(of=awkward): expected}}
    nan = exposition([Metric("m", "gauge", "x", (({}, math.nan),))])
    assert math.isnan(samples(nan)["m"][labels()])
    assert exposition([Metric("m", "gauge", "x", ())]) == ""


def test_the_manual_names_every_metric(scraped: httpx.Response) -> None:
    manual = (Path(__file__).parents[3] / "docs/metrics.md").read_text("utf-8")
    for line in scraped.text.splitlines():
        if line.startswith("# TYPE"):
            assert f"`{line.split()[2]}`" in manual
