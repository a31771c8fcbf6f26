"""Points: rules with their caps, and a ledger in which every account adds up."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stores import migrated_file
from xunhe.adapters import points_rules
from xunhe.adapters.store import desk_log, points
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.points import OverdrawnError
from xunhe.desk.points import (
    ISSUED,
    Act,
    ActRule,
    Award,
    Earned,
    PointRules,
    Transfer,
    Why,
    award,
    day_start,
    exchange,
    exchanged,
    moved,
    settled,
    volunteer,
)

RULES = points_rules.load()
MIDNIGHT = datetime(2026, 7, 31, 16, 0, tzinfo=UTC)  # 1 August begins in Shanghai
SECOND = timedelta(seconds=1)
ANNA = volunteer("AAAA-BBBB-CCCC")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    yield database
    database.close()


@pytest.mark.parametrize(
    ("before", "earned"),
    [
        (Earned(), Award(10, Why.FULL)),
        (Earned(today=35), Award(10, Why.FULL)),
        (Earned(today=36), Award(9, Why.DAY_CAP)),
        (Earned(today=45), Award(0, Why.DAY_CAP)),
        (Earned(month=1340), Award(10, Why.FULL)),
        (Earned(month=1341), Award(9, Why.MONTH_CAP)),
        (Earned(month=1400), Award(0, Why.MONTH_CAP)),
    ],
)
def test_a_true_report_earns_ten_up_to_the_caps_of_day_and_month(
    before: Earned, earned: Award
) -> None:
    assert award(RULES, Act.REPORT, before) == earned


@pytest.mark.parametrize(
    ("minutes", "metres", "earned"),
    [
        (19.9, 900, Award(0, Why.TOO_LITTLE)),
        (20, 499, Award(0, Why.TOO_LITTLE)),
        (20, 500, Award(2, Why.FULL)),
        (20, 599, Award(2, Why.FULL)),
        (20, 600, Award(3, Why.FULL)),
        (60, 1300, Award(10, Why.FULL)),
        (60, 1400, Award(10, Why.ACT_CAP)),
    ],
)
def test_a_patrol_earns_by_its_length_up_to_ten_a_day(
    minutes: float, metres: float, earned: Award
) -> None:
    assert award(RULES, Act.PATROL, Earned(), minutes, metres) == earned


@given(st.lists(st.integers(1, 30), max_size=40), st.integers(1, 60), st.integers(1, 100))
def test_no_row_of_acts_passes_a_cap(wanted: list[int], per_day: int, per_month: int) -> None:
    total = 0
    for n in wanted:
        rules = PointRules(per_day, per_month, 10, {Act.REPORT: ActRule(n)})
        total += award(rules, Act.REPORT, Earned(total, total, total)).points
    assert total <= min(per_day, per_month)


def test_an_act_without_a_rule_earns_nothing_and_says_so() -> None:
    with pytest.raises(ValueError, match="do not name patrol"):
        award(PointRules(1, 1, 1), Act.PATROL, Earned())


def test_a_transfer_that_adds_up_to_something_cannot_be() -> None:
    with pytest.raises(ValueError, match="add up"):
        Transfer("k", MIDNIGHT, Act.REPORT, {ANNA: 10})
    with pytest.raises(ValueError, match="-1 points"):
        moved("k", MIDNIGHT, Act.REPORT, -1, ISSUED, ANNA)


@pytest.mark.parametrize(("given_points", "fits"), [(199, False), (200, True), (400, True)])
def test_an_exchange_is_a_multiple_of_its_unit(given_points: int, fits: bool) -> None:
    if fits:
        assert exchanged("k", MIDNIGHT, given_points, ANNA, "志愿汇", RULES).postings[ANNA] < 0
        return
    with pytest.raises(ValueError, match="multiple of 200"):
        exchanged("k", MIDNIGHT, given_points, ANNA, "志愿汇", RULES)


def give(store: Database, key: str, n: int, at: datetime = MIDNIGHT) -> bool:
    with store.write() as connection:
        return points.post(connection, moved(key, at, Act.REPORT, n, ISSUED, ANNA), "xunhe")


def test_the_same_key_is_posted_once_and_told_in_the_log(store: Database) -> None:
    assert [give(store, "report:1", 10) for _ in range(3)] == [True, False, False]
    with store.read() as connection:
        assert points.balance(connection, ANNA) == 10
        assert points.balance(connection, ISSUED) == -10
        assert len(list(desk_log.entries(connection, kinds=["points.moved"]))) == 1


@pytest.mark.parametrize(
    ("at", "today", "month"),
    [(MIDNIGHT - SECOND, 10, 10), (MIDNIGHT, 5, 5), (MIDNIGHT + SECOND, 5, 5)],
)
def test_days_and_months_begin_at_midnight_in_shanghai(
    store: Database, at: datetime, today: int, month: int
) -> None:
    give(store, "a", 10, MIDNIGHT - SECOND)
    if at >= MIDNIGHT:
        give(store, "b", 5, MIDNIGHT)
    with store.read() as connection:
        earned = points.earned(connection, ANNA, Act.REPORT, at)
    assert (earned.act_today, earned.today, earned.month) == (today, today, month)
    assert day_start(at) <= at


def test_nobody_gives_what_he_does_not_hold(store: Database) -> None:
    give(store, "a", 199)
    transfer = exchanged("x", MIDNIGHT, 200, ANNA, "志愿汇", RULES)
    with store.write() as connection, pytest.raises(OverdrawnError, match="holds 199"):
        points.post(connection, transfer, "office")
    with store.read() as connection:
        assert points.balance(connection, ANNA) == 199


def test_what_was_exchanged_is_exported_once_in_numbered_batches(store: Database) -> None:
    give(store, "a", 1000)
    with store.write() as connection:
        for n, key in ((200, "x1"), (400, "x2")):
            transfer = exchanged(key, MIDNIGHT, n, ANNA, "志愿汇", RULES)
            points.post(connection, transfer, "office")
        assert points.export(connection, "志愿汇", MIDNIGHT, "office") == 1
        assert points.export(connection, "志愿汇", MIDNIGHT, "office") == 0
        transfer = exchanged("x3", MIDNIGHT, 200, ANNA, "志愿汇", RULES)
        points.post(connection, transfer, "office")
        assert points.export(connection, "志愿汇", MIDNIGHT, "office") == 2
        first = [row.points for row in points.in_batch(connection, "志愿汇", 1)]
        second = [row.points for row in points.in_batch(connection, "志愿汇", 2)]
        assert (first, second) == ([200, 400], [200])
        assert list(points.in_batch(connection, "志愿汇", 3)) == []
        assert points.balance(connection, exchange("志愿汇")) == 0
        assert points.balance(connection, settled("志愿汇")) == 800
        assert points.balance(connection, ANNA) == 200


def test_the_ledger_refuses_changes(store: Database) -> None:
    give(store, "a", 10)
    with closing(sqlite3.connect(store.path)) as connection:
        for change in ("UPDATE points_posting SET points = 99", "DELETE FROM points_transfer"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(change)


def test_an_account_name_does_not_tell_the_code() -> None:
    assert "AAAA" not in ANNA
    assert volunteer("aaaa bbbb cccc") == ANNA


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("per_day = 1", "per_month"),
        ("per_day = 1\nper_month = 2\nexchange_unit = 3\nmore = 1", "more"),
        ("per_day = 1\nper_month = 2\nexchange_unit = 3\n[acts.lying]\npoints = 1", "acts"),
        ("per_day =", "Invalid value"),
    ],
)
def test_a_wrong_rules_file_is_refused_with_its_reason(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "points.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(points_rules.PointRulesError, match=said):
        points_rules.load(file)
