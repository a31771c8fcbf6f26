"""What a buoy says of its own health: kept for people, checked, and never mixed with readings."""

import json
from typing import Any

import pytest

from tests.gateway.conftest import Buoy, Site
from tests.gateway.test_ingest import counters, rows
from xunhe.adapters.frames import Message
from xunhe.adapters.store import devices, schema
from xunhe.domain.status import ProbeErrors


def status(buoy: Buoy, **fields: Any) -> Message:
    data = {"device": buoy.address.hex(), "online": True, **fields}
    payload = json.dumps(data).encode()
    return Message(f"xunhe/v1/{buoy.station}/status", payload, len(payload))


def kept(site: Site, station: str) -> Any:
    with site.database.read() as connection:
        return devices.statuses(connection).get(station)


@pytest.fixture
def buoy(site: Site) -> Buoy:
    return site.buoys["YX-S1"]


def test_the_newest_status_is_kept_and_not_acknowledged(site: Site, buoy: Buoy) -> None:
    site.ingest.take([status(buoy, pending=9)])
    errors = {"Y504@1": {"silence": 3}, "Y532@2": {}}
    reply = site.ingest.take([status(buoy, pending=2, dropped=1, probes=errors)])
    assert reply.acks == ()
    found = kept(site, "YX-S1")
    assert (found.pending, found.dropped, found.is_online) == (2, 1, True)
    assert found.probe_errors == (ProbeErrors("Y504@1", "silence", 3),)


def test_a_farewell_tells_that_the_buoy_has_gone_and_keeps_its_counters(
    site: Site, buoy: Buoy
) -> None:
    site.ingest.take([status(buoy, pending=2, probes={"Y504@1": {"crc": 1}})])
    site.ingest.take([status(buoy, online=False)])
    found = kept(site, "YX-S1")
    assert found.is_online is False
    assert found.probe_errors == (ProbeErrors("Y504@1", "crc", 1),)


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (b"", "status", "Expecting value"),
        (b"\xff\xfe", "status", ""),
        (b"[" * 2000, "status", "recursion"),
        (b"[1]", "status", "not a JSON object"),
        (b'{"device": "020000000000", "pending": "many"}', "status", "pending: 'many' is not int"),
        (b'{"device": "020000000000", "dropped": true}', "status", "dropped"),
        (b'{"device": "020000000000", "probes": [1]}', "status", "probes"),
        (b'{"device": "ffffffffffff", "online": true}', "wrong_station", "does not serve at YX-S1"),
        (b'{"device": "020000000001", "online": true}', "wrong_station", "does not serve at YX-S1"),
        (b'{"online": true}', "wrong_station", "does not serve at YX-S1"),
    ],
)
def test_a_status_of_no_use_is_kept_as_rejected_with_its_reason(
    site: Site, payload: bytes, reason: str, detail: str
) -> None:
    site.ingest.take([Message("xunhe/v1/YX-S1/status", payload, len(payload))])
    (row,) = rows(site.database, schema.rejected)
    assert row.reason == reason
    assert detail in row.detail
    assert counters(site.database) == {f"rejected.{reason}": 1}
    assert kept(site, "YX-S1") is None
