"""Forecasts in the API."""

from datetime import timedelta

import httpx
import numpy as np
import pytest

from tests.gateway.web.console_server import serve
from tests.gateway.web.river_rows import NOW
from xunhe.adapters.store import hourly
from xunhe.adapters.store.database import Database
from xunhe.water.series import HOUR_S, Hourly

URL = "/api/v1/stations/YX-S1/forecast"


def with_days(store: Database, days: int, end_ago: timedelta = timedelta()) -> None:
    """Hours of oxygen with its daily curve, the last of them over `end_ago` ago."""
    end_s = (NOW - end_ago).timestamp() // HOUR_S * HOUR_S
    starts_s = end_s - HOUR_S * np.arange(days * 24, 0, -1)
    noise = np.random.default_rng(1).normal(0, 0.1, len(starts_s))
    values = 8 + 2 * np.sin(2 * np.pi * starts_s / (24 * HOUR_S)) + noise
    counts = np.full(len(starts_s), 30, np.int32)
    with store.write() as connection:
        hourly.keep(connection, "YX-S1", {"do_mg_l": Hourly(starts_s, values, counts)})


def asked(store: Database) -> list[dict[str, object]]:
    with serve(store) as served, served.client() as client:
        found = client.get(URL)
    assert found.status_code == 200
    return list(found.json())


def test_a_daily_curve_is_foreseen_with_its_interval(store: Database) -> None:
    with_days(store, 13)
    (oxygen,) = asked(store)
    assert oxygen["property"] == "do_mg_l"
    hours = oxygen["hours"]
    assert isinstance(hours, list)
    assert len(hours) > 15
    assert all(one["low"] <= one["value"] <= one["high"] for one in hours)
    assert all(one["skill"] > 0 for one in hours)


@pytest.mark.parametrize(("days", "silent_h"), [(4, 0), (13, 4)])
def test_a_short_history_or_a_silent_station_has_none(
    store: Database, days: int, silent_h: int
) -> None:
    with_days(store, days, timedelta(hours=silent_h))
    assert asked(store) == []


def test_an_unknown_station_is_404(client: httpx.Client) -> None:
    assert client.get("/api/v1/stations/NOWHERE/forecast").status_code == 404
