"""What the uplink does with acknowledgements, commands, reports and links that fail."""

import json

from uplink_fakes import DEVICE, KEY, NOW, Board, Carrier, Log, Settings

from xunhe_buoy import message, record
from xunhe_buoy.uplink import LINGER_MS, Uplink


def build(**changes):
    board, ring, said = Board(), Log(), []
    carrier = Carrier(board)
    settings = type("Changed", (Settings,), changes)
    uplink = Uplink(board, ring, settings, carrier, dict, said.append, boot=1)
    return board, ring, carrier, uplink, said


def serve(uplink, board, until_ms, now_s=NOW):
    while board.wall_ms < until_ms:
        before = board.wall_ms
        uplink.service(200, now_s)
        if board.wall_ms == before:
            board.wall_ms += 1


def test_nothing_pending_means_no_connection():
    board, _, carrier, uplink, _ = build()
    uplink.service(1000, NOW)
    assert carrier.attempts == []
    assert board.wall_ms == 1000


def test_pauses_double_up_to_a_minute():
    board, ring, carrier, uplink, said = build()
    carrier.fails = True
    ring.fill(1, NOW - 1000)
    serve(uplink, board, 600_000)
    pauses = [b - a for a, b in zip(carrier.attempts, carrier.attempts[1:], strict=False)]
    assert pauses[:4] == [500, 1000, 2000, 4000]
    assert max(pauses) == 60_000
    assert len(carrier.attempts) < 20
    assert set(said) == {"link down network"}


def test_a_backlog_goes_in_order_behind_the_live_reading():
    board, ring, carrier, uplink, _ = build()
    ring.fill(100)
    serve(uplink, board, 100)
    assert carrier.batches()[:3] == [[99], list(range(40)), list(range(40, 80))]
    ring.fill(45)
    serve(uplink, board, 3000)
    assert ring.pending_count == 0
    sent = [seq for batch in carrier.batches() for seq in batch]
    assert sorted(sent) == list(range(145))


def test_a_reading_made_while_a_backlog_travels_overtakes_it():
    board, ring, carrier, uplink, _ = build()
    ring.fill(200)
    while len(carrier.batches()) < 3:
        uplink.service(1, NOW)
    ring.fill(1)
    serve(uplink, board, board.wall_ms + 2000)
    live = [batch for batch in carrier.batches() if len(batch) == 1]
    assert live == [[199], [200]]
    assert ring.pending_count == 0


def test_an_urgent_reading_breaks_the_pause_and_waits_for_no_batch():
    board, ring, carrier, uplink, _ = build()
    carrier.fails = True
    ring.fill(3)
    serve(uplink, board, 100_000)
    tried = len(carrier.attempts)
    carrier.fails = False
    ring.fill(1)
    uplink.urgent()
    uplink.service(200, NOW)
    assert len(carrier.attempts) == tried + 1
    serve(uplink, board, board.wall_ms + 1000)
    ring.fill(1)
    serve(uplink, board, board.wall_ms + 1000)
    assert ring.pending_count == 1  # the urgent one is through: batches again
    uplink.urgent()
    serve(uplink, board, board.wall_ms + 1000)
    assert ring.pending_count == 0


def test_a_link_without_acknowledgement_is_dead_in_time():
    board, ring, carrier, uplink, said = build()
    carrier.acknowledging = False
    ring.fill(3)
    serve(uplink, board, 9000)
    assert said[:2] == ["link up", "link down no ack"]
    assert ring.pending_count == 3


def test_a_link_that_takes_its_time_is_asked_again_and_counts_once():
    board, ring, carrier, uplink, said = build()
    carrier.is_slow = True
    ring.fill(3)
    serve(uplink, board, 2000)
    assert len(carrier.attempts) == 10
    carrier.is_slow = False
    serve(uplink, board, 4000)
    assert said[0] == "link up"
    assert uplink.counters["connects"] == 1


def test_the_gateways_time_comes_with_the_wait_for_it():
    board, ring, carrier, uplink, _ = build()
    heard, freed = [], []
    uplink.on_time = lambda unix_s, waited_s: heard.append((unix_s, waited_s))
    uplink.on_acknowledged = freed.append
    carrier.acknowledging = False
    ring.fill(3)
    serve(uplink, board, 400)
    ack = record.encode_ack(DEVICE, record.Ack(1, 0, 3, (1,), NOW + 7), KEY)
    stranger = record.encode_ack(DEVICE, record.Ack(2, 0, 3, (), NOW + 7), KEY)
    carrier.inbox += [("ack", stranger), ("ack", ack), ("ack", ack)]
    serve(uplink, board, 800)
    assert len(heard) == 1
    assert heard[0][0] == NOW + 7
    assert 0.2 <= heard[0][1] <= 0.5
    assert freed == [1]
    assert (uplink.counters["acknowledged"], uplink.counters["refused"]) == (3, 1)


def test_an_unusable_frame_is_counted_with_its_reason_and_frees_nothing():
    board, ring, carrier, uplink, said = build()
    carrier.acknowledging = False
    ring.fill(3)
    uplink.service(1, NOW)
    wrong = record.encode_ack(DEVICE, record.Ack(1, 0, 3), bytes(32))
    command = message.encode_command(DEVICE, 1, b"[1]", KEY)
    carrier.inbox += [("ack", b"noise"), ("ack", wrong), ("command", wrong), ("command", command)]
    serve(uplink, board, 100)
    ignored = [line for line in said if "ignored" in line]
    assert ignored == [
        "ack ignored length",
        "ack ignored mac",
        "command ignored kind",
        "command ignored json",
    ]
    assert uplink.counters["bad_acks"] == 4
    assert ring.pending_count == 3


