"""More comes than can be judged at once: what waits, what goes first, what a restart knows."""

from datetime import timedelta

import sqlalchemy as sa

from tests.gateway.conftest import START, Buoy, Site, minutes, rules_with
from xunhe.adapters.ingest import Ingest, Terms
from xunhe.adapters.store import schema, unjudged

_HIGH = {"looks_for": "threshold", "indicator": "nh3n_mg_l", "above": 2.0, "clear_at": 1.5}


def ingest_of(site: Site, most: int) -> Ingest:
    rules = rules_with({"ammonia_high": _HIGH, "silent_station": {"intervals": 30}})
    return Ingest(site.database, site.registry, site.clock, rules, terms=Terms(judged_at_once=most))


def waiting(site: Site) -> int:
    with site.database.read() as connection:
        return unjudged.count(connection)


def stations_with_alerts(site: Site) -> list[str]:
    with site.database.read() as connection:
        query = sa.select(schema.alert.c.station).order_by(schema.alert.c.id)
        return list(connection.execute(query).scalars())


def read(buoy: Buoy, count: int, **values: float) -> list[object]:
    return [
        buoy.read(START + timedelta(seconds=60 * len(buoy.log)), **values) for _ in range(count)
    ]


def test_everything_is_acknowledged_and_what_is_over_the_measure_waits(site: Site) -> None:
    ingest, buoy = ingest_of(site, 4), site.buoys["YX-S1"]
    site.clock.at = START + minutes(60)
    reply = ingest.take([buoy.send(*read(buoy, 10))])
    assert len(reply.acks) == 1
    assert waiting(site) == 6
    ingest.catch_up()
    ingest.catch_up()
    assert waiting(site) == 0
    assert not ingest.is_behind


def test_as_many_as_the_measure_are_judged_without_waiting(site: Site) -> None:
    ingest, buoy = ingest_of(site, 10), site.buoys["YX-S1"]
    site.clock.at = START + minutes(60)
    ingest.take([buoy.send(*read(buoy, 10))])
    assert waiting(site) == 0


def test_a_station_beyond_a_limit_goes_before_those_that_waited_longer(site: Site) -> None:
    ingest = ingest_of(site, 3)
    calm, polluted = site.buoys["YX-S1"], site.buoys["YX-S2"]
    site.clock.at = START + minutes(90)
    ingest.take([polluted.send(*read(polluted, 2)), calm.send(*read(calm, 20))])
    ingest.take([polluted.send(*read(polluted, 3, nh3n_mg_l=2.6))])
    assert set(stations_with_alerts(site)) == {"YX-S2"}
    assert waiting(site) > 10


def test_in_a_hurry_calm_water_is_judged_one_by_one(site: Site) -> None:
    ingest, buoy = ingest_of(site, 4), site.buoys["YX-S1"]
    site.clock.at = START + minutes(60)
    ingest.take([buoy.send(*read(buoy, 10))], more_wait=True)
    assert waiting(site) == 9


def test_a_restart_judges_what_waited(site: Site) -> None:
    ingest, buoy = ingest_of(site, 2), site.buoys["YX-S1"]
    site.clock.at = START + minutes(60)
    ingest.take([buoy.send(*read(buoy, 3), *read(buoy, 3, nh3n_mg_l=2.6))], more_wait=True)
    again = ingest_of(site, 100)
    assert again.is_behind
    again.catch_up()
    assert waiting(site) == 0
    assert "YX-S1" in stations_with_alerts(site)


def test_late_judgement_finds_what_judgement_at_once_finds(site: Site) -> None:
    ingest, buoy = ingest_of(site, 1), site.buoys["YX-S1"]
    site.clock.at = START + minutes(60)
    frames = [buoy.send(*read(buoy, 5, nh3n_mg_l=level)) for level in (0.35, 0.5, 2.5, 2.6, 0.4)]
    ingest.take(frames)
    while ingest.is_behind:
        ingest.catch_up()
    with site.database.read() as connection:
        late = connection.execute(sa.select(schema.alert.c.rule, schema.alert.c.started_at)).all()
    assert late
    assert len({(rule, at) for rule, at in late}) == len(late)
