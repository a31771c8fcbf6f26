"""Checks of what a buoy needs to live alone: `micropython portable_year.py <repository> <folder>`.

Prints a line a check; an assertion ends it. pytest runs this file in test_year.py.
"""
# ruff: noqa: SIM105, UP031 (MicroPython has neither contextlib nor these f-strings on a board)

import json
import os
import sys

ROOT = sys.argv[1] if len(sys.argv) > 1 else "."
FOLDER = sys.argv[2] if len(sys.argv) > 2 else "/tmp"
sys.path.insert(0, ROOT + "/firmware")

from xunhe_buoy import crash, modes, parameter_table, record, rest, retained  # noqa: E402
from xunhe_buoy.alarm import Alarm  # noqa: E402
from xunhe_buoy.alarm_limits import BUCKET_S, CHANGES, LIMITS  # noqa: E402
from xunhe_buoy.anchor import BACK, Anchor, distance_m  # noqa: E402
from xunhe_buoy.checks import ConfigError  # noqa: E402
from xunhe_buoy.clock import SYNC_HOLD_S, TOLERANCE_S, Clock  # noqa: E402
from xunhe_buoy.counters import Counters  # noqa: E402
from xunhe_buoy.crashlog import KEPT, LONGEST, SAFE_AFTER, CrashLog  # noqa: E402
from xunhe_buoy.orders import Orders  # noqa: E402
from xunhe_buoy.parameters import Parameters  # noqa: E402
from xunhe_buoy.raw_sender import MOST, ROWS, RawSender  # noqa: E402
from xunhe_buoy.schedule import Schedule  # noqa: E402


def say(text):
    pass


class Settings:
    """Every parameter at its first value."""

    def __init__(self, **changes):
        config = {"sample_interval_s": 900}
        config.update(changes)
        for name, value in parameter_table.first_values(config).items():
            setattr(self, name, value)


def error_of(call, *args):
    try:
        call(*args)
    except ConfigError as error:
        return str(error)
    return None


def remove(path):
    try:
        os.remove(path)
    except OSError:
        pass


# -- parameters


def check_every_parameter():
    for name, (low, high, default, is_whole) in parameter_table.NUMBERS.items():
        checked = parameter_table.checked
        assert checked(name, low) == low
        assert checked(name, high) == high
        for wrong in (low - 1, high + 1, True, "7", [1]):
            assert "give a number from" in error_of(checked, name, wrong), name
        if is_whole:
            assert "whole number" in error_of(checked, name, low + 0.5)
        if default is None and name != "sample_interval_s":
            assert checked(name, None) is None
        else:
            assert error_of(checked, name, None), name
    assert "not a parameter" in error_of(parameter_table.checked, "batches", 3)
    assert "normal, storage" in error_of(parameter_table.checked, "mode", "sleep")
    assert parameter_table.checked("mode", "storage") == "storage"


def check_parameters_are_kept():
    path = FOLDER + "/year-parameters"
    remove(path)
    changed = []
    settings = Settings(batch=2)
    parameters = Parameters(path, settings, say, lambda: changed.append(1))
    parameters.set({"batch": 5, "alarm_ph_high": 9.0})
    assert (settings.batch, settings.alarm_ph_high, len(changed)) == (5, 9.0, 1)
    assert parameters.take(7, {"batch": 6})
    assert not parameters.take(7, {"batch": 9})
    assert not parameters.take(6)
    assert parameters.take(8)
    again = Settings(batch=2)
    parameters = Parameters(path, again, say)
    assert (again.batch, again.alarm_ph_high, parameters.counter) == (6, 9.0, 8)
    values = parameters.values()
    assert (values["batch"], values["mode"], len(values)) == (6, "normal", 23)


def check_parameters_are_set_whole_or_not_at_all():
    path = FOLDER + "/year-parameters"
    remove(path)
    settings = Settings(batch=2)
    parameters = Parameters(path, settings, say)
    for changes, words in (
        ({"batch": 9, "sample_interval_s": 5}, "sample_interval_s is 5"),
        ({"batch": 9, "low_battery_v": 3.25}, "below battery_ok_v"),
        ({"batch": 9, "anchor_lat": 30.0}, "belong together"),
        ({"batch": 9, "batches": 1}, "not a parameter"),
    ):
        assert words in error_of(parameters.set, changes), words
        assert settings.batch == 2
    parameters.set({"anchor_lat": 30.0, "anchor_lon": 120.0})
    assert settings.anchor_lon == 120.0