def test_a_command_is_answered_and_the_answer_kept_until_its_receipt():
    board, ring, carrier, uplink, _ = build()
    ring.fill(3)
    serve(uplink, board, 100)
    seen = []

    def obey(content):
        seen.append(content)
        return (False, "range") if "set" in content else None

    uplink.on_command = obey
    for counter, body in ((7, b'{"set": {"batch": 99}}'), (8, b'{"mode": "storage"}')):
        frame = message.encode_command(DEVICE, counter, body, KEY)
        carrier.inbox.append(("command", frame))
    serve(uplink, board, 400)
    assert [content["counter"] for content in seen] == [7, 8]
    (answer,) = carrier.reports()
    expected = {"type": "answer", "counter": 7, "ok": False, "reason": "range"}
    assert message.from_body(answer.body) == expected
    assert uplink.reports.memory()[1] == [(answer.number, expected)]
    assert not uplink.idle()
    receipt = message.encode_receipt(DEVICE, answer.boot, answer.number, KEY)
    carrier.inbox.append(("ack", receipt))
    serve(uplink, board, 2000)
    assert uplink.reports.memory()[1] == []
    assert uplink.idle()


def test_a_chunk_of_an_update_reaches_its_hook():
    board, ring, carrier, uplink, _ = build()
    chunks = []
    uplink.on_chunk = lambda *chunk: chunks.append(chunk)
    ring.fill(3)
    serve(uplink, board, 100)
    carrier.inbox.append(("update", message.encode_chunk(DEVICE, 5, 1024, b"data", KEY)))
    serve(uplink, board, 400)
    assert chunks == [(5, 1024, b"data")]


def test_an_event_calls_for_a_connection_and_a_diagnostic_waits_for_one():
    board, _, carrier, uplink, _ = build()
    assert uplink.report({"type": "diagnostic", "heap": 1})
    serve(uplink, board, 1000)
    assert carrier.attempts == []
    assert uplink.idle()
    uplink.report({"type": "event", "event": "lid"})
    assert not uplink.idle()
    serve(uplink, board, 2000)
    assert len(carrier.reports()) == 2


def test_beyond_the_budget_the_newest_goes_hourly_and_an_urgent_one_at_once():
    class Dear:
        daily_bytes = 2000

    board, ring, carrier, uplink, _ = build(uplink=Dear)
    ring.fill(2000)
    serve(uplink, board, 5000)
    spent = len(carrier.batches())
    assert 3 <= spent <= 6
    ring.fill(1)
    serve(uplink, board, 6000, NOW + 3599)
    assert len(carrier.batches()) == spent
    uplink.urgent()
    serve(uplink, board, 7000, NOW + 3599)
    assert carrier.batches()[spent:] == [[2000]]
    ring.fill(1)
    serve(uplink, board, 8000, NOW + 3599 + 3600)
    assert carrier.batches()[spent + 1 :] == [[2001]]
    serve(uplink, board, 9000, NOW + 86400)
    assert len(carrier.batches()) > spent + 3  # a new day


def test_it_may_sleep_when_all_is_said_or_the_link_is_of_no_use():
    board, ring, carrier, uplink, _ = build()
    assert uplink.idle()
    ring.fill(3)
    uplink.service(0, NOW)
    assert not uplink.idle()
    serve(uplink, board, board.wall_ms + 100)
    assert not uplink.idle()  # a command may still come
    serve(uplink, board, board.wall_ms + LINGER_MS + 200)
    assert uplink.idle()
    uplink.close()
    assert carrier.closed == 1
    carrier.fails = True
    ring.fill(3)
    uplink.service(0, NOW)
    assert not uplink.idle()
    serve(uplink, board, board.wall_ms + 5000)
    assert uplink.idle()


def test_what_must_outlive_a_deep_sleep_does():
    _, _, _, uplink, _ = build()
    uplink.report({"type": "event", "event": "lid"})
    kept = json.loads(json.dumps(uplink.memory()))
    board, _, carrier, woken, _ = build()
    woken.remember(kept)
    serve(woken, board, 400)
    (report,) = carrier.reports()
    assert message.from_body(report.body) == {"type": "event", "event": "lid"}
    assert report.number == 1


def test_a_link_that_failed_thrice_is_let_sleep_until_its_pause_is_over():
    board, ring, carrier, uplink, _ = build()
    carrier.fails = True
    ring.fill(1, NOW - 1000)
    serve(uplink, board, 2000)
    assert len(carrier.attempts) == 3
    assert uplink.idle()
    board.sleep_ms(2000)
    assert not uplink.idle(), "nobody would try again"
    uplink.service(200, NOW)
    assert len(carrier.attempts) == 4


def test_a_waking_tries_once_however_often_the_link_failed_before():
    _, ring, _, uplink, _ = build()
    ring.fill(1, NOW - 1000)
    uplink.service(0, NOW)
    kept = uplink.memory()
    kept["failures"] = 50
    _, ring, carrier, woken, _ = build()
    ring.fill(1, NOW - 1000)
    woken.remember(kept)
    assert not woken.idle()
    woken.service(200, NOW)
    assert len(carrier.attempts) == 1
