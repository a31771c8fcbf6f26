"""Which records go next, how often a report is sent, and what a day may cost: pure."""

from uplink_fakes import NOW, Board, Log, Settings

from xunhe_buoy.agenda import Agenda
from xunhe_buoy.data_budget import DataBudget
from xunhe_buoy.record import Ack
from xunhe_buoy.reports import CAPACITY, RESEND_MS, SLEEPING, Reports


def agenda(daily_bytes=0):
    ring, budget = Log(), DataBudget(daily_bytes)
    return ring, budget, Agenda(ring, Settings, budget)


def test_a_batch_is_due_when_full_or_old_or_of_an_alien_clock():
    ring, _, plan = agenda()
    assert not plan.is_due(NOW)
    ring.fill(1)
    assert not plan.is_due(NOW + 179)
    assert plan.is_due(NOW + 180)
    assert plan.is_due(NOW - 1)
    ring.fill(1, NOW + 60)
    assert not plan.is_due(NOW + 60)
    ring.fill(1, NOW + 120)
    assert plan.is_due(NOW + 120)


def test_the_age_is_that_of_the_record_that_is_pending_now():
    ring, _, plan = agenda()
    ring.fill(1)
    assert not plan.is_due(NOW)
    ring.acknowledge(1, 0, 1)
    ring.fill(1, NOW + 1000)
    assert not plan.is_due(NOW + 1000)


def test_what_fits_one_batch_goes_as_one_and_one_more_sends_the_newest_ahead():
    ring, _, plan = agenda()
    ring.fill(40)
    assert [r.seq for r in plan.next_batch(NOW, 40)] == list(range(40))
    ring.fill(1)
    assert [r.seq for r in plan.next_batch(NOW, 40)] == [40]
    ring.acknowledge(1, 40, 1)
    ring.acknowledge(1, 0, 1)
    ring.fill(2)
    ring.acknowledge(1, 42, 1)
    assert [r.seq for r in plan.next_batch(NOW, 40)] == list(range(1, 40)), "41 is no live reading"


def test_an_urgent_mark_on_an_empty_log_is_for_the_next_reading():
    ring, _, plan = agenda()
    plan.urgent()
    assert not plan.is_due(NOW)
    ring.fill(1)
    assert plan.is_due(NOW)
    plan.freed(Ack(1, 0, 1))
    assert not plan.is_due(NOW)


def test_a_day_ends_at_midnight_of_the_devices_clock_and_counts_what_was_used_in_it():
    budget = DataBudget(100)
    budget.count(99, 86399)
    assert not budget.is_spent(86399)
    budget.count(100, 86399)
    assert budget.is_spent(86399)
    assert not budget.is_spent(86400)
    budget.count(150, 86400)
    assert budget.used_bytes == 50
    assert not DataBudget(0).is_spent(0)


def test_reports_to_be_kept_stay_and_others_make_room():
    board = Board()
    reports = Reports(board)
    reports.add({"type": "diagnostic", "n": 0})
    for n in range(CAPACITY):
        assert reports.add({"type": "event", "n": n})
    assert not reports.add({"type": "event", "n": 99})
    assert not reports.add({"type": "diagnostic", "n": 99})
    number, kept = reports.memory()
    assert [content["n"] for _, content in kept] == list(range(CAPACITY))[-SLEEPING:]
    assert number == CAPACITY + 1


def test_a_kept_report_is_sent_again_after_a_while_and_after_a_reconnection():
    board = Board()
    reports = Reports(board)
    reports.add({"type": "event"})
    reports.add({"type": "want", "offset": 0})
    event = reports.next_due()
    reports.sent(event)
    assert reports.is_expecting(8000)
    reports.sent(reports.next_due())
    assert reports.next_due() is None
    assert not reports.is_calling()
    board.wall_ms = RESEND_MS
    assert reports.next_due() is None
    board.wall_ms += 1
    assert reports.next_due() is event
    reports.sent(event)
    reports.reconnected()
    assert reports.next_due() is event
    reports.received(event.number + 1)
    assert reports.next_due() is event
    reports.received(event.number)
    assert reports.next_due() is None
    assert not reports.is_expecting(8000)