def check_a_parameter_file_that_makes_no_sense():
    path = FOLDER + "/year-parameters"
    for text, counter in (
        ("", 0),
        ("{", 0),
        ("[1]", 0),
        ("\xff", 0),
        ('{"counter": "x"}', 0),
        ('{"counter": 5}', 5),
        ('{"counter": 5, "set": {"batch": 99}}', 5),  # no command is played again
    ):
        with open(path, "w") as file:
            file.write(text)
        said = []
        settings = Settings(batch=2)
        parameters = Parameters(path, settings, said.append)
        assert (settings.batch, parameters.counter) == (2, counter), text
        assert said[0].startswith("parameter file ignored"), text
    with open(path, "w") as file:  # of a later version, which knew more
        file.write('{"counter": 4, "set": {"batch": 3, "colour": "red"}}')
    settings = Settings(batch=2)
    assert (Parameters(path, settings, say).counter, settings.batch) == (4, 3)


# -- commands


class Updates:
    def command(self, content):
        return False, "replay"


class Ring:
    """Records 0 to 24, one a minute."""

    def kept(self, first, last):
        for seq in range(max(first, 0), min(last, 24) + 1):
            entry = record.Record(1, seq, 1_760_000_000 + 60 * seq, (1,) * 5, (1,) * 5)
            yield entry, (seq, None, 3, 4, 5)


def orders():
    path = FOLDER + "/year-parameters"
    remove(path)
    settings = Settings(batch=2)
    parameters = Parameters(path, settings, say)
    raw_sender = RawSender(Ring())
    return Orders(parameters, raw_sender, Updates(), say), settings, raw_sender


def check_commands():
    taker, settings, raw_sender = orders()
    assert taker.take({"counter": 5, "set": {"batch": 4}}) == (True, None)
    assert settings.batch == 4
    assert taker.take({"counter": 5, "set": {"batch": 9}}) is None
    assert taker.take({"counter": 4, "set": {"batch": 9}}) is None
    ok, reason = taker.take({"counter": 6, "set": {"batch": 99}})
    assert not ok
    assert "from 1 to 40" in reason
    assert taker.take({"counter": 6, "set": {"batch": 7}}) is None, "a refusal counts as taken"
    assert taker.take({"counter": 7, "mode": "storage"}) == (True, None)
    assert (settings.mode, settings.batch) == ("storage", 4)
    assert taker.take({"counter": 8, "update": {}}) == (False, "replay")
    assert taker.take({"counter": 9, "send": {"from": 0, "to": 24}}) == (True, None)
    assert raw_sender.busy
    counter = 10
    for content in (
        {},
        {"dance": 1},
        {"set": 3},
        {"set": {}},
        {"mode": "x"},
        {"send": 4},
        {"send": {"from": 0}},
        {"send": {"from": 5, "to": 4}},
        {"send": {"from": 0, "to": MOST}},
        {"send": {"from": -1, "to": 3}},
    ):
        ok, reason = taker.take(dict(content, counter=counter))
        assert not ok
        assert reason
        counter += 1


class Uplink:
    """Takes reports into a queue of two."""

    def __init__(self):
        self.waiting, self.sent = [], []
        self.reports = self

    def has_room(self):
        return len(self.waiting) < 2

    def report(self, content):
        self.waiting.append(content)
        return True


def check_raw_values_on_request():
    sender, uplink = RawSender(Ring()), Uplink()
    sender.begin(3, 30)
    for _ in range(5):
        sender.service({"ph": "Y532@2.ph_mv"}, uplink)
    assert len(uplink.waiting) == 2, "no more than the queue has room for"
    while sender.busy:
        uplink.sent.extend(uplink.waiting)
        uplink.waiting = []
        sender.service({"ph": "Y532@2.ph_mv"}, uplink)
    reports = uplink.sent + uplink.waiting
    rows = [row for content in reports for row in content["rows"]]
    assert [row[1] for row in rows] == list(range(3, 25))
    assert rows[0] == (1, 3, 1_760_000_180, 3, None, 3, 4, 5)
    assert [len(content["rows"]) for content in reports] == [ROWS, ROWS, 2, 0]
    assert len(json.dumps(reports[0])) < 900


