"""Samples become real-time data, and the intervals that they close minute, hour and day data."""

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.gateway.conftest import START, StandingClock
from tests.gateway.hj212.links import MN, STATION, link_settings, link_to
from xunhe.adapters.hj212_factors import Factors
from xunhe.adapters.outbox.courier import Clocks, Courier
from xunhe.adapters.store import records, taken
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.taken import Taken
from xunhe.adapters.upstream.hj212 import remote
from xunhe.adapters.upstream.hj212.aggregate import aggregated, start_of
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.adapters.upstream.hj212.source import Uploads
from xunhe.codecs.hj212.dialect import V2017
from xunhe.codecs.hj212.times import EAST_8
from xunhe.domain.observation import FAIL, GOOD, MISSING, SUSPECT, UNKNOWN, Sample
from xunhe_tools.hj212_platform.platform import Faults, Platform

MINUTE = timedelta(minutes=1)


def take_in(database: Database, count: int, first: int = 0, every: timedelta = MINUTE) -> None:
    """What the intake writes: readings and arrivals, pH 7.00, 7.01, …"""
    samples = (
        Sample(STATION, START + n * every, {"ph": (7 + n / 100, GOOD)})
        for n in range(first, first + count)
    )
    readings = [Taken(sample, "dev", 1, n) for n, sample in enumerate(samples, first)]
    with database.write() as connection:
        taken.insert(connection, readings, START)
        taken.insert_arrivals(connection, readings)


def found(database: Database, **changed: object) -> list[tuple[int, str]]:
    """(position, what): 2011 for a sample, else the command and DataTime of an interval."""
    settings = link_settings(**changed)
    with database.read() as connection:
        messages = Uploads(settings, Factors(V2017, {})).after(connection, 0, 500)
    return [
        (place, f"{message.body['cn']} {message.body['start'][11:16]}" if "cn" in message.body
         else "2011")
        for place, message in messages
    ]  # fmt: skip


def test_an_interval_goes_with_the_first_sample_behind_it(database: Database) -> None:
    take_in(database, 21)
    intervals = [each for each in found(database, sends=["2051"]) if each[1] != "2011"]
    assert intervals == [(11, "2051 01:00"), (21, "2051 01:10")]


def test_an_hour_and_a_day_close_at_local_boundaries(database: Database) -> None:
    take_in(database, 25, every=timedelta(hours=1))
    sent = found(database, sends=["2061", "2031"])
    days = [each for each in sent if each[1].startswith("2031")]
    assert days == [(24, "2031 00:00")]
    assert len([each for each in sent if each[1].startswith("2061")]) == 24


def test_every_sample_keeps_its_position_so_that_nothing_is_planned_twice(
    database: Database,
) -> None:
    take_in(database, 5)
    assert [place for place, what in found(database) if what == "2011"] == [1, 2, 3, 4, 5]


def test_a_sparse_station_closes_an_interval_with_each_sample(database: Database) -> None:
    take_in(database, 3, every=timedelta(minutes=15))
    assert [what for _, what in found(database, sends=["2051"]) if what != "2011"] == [
        "2051 01:00",
        "2051 01:10",
    ]


def test_the_platforms_minute_interval_counts(database: Database) -> None:
    settings = link_settings()
    (station,) = settings.station
    changed = remote.of_file(settings, station)
    with database.write() as connection:
        remote.save(connection, settings, station, replace_interval(changed, 5))
    take_in(database, 11)
    assert [what for _, what in found(database) if what.startswith("2051")] == [
        "2051 01:00",
        "2051 01:05",
    ]


def replace_interval(now: remote.Remote, minutes: int) -> remote.Remote:
    return remote.Remote(
        now.pw, now.over_time_s, now.re_count, now.rtd_interval_s, minutes, now.sends_realtime
    )


