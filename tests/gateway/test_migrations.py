"""A store of the first version goes to this one with every row that it holds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.command import upgrade
from alembic.config import Config

from tests.gateway.test_ingest import rows
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import database as store
from xunhe.adapters.store import desk_log, members, queries, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.desk.roles import Role
from xunhe.domain.incident import Cleared, Finding, Rule, Severity
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Source

AT_MS = 1_792_515_600_000
AT = datetime.fromtimestamp(AT_MS / 1000, UTC)
RISE, LOST = ("氨氮突升", "ammonia rose"), ("失联", "silent")
# Every table of the first version, with a row or two as its gateway wrote them.
FIRST = {
    "device": [("0200000000aa", "YX-S1", b"\1" * 32, AT_MS)],
    "station_status": [("YX-S1", AT_MS, "0200000000aa", 1, 3, 0, '[["ezo_ph", "timeout", 2]]')],
    "record": [("0200000000aa", 1, 7, b"slot", AT_MS)],
    "observation": [("YX-S1", "nh3n_mg_l", AT_MS, "0200000000aa", 1, 7, 3.1, 1)],
    "rejected": [(1, AT_MS, "mac", "why", "t", "YX-S1", None, None, None, 4, b"load")],
    "counter": [("readings", 812)],
    "incident": [
        (4, "YX-1", "discharge", "YX-S1", "severe", AT_MS, AT_MS + 5, None),
        (9, "YX-2", "silent_station", "YX-S2", "minor", AT_MS, AT_MS + 6, AT_MS + 7),
    ],
    "alert": [
        (2, 4, "YX-S1", "ammonia_step", "nh3n_mg_l", "severe", AT_MS, AT_MS, None, 3.1, 0.3, *RISE),
        (3, 9, "YX-S2", "silent_station", "", "minor", AT_MS, AT_MS, AT_MS + 7, None, None, *LOST),
    ],
    "ticket": [(5, "XH-2026-0005", 4, "VILLAGE-1", "YX-1", "accepted", AT_MS, AT_MS + 9, 2)],
    "ticket_log": [
        (1, 5, AT_MS, "xunhe", None, "unverified", "why"),
        (2, 5, AT_MS + 8, "admin", "unverified", "accepted", "seen"),
    ],
    "outbox": [(1, "ticket:5:opened", "t", '{"a": 1}', AT_MS, None, 0)],
    "event": [(41, AT_MS, "alert", '{"alert_id": 2}')],
    "user": [("admin", "hash", AT_MS)],
    "session": [("0" * 64, "admin", "csrf", AT_MS)],
    "setup_code": [("hash", AT_MS, 0)],
}


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A store as the first version left it."""
    path = tmp_path / "xunhe.sqlite3"
    config = Config()
    config.set_main_option("script_location", str(Path(store.__file__).parent / "migrations"))
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        for table, held in FIRST.items():
            places = ", ".join("?" * len(held[0]))
            connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', held)
        connection.commit()
    return path


@pytest.fixture
def migrated(first: Path) -> Iterator[Database]:
    database = Database(first)
    database.migrate()
    yield database
    database.close()


def held_in(path: Path, table: str, columns: list[str]) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        names = ", ".join(f'"{name}"' for name in columns)
        return connection.execute(f'SELECT {names} FROM "{table}" ORDER BY rowid').fetchall()


def columns_of(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]