def check_a_request_for_raw_values_goes_on_after_a_deep_sleep():
    sender, uplink = RawSender(Ring()), Uplink()
    sender.begin(3, 30)
    sender.service({}, uplink)
    left = json.loads(json.dumps(sender.left))
    assert left == [3 + ROWS, 30]
    again = RawSender(Ring())
    again.begin(*left)
    again.service({}, uplink)
    rows = [row for content in uplink.waiting for row in content["rows"]]
    assert [row[1] for row in rows] == list(range(3, 3 + 2 * ROWS))
    sender.begin(24, 24)
    uplink.waiting = []
    for _ in range(2):
        sender.service({}, uplink)
    assert (sender.busy, sender.left) == (False, None)


# -- time


class ClockBoard:
    def __init__(self, now_s=None, quality=record.TIME_UNSET):
        self.now, self.quality, self.up_s = now_s, quality, 100.0

    def now_s(self):
        return self.now

    def time_quality(self):
        return self.quality

    def uptime_s(self):
        return self.up_s

    def set_clock(self, unix_s, quality):
        self.now, self.quality = unix_s, quality

    def pass_s(self, seconds):
        self.up_s += seconds
        if self.now is not None:
            self.now += seconds


T = 1_760_000_000


def check_a_clock_that_was_never_set():
    board = ClockBoard()
    clock = Clock(board)
    assert clock.read() == (100.0, record.TIME_UNSET)
    assert clock.hear(T, 4)
    assert clock.read() == (T + 2, record.TIME_SYNCED)


def check_a_clock_that_agrees_is_left_alone():
    for waited_s in (0, 30):
        latest = T + 1 + waited_s + TOLERANCE_S
        for now_s, moves in (
            (T - TOLERANCE_S, False),
            (T - TOLERANCE_S - 0.1, True),
            (T + 0.5, False),
            (latest, False),
            (latest + 0.1, True),
        ):
            board = ClockBoard(now_s, record.TIME_SYNCED)
            assert Clock(board).hear(T, waited_s) == moves, (now_s - T, waited_s)
            assert (board.now == T + waited_s / 2) == moves or not moves
            assert abs(board.now - T) <= waited_s + 1 + TOLERANCE_S


def check_a_clock_drifts_when_nobody_agrees():
    board = ClockBoard(T, record.TIME_SYNCED)
    clock = Clock(board)
    assert clock.read()[1] == record.TIME_SYNCED  # set on the bench, to be believed
    clock.hear(T)
    board.pass_s(SYNC_HOLD_S)
    assert clock.read()[1] == record.TIME_SYNCED
    board.pass_s(1)
    assert clock.read()[1] == record.TIME_DRIFTING
    assert Clock(board, clock.synced_s).read()[1] == record.TIME_DRIFTING  # after a deep sleep
    assert not clock.hear(T + SYNC_HOLD_S + 1)
    assert clock.read()[1] == record.TIME_SYNCED


def check_a_drifting_clock_that_agrees_becomes_synced():
    board = ClockBoard(T, record.TIME_DRIFTING)
    clock = Clock(board)
    assert not clock.hear(T)
    assert clock.read()[1] == record.TIME_SYNCED


def check_a_thousand_clocks():
    """Wrong by anything, heard late by anything: right to a minute as soon as they hear."""
    state = 1
    for _ in range(1000):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        error_s, waited_s = state % 200_000 - 100_000, state // 7 % 60
        board = ClockBoard(T + error_s, record.TIME_SYNCED)
        clock = Clock(board)
        spoken_s = T - waited_s * (state % 100) / 100  # somewhere within the wait
        clock.hear(int(spoken_s), waited_s)
        now_s, quality = clock.read()
        assert abs(now_s - T) <= 60 + TOLERANCE_S + 1, (error_s, waited_s, now_s - T)
        assert quality == record.TIME_SYNCED


# -- schedule, alarm, modes


def check_the_schedule_goes_on_after_a_deep_sleep():
    before = Schedule(900, 30, 1000)
    assert before.slot_s == 1800
    before.late, before.missed = 3, 4
    woken = Schedule(900, 30, 1771, before.to_json())  # a second late: still this slot
    assert woken.wait_s(1771) == 0
    woken.done(1801)
    assert (woken.slot_s, woken.late, woken.missed) == (2700, 3, 4)


def check_the_interval_changes_at_once():
    plan = Schedule(900, 30, 1000)
    plan.change(60, 0, 1000)
    assert plan.slot_s == 1020
    plan.change(60, 0, 1500)
    assert plan.slot_s == 1020, "nothing changed, nothing is planned anew"
    plan.change(900, 30, 1500)
    assert (plan.slot_s, plan.late, plan.missed) == (1800, 0, 0)


