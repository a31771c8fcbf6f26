"""The log of the desk: chained, append-only, checked; personal data beside it, erasable."""

import hashlib
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from xunhe.adapters.desk_head import HeadKeeper, published
from xunhe.adapters.store import desk_log, members, personal, schema
from xunhe.adapters.store.database import Database
from xunhe.cli import app
from xunhe.desk.log import ORIGIN, Broken, Entry, Flaw, canonical, chained, digest, first_broken

AT = datetime(2026, 3, 2, 2, 0, 0, 123_456, tzinfo=UTC)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def chain(n: int) -> list[Entry]:
    made: list[Entry] = []
    for i in range(n):
        previous = made[-1] if made else None
        made.append(chained(previous, AT + timedelta(seconds=i), "office", "k", "s", {"i": i}))
    return made


def fill(database: Database, n: int = 5) -> None:
    with database.write() as connection:
        for i in range(n):
            desk_log.append(connection, AT, "office", "note", f"ticket:{i}", {"名": "云溪", "i": i})


def tamper(database: Database, statement: str) -> None:
    """What somebody with the file in his hands can do."""
    if database.url.get_backend_name() != "sqlite":
        pytest.skip("the store is no file")
    with closing(sqlite3.connect(database.path)) as connection:
        connection.execute("DROP TRIGGER desk_log_no_update")
        connection.execute("DROP TRIGGER desk_log_no_delete")
        connection.execute(statement)
        connection.commit()


def flaw(database: Database) -> Broken | None:
    with database.read() as connection:
        return desk_log.first_flaw(connection)


def test_the_hash_is_that_of_the_written_rule() -> None:
    first = chained(None, AT, "office", "note", "ticket:1", {"b": 1, "a": "云"})
    assert first.prev == ORIGIN
    text = (
        '{"actor":"office","at":"2026-03-02T02:00:00.123Z","data":{"a":"云","b":1},'
        '"kind":"note","prev":"' + ORIGIN + '","seq":1,"subject":"ticket:1"}'
    )
    assert first.hash == hashlib.sha256(text.encode()).hexdigest()


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_any_data_survive_the_way_through_the_store(data: dict[str, object]) -> None:
    entry = chained(None, AT, "office", "note", "s", data)  # type: ignore[arg-type]
    again = json.loads(canonical(entry.data))
    assert digest(Entry(1, entry.at, "office", "note", "s", again, ORIGIN, "")) == entry.hash


def test_a_number_that_json_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        chained(None, AT, "office", "note", "s", {"x": float("nan")})


def test_an_intact_chain_holds_and_each_break_is_named() -> None:
    entries = chain(6)
    assert first_broken(entries) is None
    assert first_broken(entries[2:], after=entries[1]) is None
    assert first_broken([*entries[:2], *entries[3:]]) == Broken(4, Flaw.GAP)
    swapped = chained(entries[2], entries[3].at, "office", "k", "s", {"i": 99})
    assert first_broken([*entries[:3], swapped, *entries[4:]]) == Broken(5, Flaw.LINK)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE desk_log SET actor = 'offica' WHERE seq = 3", Broken(3, Flaw.CONTENT)),
        ("UPDATE desk_log SET at = at + 1 WHERE seq = 1", Broken(1, Flaw.CONTENT)),
        (
            "UPDATE desk_log SET data = replace(data, '3', '4') WHERE seq = 4",
            Broken(4, Flaw.CONTENT),
        ),
        ("UPDATE desk_log SET data = substr(data, 2) WHERE seq = 2", Broken(2, Flaw.UNREADABLE)),
        ("UPDATE desk_log SET at = 'x' WHERE seq = 5", Broken(5, Flaw.UNREADABLE)),
        ("DELETE FROM desk_log WHERE seq = 3", Broken(4, Flaw.GAP)),
        ("DELETE FROM desk_log WHERE seq = 1", Broken(2, Flaw.GAP)),
    ],
)
def test_a_change_behind_our_back_is_found_at_its_row(
    database: Database, statement: str, broken: Broken
) -> None:
    fill(database)
    assert flaw(database) is None
    tamper(database, statement)
    assert flaw(database) == broken


@pytest.mark.parametrize("statement", ["UPDATE desk_log SET actor = 'x'", "DELETE FROM desk_log"])
def test_the_store_itself_refuses_to_change_an_entry(database: Database, statement: str) -> None:
    fill(database)
    with pytest.raises(sa.exc.IntegrityError, match="append-only"), database.write() as connection:
        connection.exec_driver_sql(statement)


def test_what_is_cut_off_at_the_end_is_found_by_a_published_head(
    database: Database, tmp_path: Path
) -> None:
    fill(database)
    keeper = HeadKeeper(database, tmp_path / "heads")
    assert keeper.tick(AT)
    tamper(database, "DELETE FROM desk_log WHERE seq > 2")
    assert flaw(database) == Broken(5, Flaw.HEAD)
    with database.read() as connection:
        broken = desk_log.first_flaw(connection, published(tmp_path / "heads"))
    assert broken == Broken(5, Flaw.HEAD)