@pytest.mark.parametrize(
    ("flags", "st", "letter"),
    [
        ([GOOD] * 4, "21", "N"),
        ([GOOD, GOOD, UNKNOWN, SUSPECT], "21", "N"),  # three of four: 75 %
        ([GOOD, GOOD, SUSPECT, FAIL], "21", "D"),
        ([GOOD] * 9 + [FAIL], "32", "D"),  # effluent: one is enough
        ([GOOD] * 4, "32", "N"),
    ],
)
def test_the_flag_of_an_aggregate(
    database: Database, flags: Sequence[int], st: str, letter: str
) -> None:
    values: dict[str, tuple[float, float, float, str]] = {}
    with database.write() as connection:
        for n, flag in enumerate(flags):
            sample = Sample(STATION, START + n * MINUTE, {"ph": (7.0, flag)})
            records.insert_sample(connection, sample, "dev", 1, n)
        span = (START, START + timedelta(hours=1))
        values = aggregated(connection, STATION, ["ph"], span, st)
    assert values == {"ph": (7.0, 7.0, 7.0, letter)}


def test_only_usable_values_take_part_and_without_one_there_is_no_aggregate(
    database: Database,
) -> None:
    said: list[tuple[float | None, int]] = [(7.0, GOOD), (99.0, FAIL), (None, MISSING), (8.0, GOOD)]
    with database.write() as connection:
        for n, value in enumerate(said):
            values = {"ph": value, "do_mg_l": (1.0, FAIL)}
            records.insert_sample(
                connection, Sample(STATION, START + n * MINUTE, values), "d", 1, n
            )
        span = (START, START + timedelta(minutes=10))
        found = aggregated(connection, STATION, ["ph", "do_mg_l"], span, "21")
    assert found == {"ph": (7.0, 7.5, 8.0, "D")}


def test_the_end_of_an_interval_belongs_to_the_next(database: Database) -> None:
    take_in(database, 11)
    with database.read() as connection:
        span = (START, START + timedelta(minutes=10))
        assert aggregated(connection, STATION, ["ph"], span, "21")["ph"][2] == pytest.approx(7.09)


@pytest.mark.parametrize(("minute", "start"), [(0, 0), (9, 0), (10, 10), (59, 50)])
def test_intervals_begin_at_multiples_of_their_length(minute: int, start: int) -> None:
    at = START + timedelta(minutes=minute)
    assert start_of(at, timedelta(minutes=10), EAST_8) == START + timedelta(minutes=start)


def courier(database: Database, link: Hj212Link, port: int, clock: StandingClock) -> Courier:
    uploads = Uploads(link_settings(port), link.factors)
    return Courier(database, link, [uploads], Clocks(clock, clock, lambda: 0.0), random.Random(1))


def test_the_outbox_brings_a_backlog_over_in_order_with_the_live_sample_first(
    database: Database,
) -> None:
    clock = StandingClock(START + timedelta(minutes=59))
    with Platform() as platform:
        link = link_to(platform.port, database)
        carrier = courier(database, link, platform.port, clock)
        carrier.step()
        take_in(database, 60)
        while carrier.step():
            pass
        link.close()
    times = [time for _, cn, time in platform.keys if cn == "2011"]
    live, backlog = times[:3], times[3:]  # younger than two minutes
    assert live == ["20261021015700", "20261021015800", "20261021015900"]
    assert backlog == sorted(backlog)
    assert len(set(times)) == 60
    minutes = [time for _, cn, time in platform.keys if cn == "2051"]
    assert minutes == [f"2026102101{n}000" for n in range(5)]


def test_an_outage_is_made_good_once_and_in_order(database: Database) -> None:
    clock = StandingClock(START + timedelta(days=1))
    with Platform(faults=Faults(drop=0.02, half=0.02)) as platform:
        link = link_to(platform.port, database)
        carrier = courier(database, link, platform.port, clock)
        carrier.step()
        assert platform.wait(lambda: platform.connections == 1)
        platform.shut()
        take_in(database, 150)
        assert carrier.step() == 0
        platform.open()
        for _ in range(400):
            carrier._resumes_s = link._line._resumes_s = 0.0
            carrier.step()
        link.close()
    times = [time for mn, cn, time in platform.keys if (mn, cn) == (MN, "2011")]
    assert times == sorted(times)
    assert len(times) == 150