GOOD = {"do_mg_l": 1, "nh3n_mg_l": 1, "ph": 1, "water_temp_c": 1}
CALM = {"do_mg_l": 8.0, "nh3n_mg_l": 0.4, "ph": 7.5, "water_temp_c": 18.0}


def check_every_alarm_threshold():
    for name, channel, sign, ease in LIMITS:
        alarm = Alarm(Settings(alarm_hold=2, **{name: CALM[channel]}))
        at = dict(CALM)
        assert not alarm.take(at, GOOD, 0), "at the threshold"
        at[channel] = CALM[channel] + sign * 0.001
        assert alarm.take(at, GOOD, 60), name
        assert alarm.cause == name
        at[channel] = CALM[channel] - sign * (ease - 0.001)  # back, but not far enough
        for _ in range(5):
            assert not alarm.take(at, GOOD, 120)
        at[channel] = CALM[channel] - sign * (ease + 0.001)
        assert not alarm.take(at, GOOD, 180)
        assert alarm.take(at, GOOD, 240), "calm for two readings"
        assert alarm.cause is None


def check_every_alarm_change():
    for name, channel, sign in CHANGES:
        alarm = Alarm(Settings(alarm_hold=1, **{name: 1.0}))
        at = dict(CALM)
        assert not alarm.take(at, GOOD, 0)
        at[channel] = CALM[channel] + sign * 1.0
        assert not alarm.take(at, GOOD, 600), "at the threshold"
        at[channel] = CALM[channel] + sign * 1.001
        assert alarm.take(at, GOOD, 1200), name
        assert not alarm.take(at, GOOD, 2 * BUCKET_S - 1), "the hour is not over"
        alarm.take(at, GOOD, 2 * BUCKET_S)
        assert alarm.cause == name or alarm.cause is None
        assert alarm.take(at, GOOD, 3 * BUCKET_S) or alarm.cause is None
        slow = Alarm(Settings(alarm_hold=1, **{name: 1.0}))
        at = dict(CALM)
        for hour in range(20):  # a daily swing
            at[channel] = CALM[channel] + sign * 0.4 * hour
            assert not slow.take(at, GOOD, 3600 * hour), name


def check_what_is_not_good_raises_no_alarm():
    settings = Settings(alarm_do_low_mg_l=3.0)
    for flag in (record.UNKNOWN, record.SUSPECT, record.FAIL, record.MISSING):
        alarm = Alarm(settings)
        assert not alarm.take(dict(CALM, do_mg_l=1.0), dict(GOOD, do_mg_l=flag), 0)
    assert not Alarm(settings).take(dict(CALM, do_mg_l=None), GOOD, 0)
    assert not Alarm(Settings()).take(dict(CALM, do_mg_l=0.0), GOOD, 0), "no threshold is set"


def check_an_alarm_outlives_a_deep_sleep():
    settings = Settings(alarm_do_low_mg_l=3.0, alarm_hold=2)
    alarm = Alarm(settings)
    alarm.take(dict(CALM, do_mg_l=1.0), GOOD, 0)
    alarm.take(CALM, GOOD, 60)
    alarm = Alarm(settings, json.loads(json.dumps(alarm.to_json())))
    assert alarm.cause == "alarm_do_low_mg_l"
    assert alarm.take(CALM, GOOD, 120), "the second calm reading"


def check_modes():
    settings = Settings(alarm_interval_s=60, low_battery_interval_s=3600, alarm_do_low_mg_l=3.0)
    alarm = Alarm(settings)
    plan = modes.Modes(settings, alarm)
    assert (plan.mode, plan.interval_s) == (modes.NORMAL, 900)
    alarm.take(dict(CALM, do_mg_l=1.0), GOOD, 0)
    assert (plan.mode, plan.interval_s) == (modes.ALARM, 60)
    assert not plan.see_battery(3.1), "at the threshold"
    assert plan.see_battery(3.099)
    assert (plan.mode, plan.interval_s) == (modes.LOW_BATTERY, 3600)
    assert not plan.see_battery(3.25)
    assert plan.see_battery(3.251)
    assert plan.mode == modes.ALARM
    settings.mode = "storage"
    assert (plan.mode, plan.interval_s) == (modes.STORAGE, 86400)
    quick = Settings(sample_interval_s=30, alarm_interval_s=60)
    alarm = Alarm(quick, {"cause": "alarm_ph_low", "calm": 0, "seen": {}})
    assert modes.Modes(quick, alarm).interval_s == 30, "an alarm never measures more seldom"


