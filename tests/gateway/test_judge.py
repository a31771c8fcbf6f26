"""The whole path of a sample: quality control, maintenance, hours, bad input, silences, faults."""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.gateway.conftest import START, Buoy, Site, minutes
from tests.gateway.test_ingest import rows
from xunhe.adapters.store import maintenance, schema, silences
from xunhe.alerts.muting import Labels
from xunhe.domain.maintenance import Maintenance, Work

HOUR = timedelta(hours=1)


@pytest.fixture
def buoy(site: Site) -> Buoy:
    return site.buoys["YX-S1"]


def told(site: Site, buoy: Buoy, begin: int, end: int, **values: float | None) -> None:
    """Readings of every four minutes from one step to another, one frame."""
    site.clock.at = START + minutes(4 * end)
    readings = [buoy.read(START + minutes(4 * i), **values) for i in range(begin, end)]
    for i in range(0, len(readings), 10):
        site.ingest.take([buoy.send(*readings[i : i + 10])])


def decided(site: Site, outcome: str) -> list[Any]:
    return [row for row in rows(site.database, schema.decision) if row.outcome == outcome]


def test_every_alert_has_the_decisions_that_raised_and_cleared_it(site: Site, buoy: Buoy) -> None:
    told(site, buoy, 0, 20)
    told(site, buoy, 20, 35, nh3n_mg_l=3.1)
    told(site, buoy, 35, 60)
    raised = {row.id: row for row in rows(site.database, schema.alert)}
    assert {row.rule for row in raised.values()} == {"ammonia_step", "class_worse_than_target"}
    opening = [row for row in rows(site.database, schema.decision) if row.outcome != "cleared"]
    assert {row.alert_id for row in opening} == set(raised)
    assert {row.alert_id for row in decided(site, "cleared")} == set(raised)
    for row in rows(site.database, schema.decision):
        assert row.reason_zh
        assert row.reason_en
    assert {row.outcome for row in opening} == {"opened", "joined"}


def test_what_is_read_during_work_is_kept_and_judges_nothing(site: Site, buoy: Buoy) -> None:
    told(site, buoy, 0, 20)
    work = Maintenance("YX-S1", Work.CLEANING, START + minutes(70), START + minutes(150))
    with site.database.write() as connection:
        maintenance.add(connection, work, START)
    told(site, buoy, 20, 35, nh3n_mg_l=3.1)
    told(site, buoy, 35, 60)
    assert rows(site.database, schema.alert) == []
    stored = [row.value for row in rows(site.database, schema.observation) if row.value == 3.1]
    assert stored, "the record has all of it"


def test_a_stuck_probe_is_named_and_judges_nothing(site: Site, buoy: Buoy) -> None:
    told(site, buoy, 0, 40)
    site.clock.at = START + minutes(4 * 70)
    for i in range(40, 70):
        record = buoy.read(START + minutes(4 * i), nh3n_mg_l=3.1)
        record.scaled = (*record.scaled[:3], 310, record.scaled[4])
        site.ingest.take([buoy.send(record)])
    (named,) = decided(site, "set_apart")
    assert (named.rule, named.by, named.station) == ("stuck", "nh3n_mg_l", "YX-S1")
    assert named.times > 1, "one suspicion, told with every sample, is one row"


def test_a_clock_that_went_back_by_a_day_is_named_and_its_reading_kept_apart(
    site: Site, buoy: Buoy
) -> None:
    told(site, buoy, 0, 3)
    wrong = buoy.read(START - timedelta(days=1), nh3n_mg_l=9.0)
    reply = site.ingest.take([buoy.send(wrong)])
    assert reply.acks, "acknowledged: it is stored"
    (named,) = decided(site, "set_apart")
    assert named.rule == "clock_back"
    flags = {r.flag for r in rows(site.database, schema.observation) if r.seq == wrong.seq}
    assert flags == {3}


def test_readings_that_are_thirty_days_late_are_kept_and_judge_nothing(
    site: Site, buoy: Buoy
) -> None:
    site.clock.at = START + timedelta(days=31)
    readings = [
        buoy.read(START + minutes(4 * i), nh3n_mg_l=0.35 if i < 20 else 3.1) for i in range(30)
    ]
    for i in range(0, 30, 10):
        site.ingest.take([buoy.send(*readings[i : i + 10])])
    assert rows(site.database, schema.alert) == []
    assert [row.rule for row in decided(site, "set_apart")] == ["late"]
    assert len(rows(site.database, schema.record)) == 30


