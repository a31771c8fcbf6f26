"""The firmware bench's own parts: its judge shares no code with the buoy and finds it wrong."""

import pytest

from xunhe_buoy import message, record
from xunhe_tools.bench.firmware import outage, soak, wire

DEVICE = bytes.fromhex(wire.DEVICE)


def readings(seqs: list[int]) -> list[wire.Reading]:
    return [wire.Reading(1, seq, 60 * seq, (1, 2, 3, 4, None)) for seq in seqs]


def test_the_judge_reads_a_batch_as_the_buoy_wrote_it() -> None:
    flags = (1, 1, 3, 1, 9)
    sent = [record.Record(7, 40 + i, 900 * i, (i, -1, 3, 4, None), flags) for i in range(3)]
    batch = wire.open_batch(record.encode_batch(DEVICE, sent, wire.KEY))
    assert [(r.boot, r.seq, r.time_s, r.scaled) for r in batch.readings] == [
        (r.boot, r.seq, r.time_s, r.scaled) for r in sent
    ]
    ack = record.decode_ack(wire.acknowledgement(batch, 5), DEVICE, wire.KEY)
    assert (ack.boot, ack.seq, ack.count, ack.refused, ack.time_s) == (7, 40, 3, (), 5)


def test_the_judge_reads_a_report_and_receipts_it() -> None:
    frame = message.encode_report(DEVICE, 7, 9, message.to_body({"type": "event"}), wire.KEY)
    receipt, content = wire.open_report(frame)
    assert content == {"type": "event"}
    assert message.decode_receipt(receipt, DEVICE, wire.KEY) == (7, 9)


def test_the_judge_takes_no_forged_frame() -> None:
    with pytest.raises(wire.ForgedError):
        wire.open_report(message.encode_receipt(DEVICE, 7, 9, bytes(32)))


@pytest.mark.parametrize(
    ("seqs", "gaps"),
    [
        ([4, 0, 1, 2, 3], 0),
        ([4, 0, 1, 3], 1),  # lost
        ([4, 0, 2, 1, 3], 3),  # out of order
        ([5, 0, 1, 2, 3], 1),  # the end is missing
    ],
)
def test_every_wrong_step_of_a_backlog_is_a_gap(seqs: list[int], gaps: int) -> None:
    assert outage._gaps(readings(seqs)) == gaps


@pytest.mark.timeout(1800)
def test_thirty_days_without_a_link_arrive_in_order_without_a_gap() -> None:
    found = outage.endure(30, lambda _: None)
    assert (found.stored, found.arrived, found.gaps) == (43_200, 43_200, 0)
    assert found.reported == 0


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_of_forty_five_days_exactly_what_is_missing_is_reported_as_dropped() -> None:
    found = outage.endure(45, lambda _: None)
    assert found.stored == 64_800
    assert found.gaps == 0
    assert found.reported == found.lost > 0


@pytest.mark.timeout(7200)
@pytest.mark.parametrize("days", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_the_heap_stays_flat_over_days(days: int) -> None:
    life = soak.live(days, 900, lambda _: None)
    assert life.readings >= 96 * days - 1
    assert life.drift_kib <= 1


def test_a_heap_that_grows_is_seen() -> None:
    assert soak.Life(0, [(0, 9000), (0, 10_000), (0, 10_500), (0, 11_100)]).drift_kib > 1