def check_rest():
    cases = (
        # wait, cost, idle, linked, held → kind
        (900, 1, True, True, False, rest.DEEP),
        (10, 1, True, True, False, rest.DEEP),
        (9.9, 1, True, True, False, rest.AWAKE),
        (9.9, 1, True, False, False, rest.LIGHT),
        (2, 1, True, False, False, rest.LIGHT),
        (1.9, 1, True, False, False, rest.AWAKE),
        (199, 20, True, False, False, rest.LIGHT),
        (200, 20, True, False, False, rest.DEEP),
        (900, 1, False, True, False, rest.AWAKE),
        (900, 1, True, False, True, rest.AWAKE),
    )
    for wait_s, cost_s, idle, linked, held, want in cases:
        assert rest.kind(wait_s, cost_s, idle, linked, held) == want, (wait_s, want)


# -- anchor, crashes, memory


def check_distances():
    # one degree of latitude and of longitude at 60° on the IUGG mean sphere
    assert abs(distance_m(30, 120, 31, 120) - 111195.1) < 0.1
    assert abs(distance_m(60, 10, 60, 11) - 55597.0 * 0.99994) < 5
    assert distance_m(30, 120, 30, 120) == 0
    assert abs(distance_m(0, 179.9995, 0, -179.9995) - 111.2) < 0.1


def north(metres):
    return 30 + metres / 111195.08


def check_the_anchor():
    settings = Settings(anchor_lat=30.0, anchor_lon=120.0, anchor_radius_m=60)
    anchor = Anchor(settings)
    assert anchor.take(north(59), 120.0) is None
    assert anchor.take(north(61), 120.0) is None, "one fix is no drift"
    assert anchor.take(north(10), 120.0) is None
    assert anchor.take(north(61), 120.0) is None
    assert anchor.take(north(300), 120.0) == "adrift"
    assert round(anchor.away_m) == 300
    assert anchor.take(north(400), 120.0) is None, "told once"
    anchor = Anchor(settings, json.loads(json.dumps(anchor.to_json())))
    assert anchor.take(north(BACK * 60 + 1), 120.0) is None
    assert anchor.take(north(BACK * 60 - 1), 120.0) == "at_anchor"
    settings.anchor_lat = None
    assert anchor.take(north(5000), 120.0) is None
    assert anchor.take(north(5000), 120.0) is None


def check_the_crash_log():
    path = FOLDER + "/year-crashes"
    remove(path)
    log = CrashLog(path, say)
    assert (log.entries(), log.asks_for_safety) == ([], False)
    for n in range(SAFE_AFTER):
        assert not log.asks_for_safety
        log.add("crash %d" % n)
    assert CrashLog(path, say).asks_for_safety
    log.forgive()
    assert not CrashLog(path, say).asks_for_safety
    log.add("x" * 1000 + "end")
    assert CrashLog(path, say).asks_for_safety, "one more is enough"
    for n in range(2 * KEPT):
        log.add("crash %d" % n)
    log = CrashLog(path, say)
    assert len(log.entries()) == KEPT
    assert log.entries()[-1] == "crash %d" % (2 * KEPT - 1)
    log.well()
    assert (CrashLog(path, say).streak, len(CrashLog(path, say).entries())) == (0, KEPT)
    log.add("y" * 1000 + "end")
    assert log.entries()[-1][-3:] == "end"
    assert len(log.entries()[-1]) == LONGEST
    for text in ("", "[]", '{"entries": 3}', "\xff"):
        with open(path, "w") as file:
            file.write(text)
        said = []
        assert (CrashLog(path, said.append).streak, len(said)) == (0, 1), text


class RtcBoard:
    def __init__(self, size=2000):
        self.memory, self.reason, self.size = b"", "deepsleep", size

    def rtc_memory(self, data=None):
        if data is not None:
            if len(data) > self.size:
                raise ValueError("too long")
            self.memory = data
        return self.memory

    def reset_reason(self):
        return self.reason


class RestartedError(Exception):
    """The board started anew."""


class CrashingBoard:
    def reset_reason(self):
        return "power"

    def reset(self):
        raise RestartedError


class FullLog:
    """A crash log that finds no memory for more than so many bytes."""

    asks_for_safety = False

    def __init__(self, most):
        self.most = most
        self.entries = []

    def add(self, text):
        if len(text) > self.most:
            raise MemoryError
        self.entries.append(text)


