"""The store on either engine: its tables as the migrations leave them, its transactions."""

import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.gateway.conftest import START
from xunhe.adapters.store import away, desk_log, queries, records, schema
from xunhe.adapters.store.database import Database
from xunhe.domain.observation import Sample

pytestmark = pytest.mark.on_both_engines


def test_the_migrations_give_exactly_the_tables_of_the_schema(database: Database) -> None:
    def is_ours(_object: object, name: str | None, *_: object) -> bool:
        return re.fullmatch(r"observation_\d{4}_\d\d", name or "") is None  # a month of it

    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, schema.metadata) == []


def test_migrating_again_changes_nothing_and_keeps_the_data(database: Database) -> None:
    with database.write() as connection:
        connection.execute(schema.counter.insert().values(name="kept", n=1))
    database.migrate()
    with database.read() as connection:
        assert connection.execute(sa.select(schema.counter.c.n)).scalar() == 1


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    def insert_twice() -> None:
        with database.write() as connection:
            for _ in range(2):
                connection.execute(schema.counter.insert().values(name="double", n=1))

    with pytest.raises(sa.exc.IntegrityError):
        insert_twice()
    with database.read() as connection:
        assert connection.execute(sa.select(schema.counter)).all() == []


def test_instants_keep_their_time_and_naive_ones_are_refused(database: Database) -> None:
    row = {"at": START, "kind": "alert", "data": {}}
    with database.write() as connection:
        connection.execute(schema.event.insert().values(**row))
        assert connection.execute(sa.select(schema.event.c.at)).scalar() == START

    def insert_naive() -> None:
        with database.write() as connection:
            naive = {**row, "at": START.replace(tzinfo=None)}
            connection.execute(schema.event.insert().values(**naive))

    with pytest.raises(sa.exc.StatementError, match="naive"):
        insert_naive()


def test_a_reader_sees_one_instant_whatever_is_written_meanwhile(database: Database) -> None:
    counted = sa.select(sa.func.count()).select_from(schema.counter)
    with database.read() as reading:
        assert reading.execute(counted).scalar() == 0
        with database.write() as connection:  # and does not wait for the reader
            connection.execute(schema.counter.insert().values(name="new", n=1))
        assert reading.execute(counted).scalar() == 0
    with database.read() as reading:
        assert reading.execute(counted).scalar() == 1


def test_the_newest_value_of_each_property_is_found_over_the_turn_of_a_month(
    database: Database,
) -> None:
    october, november = (
        datetime(2026, 10, 31, 23, 59, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    )
    with database.append() as connection:
        for n, (time, values) in enumerate(
            [(october, {"ph": (7.1, 1), "do_mg_l": (6.0, 1)}), (november, {"ph": (7.2, 1)})]
        ):
            sample = Sample("YX-S1", time, values)
            records.insert_sample(connection, sample, "020000000000", 1, n + 1)
    with database.read() as connection:
        found = queries.latest_by_station(connection, ["YX-S1", "YX-S2"], ["ph", "do_mg_l", "x"])
        assert {name: row.value for name, row in found["YX-S1"].items()} == {
            "ph": 7.2,
            "do_mg_l": 6.0,
        }
        assert found.keys() == {"YX-S1"}
        spanning = queries.observations(connection, "YX-S1", "ph", october, november)
        assert [row.value for row in spanning] == [7.1, 7.2]


def test_a_look_of_an_older_page_never_goes_back(database: Database) -> None:
    with database.write() as connection:
        user = {"name": "a", "password_hash": "", "created_at": START}
        connection.execute(schema.user.insert().values(**user))
        for event_id in (5, 9, 7):
            away.keep(connection, "a", away.Look(event_id, START))
        assert away.of(connection, "a") == away.Look(9, START)


@pytest.mark.parametrize("act", ["UPDATE desk_log SET actor = 'x'", "DELETE FROM desk_log"])
def test_nobody_changes_the_log_even_by_sql(database: Database, act: str) -> None:
    with database.write() as connection:
        desk_log.append(connection, START, "office", "note", "ticket:1", {})
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), database.write() as connection:
        connection.exec_driver_sql(act)


def test_a_document_may_hold_every_character(database: Database) -> None:
    data = {"words": "云溪 \u0000 \U0001f30a \\u0000"}
    with database.write() as connection:
        connection.execute(schema.event.insert().values(at=START, kind="alert", data=data))
    with database.read() as connection:
        assert connection.execute(sa.select(schema.event.c.data)).scalar() == data