def test_every_row_of_every_table_is_kept_as_it_was(first: Path) -> None:
    before = {table: columns_of(first, table) for table in FIRST}
    moved = FIRST.keys() & {"ticket_log", "outbox"}  # told apart below
    database = Database(first)
    database.migrate()
    database.close()
    without_rowid = {"record", "observation"}
    for table, held in FIRST.items():
        if table not in without_rowid | moved:
            assert held_in(first, table, before[table]) == held, table
    with closing(sqlite3.connect(first)) as connection:
        for table in sorted(without_rowid):
            assert connection.execute(f"SELECT * FROM {table}").fetchall() == FIRST[table]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_the_broker_had_not_confirmed_waits_for_it(migrated: Database) -> None:
    (kept,) = rows(migrated, schema.outbox)
    (waiting,) = rows(migrated, schema.delivery)
    (mark,) = rows(migrated, schema.delivery_mark)
    assert (kept.key, kept.topic, kept.payload) == ("ticket:5:opened", "t", {"a": 1})
    assert (waiting.destination, waiting.key, waiting.state) == ("broker", kept.key, "waiting")
    assert waiting.body == {"topic": "t", "payload": {"a": 1}}
    assert tuple(mark) == ("broker", "outbox", kept.id)


def test_the_steps_of_old_tickets_become_a_chain_without_names(migrated: Database) -> None:
    with migrated.read() as connection:
        opened, moved = desk_log.entries(connection, subject="ticket:5")
        assert desk_log.first_flaw(connection) is None
        ticket = tickets.of_incident(connection, 4)
        assert members.name_of(connection, moved.data["by"]) == "admin"
        member = members.find(connection, "admin")
    assert (opened.kind, opened.actor, opened.data["by"]) == ("ticket.opened", "xunhe", None)
    assert (moved.kind, moved.actor, moved.data["action"]) == ("ticket.moved", "office", "accept")
    assert "admin" not in str(opened) + str(moved)
    assert ticket is not None
    assert (ticket.category, ticket.source, ticket.round) == ("water.quality", Source.BUOY, 1)
    assert member is not None
    assert member.role is Role.ADMINISTRATOR


def test_what_an_old_alert_saw_lay_at_its_station(migrated: Database) -> None:
    found = [(row.station, row.place, row.zone, row.count) for row in rows(migrated, schema.alert)]
    assert found == [("YX-S1", "YX-S1", "", None), ("YX-S2", "YX-S2", "", None)]
    assert [row.zone for row in rows(migrated, schema.incident)] == ["", ""]
    with migrated.read() as connection:
        assert queries.incident(connection, 4) is not None


def test_an_old_incident_goes_on_grows_and_ends(migrated: Database, registry: Registry) -> None:
    book = IncidentBook(Network(registry), shipped())
    words = ("溶解氧下降", "oxygen fell")
    later = AT + timedelta(minutes=10)
    fall = Finding(Rule.OXYGEN_FALL, "YX-S1", "do_mg_l", later, Severity.MAJOR, 3.0, 7.0, *words)
    with migrated.write() as connection:
        book.raise_finding(connection, fall, later)
        book.clear(connection, Cleared(Rule.OXYGEN_FALL, "YX-S1", later), later)
        book.clear(connection, Cleared(Rule.AMMONIA_STEP, "YX-S1", later), later)
    assert [row.incident_id for row in rows(migrated, schema.alert)] == [4, 9, 4]
    assert rows(migrated, schema.incident)[0].ended_at == later


def test_keys_are_as_strict_as_in_a_new_store(migrated: Database) -> None:
    incident = {"reach": "YX-1", "kind": "floating_litter", "station": "YX-C1", "severity": "minor"}
    times = {"started_at": AT, "opened_at": AT}

    def insert(zone: str) -> None:
        with migrated.write() as connection:
            connection.execute(schema.incident.insert().values(**incident, **times, zone=zone))

    insert("水面")
    insert("近岸")
    with pytest.raises(sa.exc.IntegrityError):
        insert("水面")

    def orphan() -> None:
        with migrated.write() as connection:
            connection.execute(
                schema.verdict.insert().values(
                    incident_id=99, at=AT, actor="admin", is_true=True, note=""
                )
            )

    with pytest.raises(sa.exc.IntegrityError, match="FOREIGN KEY"):
        orphan()


def test_events_go_on_counting_where_they_were(migrated: Database) -> None:
    with migrated.write() as connection:
        connection.execute(schema.event.insert().values(at=AT, kind="camera", data={}))
    assert [row.id for row in rows(migrated, schema.event)] == [41, 42]
