"""The truth of the bench shares nothing with what it judges, and speaks the same wire."""

import ast
import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe_buoy import record as wire
from xunhe_tools.bench.gateway import frames, river
from xunhe_tools.bench.gateway.checker import Verdict, check, judged
from xunhe_tools.bench.gateway.frames import Reading
from xunhe_tools.bench.gateway.ledger import Ledger
from xunhe_tools.bench.gateway.mqtt_wire import publishes

KEY, ADDRESS = bytes(range(32)), b"\2\0\0\0\0\7"
INT16 = st.integers(-32767, 32767)
FOLDER = Path(frames.__file__).parent


@pytest.mark.parametrize("name", ["frames", "ledger", "fleet", "checker", "mqtt_wire"])
def test_the_truth_imports_nothing_of_gateway_or_firmware(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    modules = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert not {m for m in modules if m.split(".")[0] in ("xunhe", "xunhe_buoy")}


@given(st.lists(st.tuples(st.integers(0, 4095), *[INT16] * 5), min_size=1, max_size=100))
def test_frames_are_byte_for_byte_the_firmwares(rows: list[tuple[int, ...]]) -> None:
    readings, records, time_s = [], [], 1_790_000_000
    for seq, (dt, *values) in enumerate(rows, 1):
        time_s += dt
        readings.append(Reading(seq, time_s, tuple(values)))
        records.append(wire.Record(3, seq, time_s, tuple(values), (wire.GOOD,) * 5))
    assert frames.encode(ADDRESS, 3, readings, KEY) == wire.encode_batch(ADDRESS, records, KEY)


@given(st.integers(1, 100), st.data())
def test_an_acknowledgement_is_read_as_the_gateway_means_it(
    count: int, data: st.DataObject
) -> None:
    refused = data.draw(st.sets(st.integers(7, 6 + count)))
    frame = wire.encode_ack(ADDRESS, wire.Ack(2, 7, count, tuple(sorted(refused)), 5), KEY)
    ack = frames.decode_ack(frame, ADDRESS, KEY)
    assert ack is not None
    assert (ack.boot, ack.seqs, ack.refused) == (2, range(7, 7 + count), refused)


def test_an_acknowledgement_of_another_device_or_key_counts_for_nothing() -> None:
    frame = wire.encode_ack(ADDRESS, wire.Ack(1, 1, 1), KEY)
    assert frames.decode_ack(frame, b"\2\0\0\0\0\1", KEY) is None
    assert frames.decode_ack(frame, ADDRESS, bytes(32)) is None


@given(st.lists(st.integers(1, 40), max_size=8))
def test_messages_survive_any_chunking(cuts: list[int]) -> None:
    one = b"\x30\x08\0\x03a/bxyz"
    stream, buffer, got = one * 5, bytearray(), []
    for cut in [*cuts, len(stream)]:
        buffer += stream[:cut]
        stream = stream[cut:]
        got += list(publishes(buffer))
    assert got == [("a/b", b"xyz")] * 5


def store_with(path: Path, *, value: float = 0.35, tickets: int = 1) -> Ledger:
    """A store of one record, and its ledger."""
    buoy = river.buoys(1)[0]
    river.enrol(path, [buoy])
    reading = buoy.measure(1_790_000_000, Random(1))
    key = (buoy.device, 1, 1)
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("INSERT INTO record VALUES (?, 1, 1, x'00', 0)", (buoy.device,))
        for (prop, divisor), scaled in zip(frames.DIVISORS.items(), reading.scaled, strict=True):
            stored = value if prop == "nh3n_mg_l" and value != 0.35 else scaled / divisor
            row = ("S0", prop, 0, buoy.device, 1, 1, stored, 1)
            store.execute("INSERT INTO observation VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        for ticket in range(tickets):
            row = ("R0", "discharge", "S0", "severe", ticket, 0)
            store.execute(
                "INSERT INTO incident (reach, kind, station, severity, started_at, opened_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                row,
            )
            store.execute("INSERT INTO ticket_incident VALUES (?, ?)", (ticket + 1, ticket + 1))
    ledger = Ledger({key: reading}, {key})
    ledger.polluted["S0"] = 0.0
    return ledger


def test_a_store_that_holds_what_was_acknowledged_passes(tmp_path: Path) -> None:
    ledger = store_with(tmp_path / "x.sqlite3")
    assert check(tmp_path / "x.sqlite3", ledger) == Verdict(0, 0, 0, 0)


def test_a_missing_record_an_altered_value_and_a_second_ticket_are_found(tmp_path: Path) -> None:
    ledger = store_with(tmp_path / "x.sqlite3", value=0.36, tickets=2)
    device = next(iter(ledger.readings))[0]
    ledger.accepted.add((device, 1, 2))
    ledger.refused.add((device, 1, 3))
    ledger.polluted["S9"] = 0.0
    assert check(tmp_path / "x.sqlite3", ledger) == Verdict(2, 1, 1, 1)


def test_what_is_stored_and_does_not_wait_counts_as_judged(tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite3"
    store_with(path)
    assert judged(path) == 1
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("INSERT INTO record VALUES ('020000000009', 1, 1, x'00', 0)")
        row = ("S9", 0, "020000000009", 1, 1, False)
        store.execute(
            "INSERT INTO unjudged (station, time, device, boot, seq, goes_first)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            row,
        )
    assert judged(path) == 1
