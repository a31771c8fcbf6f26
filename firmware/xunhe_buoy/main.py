"""The buoy's program: measure, serve the gateway, sleep. `import board` says which board."""

import gc

import board

from xunhe_buoy import crash, modes, rest, visiting
from xunhe_buoy.console import say
from xunhe_buoy.crashlog import CrashLog
from xunhe_buoy.parts import Parts
from xunhe_buoy.section import Section

SERVICE_MS = 200  # longest wait on the network before the clock is looked at again
WATCHDOG_MS = 180000  # longer than warming up, a modem's dial-up and GNSS one after another
WELL_S = 600  # of running without a crash
VISIT_S = 600  # a technician stays awake with the buoy for so long after the last line
ARRIVAL_S = 60  # after power-up or reset: who pressed the button may be about to type


class Buoy:
    """One waking of one buoy. Power may go at any instant; there is nothing to clean up."""

    def __init__(self, settings, crash_log):
        self._parts = parts = Parts(board, settings, crash_log, say)
        self._woke_s = board.uptime_s()
        self._visited_s = None if parts.was_asleep else self._woke_s + ARRIVAL_S - VISIT_S
        self._quality = parts.clock.read()[1]
        parts.counters.add("wakes")
        if not parts.was_asleep:
            say("boot n=%d next_seq=%d" % (parts.boot, parts.ring.next_seq))
            if crash_log.streak:
                parts.care.tell("crash", text=crash_log.entries()[-1])

    def run(self):
        """The loop; a deep sleep or a restart ends it."""
        watchdog = board.watchdog(WATCHDOG_MS)
        if not self._parts.instruments.powers_down:
            self._parts.instruments.power_up()
        while True:
            watchdog.feed()
            now_s, quality = self._parts.clock.read()
            if quality != self._quality:  # another axis, nothing was missed
                self._quality = quality
                self._parts.schedule.align(now_s)
            wait_s = self._parts.schedule.wait_s(now_s)
            if wait_s <= 0:
                self._keep_slot()
            else:
                self._serve(wait_s, now_s)

    # -- at its slot

    def _keep_slot(self):
        parts = self._parts
        if parts.mode == modes.STORAGE:
            parts.care.tell("stored")  # this calls the gateway: a command may wait there
        else:
            self._measure(board.uptime_s())
        parts.schedule.done(parts.clock.read()[0])
        gc.collect()
        parts.counters.see_heap(board.heap())

    def _measure(self, uptime_s):
        parts = self._parts
        try:
            entry = parts.readings.take(uptime_s).entry
            say("sampled boot=%d seq=%d time=%d" % (entry.boot, entry.seq, entry.time_s))
            parts.counters.add("samples")
        except OSError as error:
            say("flash %s" % error)  # go on: the next sector may be better
            parts.counters.add("flash_errors")
        self._judge(parts.readings.latest, uptime_s)

    def _judge(self, reading, uptime_s):
        parts = self._parts
        values, cause = reading.measurement.values, parts.alarm.cause
        if parts.alarm.take(values, reading.flags, uptime_s):
            parts.care.tell("alarm" if cause is None else "calm", cause=parts.alarm.cause or cause)
        if parts.modes.see_battery(values["battery_v"]):
            parts.care.tell("battery_low" if parts.modes.battery_is_low else "battery_ok")
        if parts.alarm.cause is not None or parts.on_trial:
            parts.uplink.urgent()
        parts.replan()

    # -- between two slots

    def _serve(self, wait_s, now_s):
        parts = self._parts
        if wait_s <= 2 * board.wake_cost_s and parts.is_fresh:
            board.light_sleep_s(wait_s)  # first the measurement: it has the heap to itself
            return
        parts.make_uplink()
        parts.care.service()
        parts.step()
        self._serve_technician()
        if board.uptime_s() - self._woke_s > WELL_S:
            parts.crash_log.well()
        is_idle = parts.uplink.idle()
        if is_idle and parts.restart_due:
            self._start_anew()
        how = rest.kind(wait_s, board.wake_cost_s, is_idle, parts.uplink.is_up, self._is_held())
        if how == rest.DEEP:
            self._sleep(wait_s)
        elif how == rest.LIGHT:
            board.light_sleep_s(min(wait_s, rest.LIGHT_MOST_S))
        else:
            parts.uplink.service(min(SERVICE_MS, board.ms_of(wait_s)), now_s)

    def _is_held(self):
        """Something forbids sleep; without a link nothing goes on that is worth waiting for."""
        parts = self._parts
        is_visited = self._visited_s is not None and board.uptime_s() - self._visited_s < VISIT_S
        is_busy = parts.uplink.is_up and parts.busy
        return is_visited or is_busy or parts.on_trial

    def _sleep(self, wait_s):
        """Until just before the probes are to be woken; a lid that opens wakes too."""
        parts = self._parts
        parts.uplink.close()
        parts.instruments.power_down()
        parts.crash_log.well()
        parts.counters.add("awake_s", board.uptime_s() - self._woke_s)
        parts.retain()
        say("sleep %d s" % wait_s)
        board.deep_sleep(max(1, wait_s - board.wake_cost_s))

    def _serve_technician(self):
        line = board.console_line()
        if line:
            self._answer_technician(line)

    def _answer_technician(self, line):
        self._visited_s = board.uptime_s()
        say(visiting.call("service.service", "answer", self._parts, line) or "")
        if self._parts.is_restarting:  # what waits to be sent is on flash
            self._start_anew()

    def _start_anew(self):
        self._parts.uplink.close()
        board.reset()


def run():
    """Runs until power or a reset ends it; whatever goes wrong is logged and the board restarts."""
    settings = visiting.call("config", "read", board.config(), Section)
    crash_log = CrashLog(board.path("crashes"), say)
    crash.guard(board, settings, crash_log, Buoy, say)
