"""Frames in: what is stored, what is acknowledged, what is kept as rejected, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START, Buoy, StandingClock, minutes
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe_buoy import record as wire


def rows(database: Database, table: sa.Table) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(sa.select(table).order_by(*table.primary_key)))


def counters(database: Database) -> dict[str, int]:
    return {row.name: row.n for row in rows(database, schema.counter)}


def ack_of(buoy: Buoy, reply: Any) -> wire.Ack:
    (frame,) = [frame for station, frame in reply.acks if station == buoy.station]
    return wire.decode_ack(frame, buoy.address, buoy.key)


@pytest.fixture
def buoy(buoys: dict[str, Buoy]) -> Buoy:
    return buoys["YX-S1"]


def test_a_signed_batch_is_stored_and_acknowledged(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    batch = [buoy.read(START + minutes(2 * i - 10)) for i in range(3)]
    ack = ack_of(buoy, ingest.take([buoy.send(*batch)]))
    assert (ack.boot, ack.seq, ack.count, ack.refused) == (1, 1, 3, ())
    stored = rows(database, schema.record)
    assert [wire.unpack_slot(row.slot) for row in stored] == batch
    assert len(rows(database, schema.observation)) == 3 * 5
    assert counters(database) == {"readings": 3}


def test_a_record_that_is_stored_already_is_acknowledged_again_whatever_its_age(
    database: Database, ingest: Ingest, buoy: Buoy, clock: StandingClock
) -> None:
    message = buoy.send(buoy.read(START))
    ingest.take([message])
    clock.at += timedelta(days=400)
    ack = ack_of(buoy, ingest.take([message]))
    assert ack.refused == ()
    assert counters(database) == {"readings": 1, "duplicate": 1}
    assert len(rows(database, schema.record)) == 1


def test_the_same_key_with_other_content_is_refused_and_the_first_stays(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    first = buoy.read(START, nh3n_mg_l=0.35)
    ingest.take([buoy.send(first)])
    buoy.seq = 0
    ack = ack_of(buoy, ingest.take([buoy.send(buoy.read(START, nh3n_mg_l=9.0))]))
    assert ack.refused == (1,)
    assert wire.unpack_slot(rows(database, schema.record)[0].slot) == first
    assert [row.reason for row in rows(database, schema.rejected)] == ["conflict"]


def test_a_record_of_no_use_does_not_block_those_behind_it(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    batch = [
        buoy.read(START - minutes(2)),
        buoy.read(START + minutes(11)),  # the gateway's own time is START
        buoy.read(START + minutes(11)),
    ]
    ack = ack_of(buoy, ingest.take([buoy.send(*batch), buoy.send(buoy.read(START))][:1]))
    assert ack.refused == (2, 3)
    assert [row.reason for row in rows(database, schema.rejected)] == ["time_future"] * 2
    ack = ack_of(buoy, ingest.take([buoy.send(buoy.log[-1])]))
    assert ack.refused == ()
    assert counters(database)["readings"] == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"time_quality": wire.TIME_UNSET}, "time_unset"),
        ({"time_s": 1_000_000_000}, "time_past"),
        ({"profile": 33}, "profile"),
    ],
)
def test_an_authentic_record_that_cannot_be_used_is_kept_with_its_reason_and_refused(
    database: Database, ingest: Ingest, buoy: Buoy, change: dict[str, int], reason: str
) -> None:
    record = buoy.read(START)
    for name, value in change.items():
        setattr(record, name, value)
    message = buoy.send(record)
    assert ack_of(buoy, ingest.take([message])).refused == (1,)
    (kept,) = rows(database, schema.rejected)
    assert (kept.reason, kept.station, kept.seq) == (reason, "YX-S1", 1)
    assert kept.payload == message.payload
    assert rows(database, schema.record) == []


def test_a_refused_record_that_is_sent_again_is_refused_again_and_kept_once(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    record = buoy.read(START)
    record.time_quality = wire.TIME_UNSET
    message = buoy.send(record)
    for _ in range(3):
        assert ack_of(buoy, ingest.take([message])).refused == (1,)
    assert len(rows(database, schema.rejected)) == 1
    assert counters(database) == {"rejected.time_unset": 1, "duplicate": 2}


def test_a_flood_of_rubbish_never_pushes_out_a_refused_record(
    database: Database, ingest: Ingest, buoy: Buoy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xunhe.adapters.store.records._REJECTED_KEPT", 20)
    record = buoy.read(START)
    record.time_quality = wire.TIME_UNSET
    ingest.take([buoy.send(record)])
    ingest.take([Message("xunhe/v1/YX-S1/readings", b"rubbish", 7)] * 60)
    kept = rows(database, schema.rejected)
    assert [row.reason for row in kept].count("time_unset") == 1
    assert [row.reason for row in kept].count("length") == 20
    assert counters(database)["rejected.length"] == 60


def test_a_device_that_speaks_for_another_station_is_refused(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    message = buoy.send(buoy.read(START))
    reply = ingest.take([Message("xunhe/v1/YX-S2/readings", message.payload, message.size)])
    ((station, frame),) = reply.acks
    assert station == "YX-S2"
    assert wire.decode_ack(frame, buoy.address, buoy.key).refused == (1,)
    assert [row.reason for row in rows(database, schema.rejected)] == ["wrong_station"]


def unauthentic(buoy: Buoy) -> dict[str, Message]:
    good = buoy.send(buoy.read(START))
    topic, frame = good.topic, good.payload
    stranger = Buoy(buoy.station, b"\xff" * 6, buoy.key)
    forged = Buoy(buoy.station, buoy.address, b"\x55" * 32)

    def of(payload: bytes) -> Message:
        return Message(topic, payload, len(payload))

    return {
        "mac": of(frame[:-1] + bytes([frame[-1] ^ 1])),
        "mac forged": forged.send(forged.read(START)),
        "mac altered value": of(frame[:25] + bytes([frame[25] ^ 1]) + frame[26:]),
        "version": of(b"\x91" + frame[1:]),
        "kind": of(b"\x12" + frame[1:]),
        "unknown_device": stranger.send(stranger.read(START)),
        "length short": of(frame[:20]),
        "length odd": of(frame + b"\0"),
        "length empty": of(b""),
        "length huge": Message(topic, frame, 1 << 20),
        "topic": Message("xunhe/v1/readings", frame, len(frame)),
        "profile": of(frame[:1] + b"\xff" + frame[2:]),
    }


@pytest.mark.parametrize(
    "case",
    [
        "mac",
        "mac forged",
        "mac altered value",
        "version",
        "kind",
        "unknown_device",
        "length short",
        "length odd",
        "length empty",
        "length huge",
        "topic",
        "profile",
    ],
)
def test_an_unauthentic_frame_is_kept_counted_and_never_acknowledged(
    database: Database, ingest: Ingest, buoy: Buoy, case: str
) -> None:
    reply = ingest.take([unauthentic(buoy)[case]])
    reason = case.split(maxsplit=1)[0]
    assert reply.acks == ()
    assert [row.reason for row in rows(database, schema.rejected)] == [reason]
    assert counters(database) == {f"rejected.{reason}": 1}
    assert rows(database, schema.record) == []


def test_bad_frames_leave_good_ones_of_the_same_batch_untouched(
    database: Database, ingest: Ingest, buoys: dict[str, Buoy], buoy: Buoy
) -> None:
    bad = list(unauthentic(buoys["YX-S2"]).values())
    good = buoy.send(buoy.read(START))
    reply = ingest.take([*bad[:6], good, *bad[6:]])
    assert [station for station, _ in reply.acks] == ["YX-S1"]
    assert counters(database)["readings"] == 1
    assert len(rows(database, schema.rejected)) == len(bad)


def test_nothing_is_acknowledged_when_the_commit_fails(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    message = buoy.send(buoy.read(START))
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE observation RENAME TO away")
    with pytest.raises(sa.exc.OperationalError):
        ingest.take([message])
    assert rows(database, schema.record) == []
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO observation")
    assert ack_of(buoy, ingest.take([message])).refused == ()
    assert len(rows(database, schema.record)) == 1


def test_a_missing_value_is_stored_as_missing_beside_the_others(
    database: Database, ingest: Ingest, buoy: Buoy
) -> None:
    ingest.take([buoy.send(buoy.read(START, do_mg_l=None))])
    stored = {row.property: (row.value, row.flag) for row in rows(database, schema.observation)}
    assert stored["do_mg_l"] == (None, wire.MISSING)
    assert stored["ph"] == (7.6, wire.GOOD)
