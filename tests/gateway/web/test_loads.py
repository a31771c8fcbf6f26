"""Flux and lag in the API."""

from datetime import timedelta

import httpx
import pytest

from tests.gateway.web.console_server import serve
from tests.gateway.web.river_rows import NOW, add_value
from xunhe.adapters.store import external
from xunhe.adapters.store.database import Database
from xunhe.domain.external import ExternalValue

FLUX = "/api/v1/stations/YX-S1/flux"


def steady(store: Database, hours: float, nh3n_mg_l: float) -> None:
    with store.write() as connection:
        for i in range(int(hours * 6) + 1):
            add_value(connection, "YX-S1", "nh3n_mg_l", nh3n_mg_l, NOW - timedelta(minutes=10 * i))


def test_a_flux_rests_on_the_reachs_registered_discharge_and_says_so(store: Database) -> None:
    steady(store, 3, 2.0)
    with serve(store) as served, served.client() as client:
        found = client.get(FLUX, params={"hours": 4}).json()
    assert found["discharge"] == "registered"
    assert found["kilograms"] == pytest.approx(2.0 * 6.0 * 3 * 3600 / 1000)
    assert found["covered_share"] == pytest.approx(0.75)
    assert len(found["gaps"]) == 1


def test_a_discharge_that_was_brought_in_counts_instead(store: Database) -> None:
    steady(store, 2, 1.0)
    with store.write() as connection:
        values = [
            ExternalValue("YX-S1", "discharge_m3_s", NOW - timedelta(minutes=30 * i), 4.0)
            for i in range(1, 6)
        ]
        external.insert(connection, values, external.Origin("水文站", "x", "api"), NOW)
    with serve(store) as served, served.client() as client:
        found = client.get(FLUX, params={"hours": 2}).json()
    assert found["discharge"] == "measured"
    assert found["kilograms"] == pytest.approx(1.0 * 4.0 * 1.5 * 3600 / 1000)


def test_an_unknown_station_is_404_and_a_wrong_property_422(client: httpx.Client) -> None:
    assert client.get("/api/v1/stations/NOWHERE/flux").status_code == 404
    assert client.get(FLUX, params={"property": "battery_v"}).status_code == 422
    lag = "/api/v1/stations/YX-S1/lag"
    assert client.get(lag).status_code == 422
    assert client.get(lag, params={"above": "YX-S2"}).status_code == 404  # it lies below


def test_a_station_follows_the_one_above_it_by_the_time_of_travel(store: Database) -> None:
    with store.write() as connection:
        for i in range(3 * 24 * 6):
            at = NOW - timedelta(minutes=10 * i)
            is_pulse = i % 37 in (3, 4, 5, 6) or i % 53 in (11, 12, 13)
            late = i + 6  # an hour
            was_pulse = late % 37 in (3, 4, 5, 6) or late % 53 in (11, 12, 13)
            add_value(connection, "YX-S1", "nh3n_mg_l", 2.0 if is_pulse else 0.3, at)
            add_value(connection, "YX-S2", "nh3n_mg_l", 1.2 if was_pulse else 0.3, at)
    with serve(store) as served, served.client() as client:
        path = "/api/v1/stations/YX-S2/lag"
        found = client.get(path, params={"above": "YX-S1", "hours": 72}).json()
    assert found["is_clear"]
    assert found["lag_s"] == pytest.approx(3600, abs=600)
    assert found["travel_early_s"] < 3000 < found["travel_late_s"]
