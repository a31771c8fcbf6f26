"""CAP over HTTP: a feed for everybody, and each alert, read by capparser."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
import sqlalchemy as sa
from capparser import parse

from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.manual import asked
from tests.gateway.web.river_rows import NOW, REGISTRY, add_incident
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.codecs.cap_feed import ATOM
from xunhe.outward_settings.file import OutwardFile
from xunhe.outward_settings.upstream import CapSettings

HOUR = timedelta(hours=1)
FILE = OutwardFile(cap=CapSettings(sender="river.example"))


def tell(database: Database, incident: int, change: str, at: datetime, before: Any = ()) -> int:
    """A bulletin, as adapters/upstream/bulletins.py writes it."""
    reach = REGISTRY.reaches["YX-1"]
    body = {
        "incident": incident,
        "change": change,
        "kind": "discharge",
        "words": {"zh": "水质异常", "en": "water quality abnormal"},
        "severity": "severe",
        "reach": {"code": reach.code, "name": reach.name, "name_en": reach.name_en},
        "lon_lat": REGISTRY.stations["YX-S1"].lon_lat,
        "started_at": at.isoformat(),
        "ended_at": None,
        "is_confirmed": False,
        "ticket": None,
        "ticket_state": None,
        "witnesses": [{"reason": {"zh": "氨氮突升", "en": "ammonia rose"}}],
        "before": [[number, sent.isoformat()] for number, sent in before],
    }
    row = {"incident_id": incident, "change": change, "at": at, "signature": [], "body": body}
    with database.write() as connection:
        key = connection.execute(sa.insert(schema.bulletin).values(row)).inserted_primary_key
    assert key is not None
    return int(key[0])


@pytest.fixture
def office(store: Database) -> Iterator[Served]:
    """A console that nobody may read, beside its alerts: 1 stands, 2 was false, 3 is old."""
    with store.write() as connection:
        for station in ("YX-S1", "YX-S2", "YX-S3"):
            add_incident(connection, station)
    opened = NOW - HOUR
    tell(store, 1, "opened", opened)
    tell(store, 1, "updated", NOW, [(1, opened)])
    tell(store, 2, "opened", opened)
    tell(store, 2, "withdrawn", NOW, [(3, opened)])
    tell(store, 3, "ended", NOW - 31 * 24 * HOUR)
    with serve(store, read_without_login=False, outward=FILE) as served:
        yield served


@pytest.fixture
def stranger(office: Served) -> Iterator[httpx.Client]:
    with office.client() as client:
        yield client


def entries(feed: httpx.Response) -> dict[str, str]:
    """Identifier → address."""
    root = ET.fromstring(feed.content)
    assert root.findtext(f"{{{ATOM}}}updated")
    return {
        str(entry.findtext(f"{{{ATOM}}}id")).rpartition(":")[2]: str(link.get("href"))
        for entry in root.findall(f"{{{ATOM}}}entry")
        if (link := entry.find(f"{{{ATOM}}}link")) is not None
    }


def test_the_feed_leads_everybody_to_how_each_incident_stands(stranger: httpx.Client) -> None:
    feed = stranger.get("/cap/feed.xml")
    assert feed.headers["content-type"] == "application/atom+xml"
    found = entries(feed)
    assert list(found) == ["river.example.2.4", "river.example.1.2"]
    read = {name: parse(stringXML=stranger.get(url).text) for name, url in found.items()}
    for name, alert in read.items():
        assert alert.identifier[0] == name
        assert alert.sent[0].endswith("+08:00")
    assert read["river.example.1.2"].msgType[0] == "Update"
    assert "river.example.1.1" in read["river.example.1.2"].references[0]


def test_what_was_false_is_gone_and_its_cancel_stays(stranger: httpx.Client) -> None:
    gone = stranger.get("/cap/river.example.2.3.xml")
    assert (gone.status_code, gone.json()["code"]) == (410, "withdrawn")
    cancel = parse(stringXML=stranger.get("/cap/river.example.2.4.xml").text)
    assert cancel.msgType[0] == "Cancel"
    assert stranger.get("/cap/river.example.1.1.xml").status_code == 200


@pytest.mark.parametrize("path", ["/cap/feed.xml", "/cap/river.example.1.2.xml"])
def test_what_one_has_is_not_sent_again(stranger: httpx.Client, path: str) -> None:
    first = stranger.get(path)
    assert first.headers["cache-control"] == "no-cache"
    again = stranger.get(path, headers={"if-none-match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert stranger.get(path, headers={"if-none-match": '"x"'}).content == first.content


@pytest.mark.parametrize(
    "name", ["river.example.1.9", "other.example.1.1", "river.example.2.1", "x", "river.example.1."]
)
def test_an_alert_that_is_none_is_not_found(stranger: httpx.Client, name: str) -> None:
    assert stranger.get(f"/cap/{name}.xml").status_code == 404


def test_without_settings_there_is_nothing(client: httpx.Client) -> None:
    assert client.get("/cap/feed.xml").status_code == 404
    assert client.get("/cap/river.example.1.1.xml").status_code == 404


def test_the_manual_asks_what_is_answered(stranger: httpx.Client) -> None:
    examples = asked("cap.md")
    assert examples
    for each in examples:
        assert each.of(stranger).status_code == 200, each