def test_a_rewritten_chain_is_found_by_a_head_that_somebody_else_kept(
    database: Database, tmp_path: Path
) -> None:
    fill(database, 3)
    HeadKeeper(database, tmp_path / "heads").tick(AT)
    tamper(database, "DELETE FROM desk_log")
    with database.write() as connection:
        connection.execute(schema.desk_head.delete())
        for i in range(3):
            desk_log.append(connection, AT, "office", "note", f"ticket:{i}", {"i": 9})
    assert flaw(database) is None, "the chain in itself holds"
    with database.read() as connection:
        broken = desk_log.first_flaw(connection, published(tmp_path / "heads"))
    assert broken == Broken(3, Flaw.HEAD)


def test_the_head_is_given_away_hourly_and_only_when_it_has_moved(
    database: Database, tmp_path: Path
) -> None:
    fill(database)
    hour = timedelta(hours=1)
    keeper = HeadKeeper(database, tmp_path / "heads")
    assert keeper.tick(AT)
    assert not keeper.tick(AT + hour - timedelta(seconds=1))
    assert not keeper.tick(AT + hour), "nothing has happened since"
    fill(database)
    assert not keeper.tick(AT + 2 * hour - timedelta(seconds=1))
    assert keeper.tick(AT + 2 * hour)
    assert list(published(tmp_path / "heads")) == [5, 10]
    with database.read() as connection:
        sent = connection.execute(sa.select(schema.outbox.c.key)).scalars().all()
    assert sorted(sent) == ["desk-head:10", "desk-head:5"]


def test_a_clock_set_back_is_told_once_and_the_order_stays(database: Database) -> None:
    fill(database, 2)
    before = AT - timedelta(days=3)
    with database.write() as connection:
        for i in range(2):
            desk_log.append(connection, before, "office", "note", "late", {"i": i})
        kinds = [entry.kind for entry in desk_log.entries(connection)]
    assert kinds == ["note", "note", "clock.set_back", "note", "note"]
    assert flaw(database) is None


@pytest.mark.parametrize(("back_s", "told"), [(59, 0), (60, 0), (61, 1)])
def test_waiting_for_ones_turn_is_no_clock_set_back(
    database: Database, back_s: int, told: int
) -> None:
    fill(database, 1)
    with database.write() as connection:
        desk_log.append(connection, AT - timedelta(seconds=back_s), "office", "note", "s", {})
        kinds = [entry.kind for entry in desk_log.entries(connection)]
    assert kinds.count("clock.set_back") == told


def test_erased_data_are_gone_and_the_chain_still_holds(database: Database) -> None:
    with database.write() as connection:
        kept = personal.keep(connection, "reporter", {"name": "张三", "phone": "10000000000"}, AT)
        desk_log.append(connection, AT, "office", "note", "ticket:1", kept.told())
        assert personal.matches(connection, kept)
    with database.write() as connection:
        assert personal.erase(connection, kept.id, "office", AT)
        assert not personal.erase(connection, kept.id, "office", AT), "nothing is left to erase"
        assert personal.find(connection, kept.id) is None
        assert not personal.matches(connection, kept)
    assert flaw(database) is None
    with database.read() as connection:
        row = connection.execute(sa.select(schema.personal)).one()
    assert (row.data, row.salt) == (None, "")


def test_an_account_in_use_is_not_erased(database: Database) -> None:
    with database.write() as connection:
        connection.execute(schema.user.insert().values(name="甲", password_hash="x", created_at=AT))
        member = members.seat(connection, "甲", AT)
    with pytest.raises(personal.StillNeededError), database.write() as connection:
        personal.erase(connection, member.personal_id, "office", AT)
    with database.write() as connection:
        members.unseat(connection, "甲", AT)
        assert personal.erase(connection, member.personal_id, "office", AT)


def test_the_command_names_the_broken_row_and_exits_1(database: Database, tmp_path: Path) -> None:
    fill(database)
    config = tmp_path / "xunhe.toml"
    config.write_text(
        f'[store]\ndatabase = "{database.url}"\n[desk]\nhead_folder = "{tmp_path}/heads"\n'
    )
    runner = CliRunner()
    good = runner.invoke(app, ["desk", "verify", "-c", str(config)])
    assert good.exit_code == 0, good.output
    assert "5 条 rows" in good.output
    tamper(database, "UPDATE desk_log SET actor = 'x' WHERE seq = 4")
    bad = runner.invoke(app, ["desk", "verify", "-c", str(config)])
    assert bad.exit_code == 1
    assert "row 4 is broken" in bad.output
    unknown = runner.invoke(app, ["desk", "erase", "99", "-c", str(config)])
    assert unknown.exit_code == 2
