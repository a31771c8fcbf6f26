"""What has had its time goes, a little at a time; what is evidence of a duty never does."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START, Site, StandingClock, minutes
from tests.gateway.river_cameras import with_cameras
from xunhe import parts
from xunhe.adapters import retention
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.recording import Recorder, Room
from xunhe.adapters.replay import alerts, read, replay
from xunhe.adapters.retention import Retention, removed
from xunhe.adapters.rules_file import shipped, shipped_tables
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.months import make_room
from xunhe.domain.clock_watch import ClockWatch
from xunhe.settings import RetentionSettings
from xunhe.supervisor import Supervisor

NOW = START
SHORT = RetentionSettings(
    readings_days=800, events_days=7, decisions_days=30, reports_days=90, looks_days=183
)


def event(at: datetime, _n: int) -> sa.Insert:
    return schema.event.insert().values(at=at, kind="x", data={})


def look(at: datetime, _n: int) -> sa.Insert:
    words = {"user": "a", "role": "office", "what_zh": "", "what_en": "", "subject": "", "why": ""}
    return schema.look.insert().values(at=at, **words)


def report(at: datetime, n: int) -> sa.Insert:
    key = {"device": "0200000000aa", "boot": 1, "number": n, "station": "YX-S1"}
    return schema.report.insert().values(received_at=at, type="event", content={}, **key)


def decision(at: datetime, _n: int) -> sa.Insert:
    words = {"station": "", "zone": "", "rule": "", "outcome": "", "by": ""}
    said = {"reason_zh": "", "reason_en": "", "times": 1}
    return schema.decision.insert().values(at=at, last_at=at, sample_at=at, **words, **said)


def record(at: datetime, n: int) -> sa.Insert:
    key = {"device": "0200000000aa", "boot": 1, "seq": n}
    return schema.record.insert().values(slot=b"s", received_at=at, **key)


def observation(at: datetime, n: int) -> sa.Insert:
    key = {"device": "0200000000aa", "boot": 1, "seq": n, "station": "YX-S1", "property": "ph"}
    return schema.observation.insert().values(time=at, value=7.0, flag=1, **key)


AGEING = {
    schema.event: (event, 7),
    schema.look: (look, 183),
    schema.report: (report, 90),
    schema.decision: (decision, 30),
    schema.record: (record, 800),
    schema.observation: (observation, 800),
}


def left(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def sweeper(database: Database, settings: RetentionSettings = SHORT) -> Retention:
    return Retention(database, settings, StandingClock(NOW))


@pytest.mark.parametrize("table", AGEING, ids=lambda table: table.name)
def test_a_row_goes_when_it_is_older_than_its_days_and_not_before(
    database: Database, table: sa.Table
) -> None:
    if table is schema.observation and not database.is_file:
        pytest.skip("a month goes whole there: see store/test_months.py")
    make, days = AGEING[table]
    ages = [timedelta(days=days, milliseconds=1), timedelta(days=days), timedelta(0)]
    with database.write() as connection:
        for n, age in enumerate(ages):
            connection.execute(make(NOW - age, n))
    assert sweeper(database).sweep() == 1
    assert left(database, table) == 2
    assert sweeper(database).sweep() == 0
    with database.read() as connection:
        assert removed(connection) == {table.name: 1}


def test_readings_stay_for_ever_unless_told(database: Database) -> None:
    with database.write() as connection:
        make_room(connection, [NOW - timedelta(days=4000)])
        connection.execute(record(NOW - timedelta(days=4000), 1))
        connection.execute(observation(NOW - timedelta(days=4000), 1))
    assert sweeper(database, RetentionSettings()).sweep() == 0
    assert left(database, schema.observation) == 1


def test_no_transaction_takes_more_than_a_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    with database.write() as connection:
        for n in range(25):
            connection.execute(look(NOW - timedelta(days=2000), n))
    swept = [sweeper(database).sweep() for _ in range(4)]
    assert swept == [10, 10, 5, 0]


def test_the_newest_event_stays_so_that_pages_can_resume(database: Database) -> None:
    with database.write() as connection:
        for n in range(3):
            connection.execute(event(NOW - timedelta(days=500), n))
    assert sweeper(database).sweep() == 2
    assert left(database, schema.event) == 1


def test_no_table_of_duties_ever_ages(database: Database) -> None:
    ageing = {each.table.name for each in sweeper(database).ageing()}
    kept = {"ticket", "desk_log", "incident", "alert", "document", "points_posting", "calibration"}
    assert not ageing & kept
    assert not ageing & {"evidence", "rejected", "citizen_report", "patrol", "personal"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "made" / "recording.jsonl"


def recorded(site: Site, path: Path, room: Room, rounds: int) -> Recorder:
    """Some hours of three buoys, the last with a plume."""
    recorder = Recorder(path, shipped_tables(), room)
    ingest = Ingest(site.database, site.registry, site.clock, shipped(), recorder)
    for i in range(rounds):
        at = START + minutes(2 * i)
        site.clock.at = at + minutes(1)
        for buoy in site.buoys.values():
            nh3n = 3.1 if 2 * i > rounds else 0.35
            ingest.take([buoy.send(buoy.read(at, nh3n_mg_l=nh3n))])
    return recorder


def test_a_full_recording_is_numbered_and_the_oldest_goes(site: Site, path: Path) -> None:
    recorder = recorded(site, path, Room(bytes=6_000, kept=2), 8)
    names = [each.name for each in recorder.earlier()]
    assert len(names) == 2
    assert names == sorted(names)
    assert int(names[-1][-12:-6]) > 2  # earlier ones have gone
    assert len(list(path.parent.iterdir())) == 3


def test_every_one_of_the_files_replays_to_what_the_gateway_did(site: Site, path: Path) -> None:
    recorder = recorded(site, path, Room(bytes=15_000, kept=99), 14)
    with site.database.read() as connection:
        stored = list(alerts(connection, START))
    assert stored
    last = read(path)
    with site.database.read() as connection:
        since = list(alerts(connection, last.begins_at))
    assert recorder.earlier()
    assert replay(last, with_cameras(site.registry), last.rules) == since
    for earlier in recorder.earlier()[:2]:
        recording = read(earlier)
        assert replay(recording, with_cameras(site.registry), recording.rules) is not None


def test_a_transaction_that_fails_while_a_file_is_numbered_loses_no_step(
    site: Site, path: Path
) -> None:
    recorded(site, path, Room(), 6)
    size = path.stat().st_size
    full = Recorder(path, shipped_tables(), Room(bytes=size, kept=9))
    ingest = Ingest(site.database, site.registry, site.clock, shipped(), full)
    buoy = site.buoys["YX-S1"]
    site.clock.at = START + minutes(20)
    message = buoy.send(buoy.read(site.clock.at))
    _fail_once(site.database, lambda: ingest.take([message]))
    assert full.earlier()[0].stat().st_size == size
    again = Ingest(site.database, site.registry, site.clock, shipped(), full)
    again.take([message])
    recording = read(path)
    (first, *_) = full.earlier()
    assert first.read_text("utf-8").count('"step":"measured"') == 18
    assert f'"seq":{buoy.seq},' in path.read_text("utf-8")  # in the state that the next begins with
    assert replay(recording, with_cameras(site.registry), recording.rules) == []


def _fail_once(database: Database, work: Callable[[], object]) -> None:
    """The COMMIT of a piece of work fails, as on a full disk."""

    @sa.event.listens_for(database._pools.writer, "commit")
    def fail(_connection: sa.Connection) -> None:
        raise OSError(28, "No space left on device")

    try:
        with pytest.raises(OSError, match="No space"):
            work()
    finally:
        sa.event.remove(database._pools.writer, "commit", fail)


class ByHand(Supervisor):
    """Runs no step by itself, and never waits."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: dict[str, Callable[[], object]] = {}

    def start(self, name: str, step: Callable[[], object]) -> None:
        self.steps[name] = step

    def wait(self, seconds: float) -> bool:
        return False


def test_nothing_goes_while_the_clock_is_in_doubt(database: Database) -> None:
    clock, by_hand = StandingClock(NOW), ByHand()
    watch = ClockWatch(clock, lambda: 0.0)
    with database.write() as connection:
        connection.execute(report(NOW, 1))
    parts.sweep_old(by_hand, Retention(database, SHORT, clock), watch)
    clock.at = NOW + timedelta(days=3652)
    by_hand.steps["retention"]()
    assert left(database, schema.report) == 1
    watch = ClockWatch(clock, lambda: 0.0)  # as after a restart: the clock is taken for right
    parts.sweep_old(by_hand, Retention(database, SHORT, clock), watch)
    by_hand.steps["retention"]()
    assert left(database, schema.report) == 0
