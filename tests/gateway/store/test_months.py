"""PostgreSQL keeps observations by the month; SQLite does not, and answers alike."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START, StandingClock
from tests.gateway.store.readings import reading
from xunhe.adapters.retention import Retention, removed
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.keeping import keep_all
from xunhe.adapters.store.months import make_room
from xunhe.settings import RetentionSettings

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
MS = timedelta(milliseconds=1)


@pytest.fixture
def province(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


def keep(database: Database, times: list[datetime]) -> None:
    batch = [reading(n + 1, at=at) for n, at in enumerate(times)]
    with database.append() as connection:
        keep_all(connection, batch, START)


def months(database: Database) -> dict[str, int]:
    """The tables of months, and how many readings lie in each."""
    part = sa.literal_column("tableoid::regclass::text")
    query = sa.select(part, sa.func.count()).where(schema.observation.c.property == "ph")
    with database.read() as connection:
        rows = connection.execute(query.select_from(schema.observation).group_by(part))
        return {name: count for name, count in rows}  # noqa: C416


def test_the_last_instant_of_a_month_and_the_first_of_the_next_lie_apart(
    province: Database,
) -> None:
    keep(province, [NEW_YEAR - MS, NEW_YEAR, NEW_YEAR + MS])
    assert months(province) == {"observation_2026_12": 1, "observation_2027_01": 2}


def test_a_month_is_that_of_utc_wherever_the_clock_stands(province: Database) -> None:
    shanghai = (NEW_YEAR - MS).astimezone(datetime.strptime("+0800", "%z").tzinfo)
    assert shanghai.year == 2027
    keep(province, [shanghai])
    assert months(province) == {"observation_2026_12": 1}


@pytest.mark.parametrize(
    "at", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 12, 31, tzinfo=UTC)]
)
def test_a_clock_that_is_far_off_finds_room_too(province: Database, at: datetime) -> None:
    keep(province, [at])
    assert sum(months(province).values()) == 1


def test_a_month_that_was_undone_is_made_again(province: Database) -> None:
    def fail() -> None:
        with province.append() as connection:
            make_room(connection, [START])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    keep(province, [START])
    assert months(province) == {"observation_2026_10": 1}


def test_workers_who_need_the_same_month_at_once_make_it_once(province: Database) -> None:
    ready = Barrier(2, timeout=10)

    def work(seq: int) -> None:
        with province.append() as connection:
            connection.execute(sa.select(1))
            ready.wait()
            keep_all(connection, [reading(seq)], START)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, (1, 2)))
    assert months(province) == {"observation_2026_10": 2}


def test_who_writes_to_a_known_month_does_not_wait_for_one_that_is_being_made(
    province: Database,
) -> None:
    keep(province, [START])
    with province.append() as maker:
        make_room(maker, [NEW_YEAR])
        with province.append() as connection:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            keep_all(connection, [reading(2)], START)
    assert months(province) == {"observation_2026_10": 2}


def test_a_question_of_one_month_looks_at_that_month_only(province: Database) -> None:
    keep(province, [NEW_YEAR - timedelta(days=31 * n) for n in range(6)])
    table = schema.observation.c
    query = sa.select(table.value).where(
        table.station == "S", table.property == "ph", table.time >= NEW_YEAR - timedelta(days=1)
    )
    with province.read() as connection:
        compiled = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {compiled}").scalars())
    assert "observation_2027_01" in plan
    assert "observation_2026_11" not in plan


KEPT = timedelta(days=800)


def sweep(database: Database, now: datetime) -> dict[str, int]:
    """One round; the months that are left."""
    settings = RetentionSettings(readings_days=KEPT.days)
    Retention(database, settings, StandingClock(now)).sweep()
    return months(database)


def test_a_month_goes_whole_when_its_last_instant_has_had_its_time_and_not_before(
    province: Database,
) -> None:
    keep(province, [NEW_YEAR - timedelta(days=20), NEW_YEAR - MS, NEW_YEAR])
    december, january = {"observation_2026_12": 2}, {"observation_2027_01": 1}
    assert sweep(province, NEW_YEAR + KEPT - MS) == december | january
    assert sweep(province, NEW_YEAR + KEPT) == january
    with province.read() as connection:
        assert removed(connection)["observation"] == 2 * len(reading(1).sample.values)


def test_the_oldest_month_goes_first_and_the_others_with_the_next_sweeps(
    province: Database,
) -> None:
    keep(province, [NEW_YEAR - timedelta(days=31 * n) for n in range(4)])
    later = NEW_YEAR + KEPT
    left = [sorted(sweep(province, later))[0] for _ in range(4)]
    assert left == [
        f"observation_{month}" for month in ("2026_10", "2026_12", "2027_01", "2027_01")
    ]


def test_a_reading_for_a_month_that_has_gone_finds_room_again(province: Database) -> None:
    keep(province, [START])
    assert sweep(province, START + 2 * KEPT) == {}
    with province.append() as connection:
        keep_all(connection, [reading(9)], START)
    assert months(province) == {"observation_2026_10": 1}


def test_a_month_that_somebody_reads_stays_until_another_time(province: Database) -> None:
    keep(province, [START])
    with province.read() as reader:
        reader.execute(sa.select(schema.observation.c.value).limit(1))
        assert sweep(province, START + 2 * KEPT) == {"observation_2026_10": 1}
    assert sweep(province, START + 2 * KEPT) == {}