def test_a_silenced_discharge_alarms_when_the_silence_ends(site: Site, buoy: Buoy) -> None:
    with site.database.write() as connection:
        end = START + minutes(100)
        silences.add(connection, Labels(station="YX-S1"), START, end, "站长", "演练")
    told(site, buoy, 0, 20)
    told(site, buoy, 20, 35, nh3n_mg_l=3.1)
    alerts = rows(site.database, schema.alert)
    assert {row.started_at for row in alerts} == {START + minutes(100)}
    hidden = decided(site, "silenced")
    assert {row.rule for row in hidden} == {"ammonia_step", "class_worse_than_target"}
    assert all(row.times > 1 for row in hidden)
    with site.database.read() as connection:
        (row,) = silences.newest(connection, 9)
    assert row.hidden == 2


@pytest.mark.parametrize(
    ("labels", "reason", "hours", "problem"),
    [
        (Labels(), "演练", 1, "label"),
        (Labels(station="S"), " ", 1, "reason"),
        (Labels(station="S"), "演练", 0, "end after"),
    ],
)
def test_a_silence_that_says_too_little_is_refused(
    site: Site, labels: Labels, reason: str, hours: float, problem: str
) -> None:
    with site.database.write() as connection, pytest.raises(ValueError, match=problem):
        silences.add(connection, labels, START, START + hours * HOUR, "站长", reason)


def test_hours_are_closed_by_the_first_reading_of_the_next_one(site: Site, buoy: Buoy) -> None:
    told(site, buoy, 0, 15)  # the whole first hour
    assert rows(site.database, schema.hourly_median) == []
    told(site, buoy, 15, 17)
    hours = {row.property: row for row in rows(site.database, schema.hourly_median)}
    assert {row.start for row in hours.values()} == {START}
    assert hours["nh3n_mg_l"].count == 15
    assert hours["nh3n_mg_l"].median == pytest.approx(0.35, abs=0.02)


def test_a_late_reading_comes_into_its_hour(site: Site, buoy: Buoy) -> None:
    late = buoy.read(START + minutes(30))
    told(site, buoy, 0, 7)
    told(site, buoy, 8, 17)
    site.ingest.take([buoy.send(late)])
    counts = {row.count for row in rows(site.database, schema.hourly_median)}
    assert counts == {15}


def test_hours_are_the_same_after_a_restart_in_between(site: Site, buoy: Buoy) -> None:
    def hours() -> dict[tuple[str, datetime], float]:
        return {(r.property, r.start): r.median for r in rows(site.database, schema.hourly_median)}

    told(site, buoy, 0, 40)
    before = hours()
    with site.database.write() as connection:
        connection.execute(schema.hourly_median.delete())
    site.ingest._judge.forget()
    told(site, buoy, 40, 50)
    assert {key: hours()[key] for key in before} == before
    assert all(start.tzinfo is UTC for _, start in before)


def test_early_warning_speaks_where_two_weeks_are_known_and_its_chart_is_kept(
    site: Site, buoy: Buoy
) -> None:
    rng = random.Random(1)

    def usual(at: datetime) -> dict[str, float]:
        day = math.sin(2 * math.pi * (at - START) / timedelta(days=1))
        return {
            "do_mg_l": 7.2 + day + rng.gauss(0, 0.1),
            "nh3n_mg_l": 0.35 * rng.gauss(1, 0.1),
            "ph": 7.6 + 0.2 * day + rng.gauss(0, 0.03),
        }

    with site.database.write() as connection:
        connection.execute(
            schema.hourly_median.insert(),
            [
                {"station": "YX-S1", "property": p, "start": at, "median": v, "count": 15}
                for h in range(1, 14 * 24)
                for at in [START - h * HOUR]
                for p, v in usual(at + HOUR / 2).items()
            ],
        )
    for i in range(120):
        at = START + minutes(4 * i)
        values = usual(at)
        if i >= 90:  # too little for a step, enough for three indicators at once
            values["nh3n_mg_l"] += 0.3
            values["do_mg_l"] -= 0.8
        site.clock.at = at
        site.ingest.take([buoy.send(buoy.read(at, **values))])
    (alert,) = rows(site.database, schema.alert)
    assert alert.rule == "early_warning"
    assert START + minutes(360) <= alert.started_at <= START + minutes(400)
    (opened,) = decided(site, "opened")
    assert opened.detail, "the data of a chart"


@pytest.mark.parametrize("ph", [3.1, 10.9])
def test_acid_and_lye_are_judged_and_not_taken_for_a_broken_probe(
    site: Site, buoy: Buoy, ph: float
) -> None:
    told(site, buoy, 0, 20)
    told(site, buoy, 20, 35, ph=ph)
    raised = {row.rule: row for row in rows(site.database, schema.alert)}
    assert raised["class_worse_than_target"].property == "ph"
