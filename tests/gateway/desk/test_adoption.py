"""认领河段: a pledge for a time; who signed it stays out of the log."""

from datetime import datetime

import pytest

from tests.gateway.desk.books import at
from xunhe.adapters.store import desk_log, personal
from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision import adoptions
from xunhe.adapters.supervision.adoptions import Wish
from xunhe.desk.adoption import PLEDGE, Adoption, AdoptionError, Standing
from xunhe.desk.roles import Actor, Role

SIGNED = at("2026-03-01 10:00:00")
SINCE, UNTIL = at("2026-04-01 00:00:00"), at("2026-07-01 00:00:00")
VOLUNTEER = Actor(Role.VOLUNTEER, "volunteer", 7)
OTHER = Actor(Role.VOLUNTEER, "volunteer", 8)
OFFICE = Actor(Role.OFFICE, "office", 1)


def wish(since: datetime = SINCE, until: datetime = UNTIL, reach: str = "YX-1") -> Wish:
    return Wish("演示志愿者", "13800000000", reach, since, until)


@pytest.mark.parametrize(
    ("now", "standing"),
    [
        ("2026-03-31 23:59:59", Standing.AHEAD),
        ("2026-04-01 00:00:00", Standing.RUNNING),
        ("2026-04-01 00:00:01", Standing.RUNNING),
        ("2026-06-30 23:59:59", Standing.RUNNING),
        ("2026-07-01 00:00:00", Standing.OVER),
        ("2026-07-01 00:00:01", Standing.OVER),
    ],
)
def test_an_adoption_runs_from_its_first_second_to_its_last(now: str, standing: Standing) -> None:
    assert Adoption(1, "YX-1", SINCE, UNTIL, PLEDGE, SIGNED).standing(at(now)) is standing


def test_the_log_has_reach_time_and_pledge_and_no_name(database: Database) -> None:
    with database.write() as connection:
        entry = adoptions.sign(connection, wish(), VOLUNTEER, SIGNED)
        (known,) = adoptions.adoptions(connection).values()
        assert (known.reach, known.since, known.until) == ("YX-1", SINCE, UNTIL)
        assert (known.pledge, known.signed_at, known.by) == (PLEDGE, SIGNED, 7)
        assert "演示志愿者" not in str(entry)
        assert "13800000000" not in str(entry)
        assert personal.find(connection, known.id) == {
            "name": "演示志愿者", "phone": "13800000000"
        }  # fmt: skip
        personal.erase(connection, known.id, "office", SIGNED)
        assert desk_log.first_flaw(connection) is None
        assert adoptions.running(connection, SINCE) == {"YX-1": 1}
        assert adoptions.running(connection, UNTIL) == {}


@pytest.mark.parametrize(
    ("since", "until", "problem"),
    [
        (UNTIL, SINCE, "不早于"),
        (SINCE, SINCE, "不早于"),
        (at("2026-01-01 00:00:00"), SIGNED, "已过"),
    ],
)
def test_a_time_that_is_none_or_over_is_refused(
    database: Database, since: datetime, until: datetime, problem: str
) -> None:
    with database.write() as connection:
        with pytest.raises(AdoptionError, match=problem):
            adoptions.sign(connection, wish(since, until), VOLUNTEER, SIGNED)
        assert adoptions.adoptions(connection) == {}


def test_nobody_holds_a_reach_twice_at_once_but_two_may_hold_it(database: Database) -> None:
    with database.write() as connection:
        adoptions.sign(connection, wish(), VOLUNTEER, SIGNED)
        with pytest.raises(AdoptionError, match="已认领"):
            adoptions.sign(connection, wish(), VOLUNTEER, SIGNED)
        adoptions.sign(connection, wish(reach="YX-2"), VOLUNTEER, SIGNED)
        adoptions.sign(connection, wish(UNTIL, at("2026-08-01 00:00:00")), VOLUNTEER, SIGNED)
        adoptions.sign(connection, wish(), OTHER, SIGNED)
        adoptions.sign(connection, wish(), OFFICE, SIGNED)  # somebody who signed on paper
        adoptions.sign(connection, wish(), OFFICE, SIGNED)  # and another
        assert adoptions.running(connection, SINCE) == {"YX-1": 4, "YX-2": 1}


def test_who_signed_it_and_the_office_end_it_and_nobody_else(database: Database) -> None:
    with database.write() as connection:
        for _ in range(2):
            adoptions.sign(connection, wish(), VOLUNTEER, SIGNED)
            key = max(adoptions.adoptions(connection))
            with pytest.raises(AdoptionError):
                adoptions.end(connection, key, "不行", OTHER, SINCE)
            ends = VOLUNTEER if len(adoptions.adoptions(connection)) == 1 else OFFICE
            adoptions.end(connection, key, "搬家", ends, SINCE)
            ended = adoptions.adoptions(connection)[key]
            assert (ended.standing(SINCE), ended.reason) == (Standing.ENDED, "搬家")
            with pytest.raises(AdoptionError, match="期满或终止"):
                adoptions.end(connection, key, "又", OFFICE, SINCE)