def restarts_after_a_crash(log):
    def crashes(settings, crash_log):
        raise MemoryError("of %s" % settings)

    try:
        crash.guard(CrashingBoard(), "the test", log, crashes, say)
    except RestartedError:
        return True
    return False


def check_a_crash_is_kept_and_the_board_starts_anew():
    log = FullLog(most=5000)
    assert restarts_after_a_crash(log)
    assert "of the test" in log.entries[0]


def check_a_crash_without_memory_for_its_traceback_still_counts():
    log = FullLog(most=30)
    assert restarts_after_a_crash(log)
    assert log.entries == [crash.SPEECHLESS]


def check_a_crash_without_memory_for_any_word_still_starts_the_board_anew():
    assert restarts_after_a_crash(FullLog(most=0))


def check_memory_over_a_deep_sleep():
    board = RtcBoard()
    retained.save(board, {"boot": 3, "care": {"lid": True}}, b"snapshot")
    kept = board.memory
    assert retained.load(board) == ({"boot": 3, "care": {"lid": True}}, b"snapshot")
    assert retained.load(board) == ({}, b""), "it is believed once"
    for reason in ("power", "reset", "watchdog"):
        board.memory, board.reason = kept, reason
        assert retained.load(board) == ({}, b"")
    board.reason = "deepsleep"
    for damaged in (b"", b"\x00", b"\x00\x05{", b"\xff\xff" + kept[2:]):
        board.memory = damaged
        assert retained.load(board)[0] == {} or damaged[:2] == b"\xff\xff"


def _length(kept):
    return len(json.dumps(kept, separators=(",", ":")))


def check_memory_that_is_too_small():
    kept = {"boot": 3, "inspector": "i" * 100, "uplink": "u" * 100}
    whole = 2 + _length(kept)
    lean = 2 + _length({"boot": 3, "uplink": "u" * 100})
    least = 2 + _length({"boot": 3})
    for size, names, snapshot in (
        (whole + 50, ["boot", "inspector", "uplink"], b"s" * 50),
        (whole + 49, ["boot", "inspector", "uplink"], b""),
        (whole - 1, ["boot", "uplink"], b"s" * 50),
        (lean + 49, ["boot", "uplink"], b""),
        (lean - 1, ["boot"], b"s" * 50),
        (least, ["boot"], b""),
        (least - 1, [], b""),
    ):
        board = RtcBoard(size)
        retained.save(board, dict(kept), b"s" * 50, ("inspector", "uplink"))
        found, tail = retained.load(board)
        assert (sorted(found), tail) == (names, snapshot), size


def check_counters():
    counters = Counters({"wakes": 3, "awake_s": 12})
    counters.add("wakes")
    counters.add("awake_s", 1.5)
    for heap in ((10, 90), (60, 40), (20, 80), (0, 0)):
        counters.see_heap(heap)
    assert counters.heap_free == 40
    kept = counters.to_json()
    assert (kept["wakes"], kept["awake_s"], kept["samples"]) == (4, 13, 0)


CHECKS = (
    check_every_parameter,
    check_parameters_are_kept,
    check_parameters_are_set_whole_or_not_at_all,
    check_a_parameter_file_that_makes_no_sense,
    check_commands,
    check_raw_values_on_request,
    check_a_request_for_raw_values_goes_on_after_a_deep_sleep,
    check_a_clock_that_was_never_set,
    check_a_clock_that_agrees_is_left_alone,
    check_a_clock_drifts_when_nobody_agrees,
    check_a_drifting_clock_that_agrees_becomes_synced,
    check_a_thousand_clocks,
    check_the_schedule_goes_on_after_a_deep_sleep,
    check_the_interval_changes_at_once,
    check_every_alarm_threshold,
    check_every_alarm_change,
    check_what_is_not_good_raises_no_alarm,
    check_an_alarm_outlives_a_deep_sleep,
    check_modes,
    check_rest,
    check_distances,
    check_the_anchor,
    check_the_crash_log,
    check_a_crash_is_kept_and_the_board_starts_anew,
    check_a_crash_without_memory_for_its_traceback_still_counts,
    check_a_crash_without_memory_for_any_word_still_starts_the_board_anew,
    check_memory_over_a_deep_sleep,
    check_memory_that_is_too_small,
    check_counters,
)

if __name__ == "__main__":
    for check in CHECKS:
        check()
        print("ok", check.__name__)
    print("all checks hold")
