"""A platform gets every upload once, whatever the line does."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.fakes.mosquitto import nobody
from tests.gateway.conftest import START
from tests.gateway.hj212.links import MN, STATION, link_to, sample
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.domain.outward import DONE, Message, Outcome, Sent
from xunhe_tools.hj212_platform.platform import Faults, Platform

DATA_TIME = "20261021010000"  # START in Asia/Shanghai


@pytest.fixture
def platform() -> Iterator[Platform]:
    with Platform() as platform:
        yield platform


def samples(count: int) -> list[Message]:
    return [sample(START + timedelta(minutes=n), ph=7 + n / 100) for n in range(count)]


def sent(link: Hj212Link, messages: list[Message], turns: int = 300) -> list[Outcome]:
    """As the courier does it: what is left goes again, until all has arrived."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(messages) and turns:
        turns -= 1
        new = link.send(messages[len(outcomes) :])
        outcomes += [each for each in new if each.sent is not Sent.LATER]
        link._line._resumes_s = 0.0  # a test does not wait for the next attempt
    return outcomes


def test_a_sample_arrives_with_its_login_its_value_and_its_flag(
    platform: Platform, database: Database
) -> None:
    link = link_to(platform.port, database)
    assert link.send([sample(ph=7.12, do_mg_l=6.4)]) == [DONE]
    heard = platform.kept[MN, "2011", DATA_TIME].heard
    assert heard.fields["PW"] == "123456"
    assert (heard.fields["ST"], heard.fields["Flag"]) == ("21", "5")
    assert heard.area == (
        f"DataTime={DATA_TIME};w01001-Rtd=7.12,w01001-Flag=N;w01009-Rtd=6.4,w01009-Flag=N"
    )
    link.close()


def test_a_batch_arrives_in_its_order(platform: Platform, database: Database) -> None:
    link = link_to(platform.port, database)
    assert sent(link, samples(40)) == [DONE] * 40
    assert [time for _, _, time in platform.keys] == sorted(time for _, _, time in platform.keys)
    assert platform.repeats == 0
    link.close()


@pytest.mark.parametrize(
    "faults",
    [
        Faults(drop=0.1),
        Faults(half=0.1),
        Faults(drop=0.05, half=0.05, wrong_check=0.02),
    ],
    ids=["drops", "half answers", "everything"],
)
def test_a_bad_line_loses_nothing_and_keeps_the_order(
    platform: Platform, database: Database, faults: Faults
) -> None:
    platform.faults = faults
    link = link_to(platform.port, database, over_time_s=0.2)
    messages = samples(60)
    assert sent(link, messages) == [DONE] * 60
    times = [time for _, _, time in platform.keys]
    assert len(times) == 60
    assert times == sorted(times)
    assert platform.connections > 1 or platform.repeats > 0
    link.close()


def test_an_answer_with_a_wrong_check_is_none(platform: Platform, database: Database) -> None:
    platform.faults = Faults(wrong_check=1.0)
    link = link_to(platform.port, database, over_time_s=0.5)
    (outcome,) = link.send([sample()])
    assert outcome == Outcome(Sent.LATER, "the platform has not answered")
    assert link.rejected > 0
    assert platform.wait(lambda: platform.repeats == 1)
    link.close()


def test_a_silent_platform_is_asked_again_as_often_as_recount_says(
    platform: Platform, database: Database
) -> None:
    platform.faults = Faults(is_silent=True)
    link = link_to(platform.port, database, over_time_s=0.05, re_count=3)
    (outcome,) = link.send([sample()])
    assert outcome.sent is Sent.LATER
    assert platform.wait(lambda: platform.repeats == 3)
    platform.faults = Faults()
    assert sent(link, [sample()]) == [DONE]
    link.close()


