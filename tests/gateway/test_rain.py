"""Rain by the gauges among the external values: what the rules and the cameras are told of it."""

from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import START, Site, minutes
from tests.gateway.test_judge import told
from xunhe.adapters import judge
from xunhe.adapters.store import external, rain
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.external import Origin
from xunhe.alerts.view import View
from xunhe.domain.external import ExternalValue

HOUR = timedelta(hours=1)
GAUGE = Origin("气象站", "tester", "api")


def rained(database: Database, *hours: tuple[datetime, float], place: str = "YX-S3") -> None:
    """Each hour by its end, with its millimetres."""
    values = [ExternalValue(place, rain.PROPERTY, end, mm, False) for end, mm in hours]
    with database.write() as connection:
        external.insert(connection, values, GAUGE, START)


def test_without_a_gauge_nobody_knows_whether_it_rains(site: Site) -> None:
    with site.database.read() as connection:
        assert rain.spans(connection, START) is None
        assert rain.now_mm_h(connection, START) is None


def test_a_dry_gauge_says_that_it_did_not_rain(site: Site) -> None:
    rained(site.database, (START - HOUR, 0.0))
    with site.database.read() as connection:
        assert rain.spans(connection, START) == ()


def test_an_hour_of_rain_ends_at_the_time_of_its_value(site: Site) -> None:
    rained(site.database, (START - HOUR, 4.0), (START, 0.09), (START + HOUR, 0.1))
    with site.database.read() as connection:
        found = rain.spans(connection, START)
    first, last = (START - 2 * HOUR).timestamp(), START.timestamp()
    assert found == ((first, first + 3600), (last, last + 3600))


@pytest.mark.parametrize(("age_min", "known"), [(74, True), (75, False)])
def test_a_gauge_that_has_fallen_silent_says_nothing_of_now(
    site: Site, age_min: int, known: bool
) -> None:
    rained(site.database, (START - timedelta(minutes=age_min), 3.0))
    with site.database.read() as connection:
        assert rain.now_mm_h(connection, START) == (3.0 if known else None)


def test_of_two_gauges_the_wetter_one_counts(site: Site) -> None:
    rained(site.database, (START, 0.5))
    rained(site.database, (START, 2.5), place="YX-S1")
    with site.database.read() as connection:
        assert rain.now_mm_h(connection, START) == 2.5


def test_the_rules_are_told_when_it_rained(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    views: list[View] = []
    decide = judge.decide

    def seen(rules: object, view: View, active: object) -> object:
        views.append(view)
        return decide(rules, view, active)  # type: ignore[arg-type]

    monkeypatch.setattr(judge, "decide", seen)
    told(site, site.buoys["YX-S1"], 0, 2)
    assert views[-1].context.rain is None
    rained(site.database, (START - HOUR, 4.0))
    told(site, site.buoys["YX-S1"], 2, 4)
    end = (START - HOUR).timestamp()
    assert views[-1].context.rain == ((end - 3600, end),)
    assert views[-1].times_s[-1] == (START + minutes(12)).timestamp()
