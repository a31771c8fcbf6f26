"""Reports of buoys and commands to them: kept once, answered, sent until the buoy answers."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.gateway.conftest import START, Buoy, Site, minutes
from tests.gateway.test_ingest import ack_of, counters, rows
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.reports import Down
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import commands, reports, schema
from xunhe.cli import app
from xunhe.domain.command import CommandState
from xunhe_buoy import message as wire

LID = {"type": "event", "event": "lid_open"}


def report(buoy: Buoy, number: int, content: dict[str, Any] | bytes = LID) -> Message:
    body = content if isinstance(content, bytes) else wire.to_body(content)
    frame = wire.encode_report(buoy.address, buoy.boot, number, body, buoy.key)
    return Message(f"xunhe/v1/{buoy.station}/report", frame, len(frame))


def receipts(buoy: Buoy, down: tuple[Down, ...]) -> list[tuple[int, int]]:
    frames = [one.frame for one in down if one.level == "ack"]
    return [wire.decode_receipt(frame, buoy.address, buoy.key) for frame in frames]


def command_in(buoy: Buoy, down: tuple[Down, ...]) -> tuple[int, dict[str, Any]] | None:
    frames = [one.frame for one in down if one.level == "command"]
    if not frames:
        return None
    (frame,) = frames
    counter, body = wire.decode_command(frame, buoy.address, buoy.key)
    return counter, dict(wire.from_body(body))


def queue(site: Site, buoy: Buoy, **changes: Any) -> int:
    with site.database.write() as connection:
        content = {"set": changes}
        return commands.queue(
            connection, buoy.address.hex(), buoy.station, content, site.clock.now()
        )


def states(site: Site, buoy: Buoy) -> list[tuple[CommandState, str | None]]:
    with site.database.read() as connection:
        return [(c.state, c.reason) for c in commands.of_station(connection, buoy.station)]


@pytest.fixture
def buoy(site: Site) -> Buoy:
    return site.buoys["YX-S1"]


def test_a_report_is_kept_once_and_gets_its_receipt_each_time(site: Site, buoy: Buoy) -> None:
    for _ in range(2):
        reply = site.ingest.take([report(buoy, 12)])
        assert receipts(buoy, reply.down) == [(1, 12)]
    (row,) = rows(site.database, schema.report)
    assert (row.device, row.boot, row.number, row.type) == (buoy.address.hex(), 1, 12, "event")
    assert row.content == LID
    assert counters(site.database) == {"duplicate": 1}


def test_the_acknowledgement_tells_the_gateways_time(site: Site, buoy: Buoy) -> None:
    reply = site.ingest.take([buoy.send(buoy.read(START))])
    assert ack_of(buoy, reply).time_s == int(site.clock.now().timestamp())


@pytest.mark.parametrize("body", [b"nonsense", b"[1]", b"{}", b'{"type": 4}'])
def test_an_authentic_report_of_no_use_is_kept_with_its_reason_and_never_comes_again(
    site: Site, buoy: Buoy, body: bytes
) -> None:
    reply = site.ingest.take([report(buoy, 3, body)])
    assert receipts(buoy, reply.down) == [(1, 3)]
    (kept,) = rows(site.database, schema.rejected)
    assert (kept.reason, kept.seq) == ("json", 3)
    assert rows(site.database, schema.report) == []


def test_a_report_of_another_station_is_kept_as_rejected(site: Site, buoy: Buoy) -> None:
    message = report(buoy, 3)
    stray = Message("xunhe/v1/YX-S2/report", message.payload, message.size)
    reply = site.ingest.take([stray])
    assert len(reply.down) == 1
    assert [row.reason for row in rows(site.database, schema.rejected)] == ["wrong_station"]


def forged(buoy: Buoy) -> dict[str, Message]:
    good = report(buoy, 3)
    stranger = Buoy(buoy.station, b"\xff" * 6, buoy.key)

    def of(payload: bytes) -> Message:
        return Message(good.topic, payload, len(payload))

    return {
        "mac": of(good.payload[:-1] + bytes([good.payload[-1] ^ 1])),
        "kind": of(b"\x14" + good.payload[1:]),
        "version": of(b"\x23" + good.payload[1:]),
        "length": of(good.payload[:20]),
        "unknown_device": report(stranger, 3),
    }


@pytest.mark.parametrize("reason", ["mac", "kind", "version", "length", "unknown_device"])
def test_a_report_that_does_not_prove_its_sender_gets_no_receipt(
    site: Site, buoy: Buoy, reason: str
) -> None:
    queue(site, buoy, batch=4)
    reply = site.ingest.take([forged(buoy)[reason]])
    assert reply.down == ()
    assert [row.reason for row in rows(site.database, schema.rejected)] == [reason]


def test_a_command_goes_to_a_buoy_that_was_heard_and_to_no_other(site: Site, buoy: Buoy) -> None:
    queue(site, buoy, batch=4)
    other = site.buoys["YX-S2"]
    assert site.ingest.take([other.send(other.read(START))]).down == ()
    reply = site.ingest.take([buoy.send(buoy.read(START))])
    counter, content = command_in(buoy, reply.down) or (0, {})
    assert content == {"set": {"batch": 4}}
    assert counter == int(START.timestamp())
    assert states(site, buoy) == [(CommandState.SENT, None)]


def test_an_unanswered_command_is_sent_again_with_a_greater_counter(site: Site, buoy: Buoy) -> None:
    queue(site, buoy, batch=4)
    counters_sent = []
    for seconds in (0, 59, 1, 60):
        site.clock.at += timedelta(seconds=seconds)
        sent = command_in(buoy, site.ingest.take([buoy.send(buoy.read(START))]).down)
        counters_sent.append(None if sent is None else sent[0])
    first, too_soon, second, third = counters_sent
    assert too_soon is None
    assert first is not None
    assert second is not None
    assert third is not None
    assert first < second < third


@pytest.mark.parametrize(
    ("ok", "reason", "state"),
    [
        (True, None, CommandState.CONFIRMED),
        (False, "batch is 99; give a number from 1 to 40", CommandState.REFUSED),
    ],
)
def test_the_answer_to_any_sending_ends_a_command(
    site: Site, buoy: Buoy, ok: bool, reason: str | None, state: CommandState
) -> None:
    queue(site, buoy, batch=4)
    sent = []
    for _ in range(2):
        sent.append(command_in(buoy, site.ingest.take([buoy.send(buoy.read(START))]).down))
        site.clock.at += minutes(2)
    assert sent[0] is not None
    answer = {"type": "answer", "counter": sent[0][0], "ok": ok, "reason": reason}
    reply = site.ingest.take([report(buoy, 1, answer)])
    assert command_in(buoy, reply.down) is None
    assert states(site, buoy) == [(state, reason)]


def test_commands_go_in_order_and_the_next_follows_the_answer(site: Site, buoy: Buoy) -> None:
    queue(site, buoy, batch=4)
    queue(site, buoy, batch=5)
    first = command_in(buoy, site.ingest.take([buoy.send(buoy.read(START))]).down)
    assert first is not None
    assert first[1] == {"set": {"batch": 4}}
    answer = {"type": "answer", "counter": first[0], "ok": True, "reason": None}
    second = command_in(buoy, site.ingest.take([report(buoy, 1, answer)]).down)
    assert second is not None
    assert second[1] == {"set": {"batch": 5}}
    assert second[0] > first[0]


def test_an_answer_to_nothing_changes_nothing(site: Site, buoy: Buoy) -> None:
    queue(site, buoy, batch=4)
    site.ingest.take([report(buoy, 1, {"type": "answer", "counter": 7, "ok": True})])
    assert states(site, buoy) == [(CommandState.SENT, None)]
    site.ingest.take([report(buoy, 2, {"type": "answer", "counter": True, "ok": True})])
    assert [row.reason for row in rows(site.database, schema.rejected)] == ["json"]


def test_a_want_for_a_release_that_is_not_here_is_kept_with_its_reason(
    site: Site, buoy: Buoy
) -> None:
    want = {"type": "want", "release": 3, "offset": 0}
    site.ingest.take([report(buoy, 1, want)])
    assert [row.reason for row in rows(site.database, schema.rejected)] == ["release"]
    assert rows(site.database, schema.report) == []


def test_old_diagnostics_go_and_events_stay(site: Site, buoy: Buoy) -> None:
    site.ingest.take([report(buoy, 1), report(buoy, 2, {"type": "diagnostic"})])
    site.clock.at += timedelta(days=91)
    site.ingest.take([report(buoy, 3, {"type": "diagnostic"})])
    assert sorted(row.number for row in rows(site.database, schema.report)) == [1, 3]
    with site.database.read() as connection:
        assert [r.number for r in reports.of_station(connection, "YX-S1")] == [3, 1]


@pytest.mark.parametrize(
    ("begins", "ends", "rule", "words"),
    [
        ({"event": "lid_open"}, {"event": "lid_shut"}, "lid_open", "被打开"),
        ({"event": "adrift", "away_m": 310}, {"event": "at_anchor"}, "adrift", "离开锚位310 米"),
    ],
)
def test_a_disturbed_buoy_raises_one_alert_with_its_ticket_until_it_is_well(
    site: Site, buoy: Buoy, begins: dict[str, Any], ends: dict[str, Any], rule: str, words: str
) -> None:
    for _ in range(2):
        site.ingest.take([report(buoy, 1, {"type": "event", **begins})])
    (alert,) = rows(site.database, schema.alert)
    assert (alert.rule, alert.station, alert.ended_at) == (rule, "YX-S1", None)
    assert words in alert.reason_zh
    assert [row.kind for row in rows(site.database, schema.incident)] == ["disturbed_buoy"]
    assert len(rows(site.database, schema.ticket)) == 1
    site.clock.at += minutes(10)
    site.ingest.take([report(buoy, 2, {"type": "event", **ends})])
    (alert,) = rows(site.database, schema.alert)
    assert alert.ended_at == site.clock.at


@pytest.mark.parametrize("event", ["alarm", "crash", "battery_low", None, 3])
def test_other_events_are_kept_and_raise_no_alert(site: Site, buoy: Buoy, event: Any) -> None:
    site.ingest.take([report(buoy, 1, {"type": "event", "event": event})])
    assert len(rows(site.database, schema.report)) == 1
    assert rows(site.database, schema.alert) == []


def test_no_receipt_and_no_command_without_the_commit(site: Site, buoy: Buoy) -> None:
    queue(site, buoy, batch=4)
    with site.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE report RENAME TO away")
    ingest = Ingest(site.database, site.registry, site.clock, shipped())
    with pytest.raises(Exception, match="report"):
        ingest.take([report(buoy, 1)])
    assert states(site, buoy) == [(CommandState.QUEUED, None)]


def run(site: Site, folder: Path, *words: str) -> Any:
    config = folder / "xunhe.toml"
    config.write_text(f'[store]\ndatabase = "{site.database.url}"\n')
    return CliRunner().invoke(app, ["device", *words, "--config", str(config)])


def test_an_operator_sets_parameters_and_sees_how_far_they_have_come(
    site: Site, buoy: Buoy, tmp_path: Path
) -> None:
    done = run(site, tmp_path, "set", "YX-S1", "sample_interval_s=600", "alarm_ph_low=null")
    assert done.exit_code == 0, done.output
    assert "等待发送 queued" in run(site, tmp_path, "show", "YX-S1").output
    site.ingest.take([report(buoy, 1)])
    shown = run(site, tmp_path, "show", "YX-S1").output
    assert "已发送 sent" in shown
    assert '{"set": {"sample_interval_s": 600, "alarm_ph_low": null}}' in shown
    assert "lid_open" in shown


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("sample_interval_s=5", "from 10 to 3600"),
        ("sample_intervall=5", "not a parameter"),
        ("batch", "name=value"),
        ("mode=sleep", "normal, storage"),
    ],
)
def test_a_wrong_parameter_is_refused_at_once(
    site: Site, buoy: Buoy, tmp_path: Path, change: str, words: str
) -> None:
    done = run(site, tmp_path, "set", "YX-S1", change)
    assert done.exit_code == 2
    assert words in done.stderr
    assert states(site, buoy) == []


def test_a_station_without_a_device_takes_no_command(site: Site, tmp_path: Path) -> None:
    assert run(site, tmp_path, "set", "YX-S9", "batch=4").exit_code == 2
    assert "没有命令和报告" in run(site, tmp_path, "show", "YX-S9").output