def test_without_answers_what_was_written_has_arrived(
    platform: Platform, database: Database
) -> None:
    platform.faults = Faults(is_silent=True)
    link = link_to(platform.port, database, answers=False)
    assert link.send(samples(20)) == [DONE] * 20
    assert platform.wait(lambda: len(platform.kept) == 20)
    assert {kept.heard.fields["Flag"] for kept in platform.kept.values()} == {"4"}
    link.close()


def test_no_platform_is_told_once_and_then_tried_quietly(database: Database) -> None:
    with nobody() as port:
        link = link_to(port, database)
        (outcome,) = link.send([sample()])
        assert outcome.sent is Sent.LATER
        assert outcome.detail.startswith("cannot connect")
        assert link.send([sample()]) == []


def test_a_link_without_messages_comes_up_and_notices_its_end(
    platform: Platform, database: Database
) -> None:
    link = link_to(platform.port, database)
    assert link.send([]) == [DONE]
    assert link.send([]) == []
    platform.shut()
    assert platform.wait(lambda: [each.sent for each in link.send([])] == [Sent.LATER])
    platform.open()
    link._line._resumes_s = 0.0
    assert link.send([]) == [DONE]
    platform.shut()
    assert platform.wait(lambda: [each.sent for each in link.send([])] == [Sent.LATER])


def test_a_station_that_left_the_link_is_put_aside(platform: Platform, database: Database) -> None:
    link = link_to(platform.port, database)
    gone = Message("k", "readings", START, {"values": {"ph": [7, 1]}}, "elsewhere")
    outcomes = link.send([gone, sample()])
    assert [each.sent for each in outcomes] == [Sent.REFUSED, Sent.DONE]
    link.close()


def test_noise_from_the_platform_is_counted_and_does_no_harm(
    platform: Platform, database: Database
) -> None:
    link = link_to(platform.port, database)
    link.send([])
    assert platform.wait(lambda: platform.connections == 1)
    platform.send(b"##0004" + b"x" * 40 + b"##00")
    assert sent(link, samples(3)) == [DONE] * 3
    assert link.rejected > 0
    link.close()


@pytest.mark.parametrize(
    ("dialect", "head", "area"),
    [
        ("2017", "5", "w01018-Rtd=20,w01018-Flag=D,w01018-EFlag=3"),
        ("2005", "1", "011-Rtd=20,011-Flag=D"),
        ("surface-water-2017", "9", "w01018-Rtd=20,w01018-Flag=D,w01018-EFlag=3"),
    ],
)
def test_a_dialect_has_its_flag_and_its_codes(
    platform: Platform, database: Database, dialect: str, head: str, area: str
) -> None:
    link = link_to(platform.port, database, dialect=dialect)
    assert link.send([sample(flag=3, cod_mg_l=20.0)]) == [DONE]
    heard = platform.kept[MN, "2011", DATA_TIME].heard
    assert (heard.fields["Flag"], heard.area) == (head, f"DataTime={DATA_TIME};{area}")
    link.close()


def test_units_are_those_of_the_code(platform: Platform, database: Database) -> None:
    link = link_to(platform.port, database, codes={"turbidity_ntu": "w01003"})
    link.send([sample(mercury_mg_l=0.00005, turbidity_ntu=12.5, lead_mg_l=0.01)])
    values = platform.kept[MN, "2011", DATA_TIME].heard.values
    said = {code: values[f"{code}-Rtd"] for code in ("w20142", "w01003", "w20144")}
    assert said == {"w20142": "0.05", "w01003": "12.5", "w20144": "0.01"}
    link.close()


def test_only_what_a_platform_looks_at_is_wanted(database: Database) -> None:
    link = link_to(1, database, rtd_interval_s=600)
    assert link.wants(sample(START))
    assert not link.wants(sample(START + timedelta(seconds=599)))
    assert link.wants(sample(START + timedelta(seconds=600)))
    assert not link.wants(sample(START + timedelta(hours=1), battery_v=3.9))
    assert not link.wants(sample(START + timedelta(hours=2), ph=None))
    assert not link.wants(Message("k", "incident", START, {}, STATION))
