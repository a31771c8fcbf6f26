"""What a platform asks is checked, done or refused, and answered by the standard's codes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.gateway.conftest import START
from tests.gateway.hj212.links import MN, link_to, sample
from tests.gateway.test_ingest import rows
from xunhe.adapters.store import records
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.schema import hj212_remote
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.domain.observation import Sample
from xunhe_tools.hj212_platform.platform import Platform
from xunhe_tools.hj212_platform.wire import Heard

QN, LATER, BEHIND = "20261021005900000", "20261021005900001", "20261021005900009"
NOW = "20261021010000"


class Talk:
    """A platform and a link that is up."""

    def __init__(self, platform: Platform, link: Hj212Link) -> None:
        self.platform, self.link = platform, link
        link.send([])
        assert platform.wait(lambda: platform.connections == 1)

    def ask(self, cn: str, area: str = "", **changed: str) -> list[Heard]:
        """The replies to a request; `changed` fields of its head, empty ones left out."""
        before = len(self.platform.replies)
        self._say(cn, area, changed)
        assert self.platform.wait(lambda: self._is_over(before))
        return self.platform.replies[before:]

    def quietly(self, cn: str, area: str = "", **changed: str) -> bool:
        """Does a request get no reply? The one behind it gets the next."""
        self._say(cn, area, changed)
        return {heard.fields["QN"] for heard in self.ask("1063", QN=BEHIND)} == {BEHIND}

    def _say(self, cn: str, area: str, changed: dict[str, str]) -> None:
        head = {"QN": QN, "ST": "21", "CN": cn, "PW": "123456", "MN": MN, "Flag": "5", **changed}
        said = ";".join(f"{name}={value}" for name, value in head.items() if value)
        self.platform.ask(f"{said};CP=&&{area}&&")

    def _is_over(self, before: int) -> bool:
        self.link.send([])
        return any(
            heard.fields["CN"] in ("9012", "9013")
            or (heard.fields["CN"] == "9011" and heard.area != "QnRtn=1")
            for heard in self.platform.replies[before:]
        )

    def result(self, cn: str, area: str = "", **changed: str) -> list[str]:
        """Areas of the replies, such as ["QnRtn=1", "ExeRtn=1"]."""
        return [heard.area for heard in self.ask(cn, area, **changed)]


@pytest.fixture
def talk(database: Database) -> Iterator[Talk]:
    with Platform() as platform:
        link = link_to(platform.port, database)
        yield Talk(platform, link)
        link.close()


def test_answers_have_st_91_flag_4_and_the_qn_pw_and_mn_of_the_request(talk: Talk) -> None:
    ready, done = talk.ask("1062", "RtdInterval=60")
    fields = {"QN": QN, "ST": "91", "PW": "123456", "MN": MN, "Flag": "4"}
    assert ready.fields == {**fields, "CN": "9011"}
    assert done.fields == {**fields, "CN": "9012"}


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"MN": "B" * 24}, 4),
        ({"PW": "654321"}, 3),
        ({"ST": "32"}, 5),
        ({"Flag": "9"}, 6),
        ({"Flag": "x"}, 6),
        ({"Flag": "7"}, 6),
        ({"QN": "2026"}, 7),
        ({"QN": "20261399010000000"}, 7),
        ({"CN": "1099"}, 8),
        ({"CN": "3012"}, 2),
        ({"CN": "3020"}, 2),
    ],
)
def test_what_is_wrong_gets_its_code_and_is_not_executed(
    talk: Talk, database: Database, changed: dict[str, str], code: int
) -> None:
    assert talk.result("1062", "RtdInterval=60", **changed) == [f"QnRtn={code}"]
    assert rows(database, hj212_remote) == []


@pytest.mark.parametrize("changed", [{"Flag": ""}, {"QN": ""}])
def test_without_flag_or_qn_no_answer_is_due_and_nothing_is_done(
    talk: Talk, database: Database, changed: dict[str, str]
) -> None:
    assert talk.quietly("1062", "RtdInterval=60", **changed)
    assert rows(database, hj212_remote) == []


def test_a_request_that_wants_no_answer_is_executed_quietly(talk: Talk) -> None:
    assert talk.quietly("1062", "RtdInterval=60", Flag="4")
    assert "RtdInterval=60" in talk.result("1061", QN=LATER)


@pytest.mark.parametrize(
    ("cn", "area", "result"),
    [
        ("1000", "OverTime=1;ReCount=99", 1),
        ("1000", "Overtime=5;ReCount=3", 1),
        ("1000", "OverTime=0;ReCount=3", 3),
        ("1000", "OverTime=100;ReCount=3", 3),
        ("1000", "OverTime=5", 3),
        ("1062", "RtdInterval=29", 3),
        ("1062", "RtdInterval=30", 1),
        ("1062", "RtdInterval=3600", 1),
        ("1062", "RtdInterval=3601", 3),
        ("1062", "RtdInterval=x", 3),
        ("1064", "MinInterval=30", 1),
        ("1064", "MinInterval=7", 3),
        ("1064", "", 3),
        ("1072", "NewPW=abc123", 1),
        ("1072", "NewPW=abc12", 3),
        ("1072", "NewPW=abc_12", 3),
        ("1012", f"SystemTime={NOW}", 1),
        ("1012", "SystemTime=20261021010005", 1),
        ("1012", "SystemTime=20261021010006", 2),
        ("1012", "SystemTime=x", 3),
        ("1012", f"PolId=w01001;SystemTime={NOW}", 3),
        ("1011", "PolId=w01001", 100),
        ("2011", "", 1),
        ("2021", "", 100),
        ("2041", f"BeginTime={NOW};EndTime={NOW}", 100),
        ("2061", "BeginTime=x;EndTime=y", 3),
        ("2061", "BeginTime=20261021010000;EndTime=20261021000000", 3),
        ("2061", "BeginTime=20200101000000;EndTime=20261021000000", 3),
        ("2061", "BeginTime=20261020000000,EndTime=20261020010000", 100),
    ],
)
def test_a_command_has_its_result(talk: Talk, cn: str, area: str, result: int) -> None:
    assert talk.result(cn, area) == ["QnRtn=1", f"ExeRtn={result}"]


@pytest.mark.parametrize(
    ("cn", "area"),
    [("1011", f"SystemTime={NOW}"), ("1061", "RtdInterval=30"), ("1063", "MinInterval=10")],
)
def test_a_parameter_comes_between_the_answers_with_the_qn_of_the_request(
    talk: Talk, cn: str, area: str
) -> None:
    replies = talk.ask(cn)
    assert [heard.area for heard in replies] == ["QnRtn=1", area, "ExeRtn=1"]
    assert [heard.fields["CN"] for heard in replies] == ["9011", cn, "9012"]
    assert {heard.fields["QN"] for heard in replies} == {QN}
    assert replies[1].fields["ST"] == "21"


def test_a_repeated_request_is_answered_again_and_executed_once(talk: Talk) -> None:
    first = talk.ask("1072", "NewPW=abc123")
    again = talk.ask("1072", "NewPW=abc123")  # its PW is the old one, and wrong by now
    assert [heard.area for heard in again] == [heard.area for heard in first]


def test_a_new_password_holds_for_uploads_requests_and_over_a_restart(
    talk: Talk, database: Database
) -> None:
    talk.ask("1072", "NewPW=abc123")
    assert talk.result("1061", QN=LATER) == ["QnRtn=3"]
    assert talk.result("1061", QN="20261021005900002", PW="abc123")[0] == "QnRtn=1"
    talk.link.close()
    restarted = link_to(talk.platform.port, database)
    restarted.send([sample()])
    (kept,) = talk.platform.kept.values()
    assert kept.heard.fields["PW"] == "abc123"
    restarted.close()


def test_the_file_holds_again_once_somebody_changes_it(talk: Talk, database: Database) -> None:
    talk.ask("1062", "RtdInterval=600")
    assert link_to(1, database)._remotes[MN].rtd_interval_s == 600
    assert link_to(1, database, rtd_interval_s=60)._remotes[MN].rtd_interval_s == 60


def test_a_platform_stops_and_starts_real_time_data(talk: Talk) -> None:
    (stopped,) = talk.ask("2012")
    assert (stopped.fields["CN"], stopped.area) == ("9013", "")
    assert not talk.link.wants(sample())
    talk.ask("2011", QN=LATER)
    assert talk.link.wants(sample())


def test_a_link_that_asks_for_the_time_does_so_when_it_comes_up(database: Database) -> None:
    with Platform() as platform:
        link = link_to(platform.port, database, asks_time=True)
        link.send([])
        assert platform.wait(lambda: [each.fields["CN"] for each in platform.replies] == ["1013"])
        link.close()


def test_history_follows_the_handshake_and_ends_with_the_result(
    talk: Talk, database: Database
) -> None:
    with database.write() as connection:
        for n in range(30):
            at = START - timedelta(minutes=30 - n)
            values: dict[str, tuple[float | None, int]] = {"ph": (7 + n / 100, 1)}
            records.insert_sample(connection, Sample("YX-S1", at, values), "dev", 1, n)
    span = "BeginTime=20261021003000;EndTime=20261021005959"
    ready, result = talk.ask("2051", span)
    assert ready.area == "QnRtn=1"
    kept = list(talk.platform.kept)
    assert kept == [(MN, "2051", f"202610210{minute}00") for minute in ("030", "040", "050")]
    heard = talk.platform.kept[kept[0]].heard
    assert heard.area == (
        "DataTime=20261021003000;w01001-Min=7,w01001-Avg=7.045,w01001-Max=7.09,w01001-Flag=N"
    )
    assert heard.fields["QN"] != QN
    assert (result.fields["CN"], result.fields["QN"], result.area) == ("9012", QN, "ExeRtn=1")
