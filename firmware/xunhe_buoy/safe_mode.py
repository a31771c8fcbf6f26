"""Safe mode, after crash upon crash: nothing is measured; update, commands and console still work.

Each part starts and runs on its own: what fails is told once and left out, the rest goes on.
"""

from xunhe_boot import start
from xunhe_buoy import visiting
from xunhe_buoy.crash import describe

SAFE_S = 6 * 3600  # then the normal program gets another try
SERVICE_MS = 200
WATCHDOG_MS = 180000


class SafeMode:
    """Offers what the technician's console asks of a Buoy; what did not start is None."""

    mode = "safe"

    def __init__(self, board, settings, crash_log, say):
        self.board, self.settings, self.crash_log, self.say = board, settings, crash_log, say
        self.ring = self.uplink = self.updates = self.parameters = self.raw_sender = None
        self.instruments = self.calibrations = self.schedule = None
        self.probes = {}
        self.boot = 0
        self._restart = False
        self._steps = [self._serve_technician]
        if self._try(self._begin_log):  # without it the uplink has nothing to send from
            self._try(self._begin_uplink)

    def run(self):
        watchdog = self.board.watchdog(WATCHDOG_MS)
        self.say("safe mode after %d crashes" % self.crash_log.streak)
        start_s = self.board.uptime_s()
        while self.board.uptime_s() - start_s < SAFE_S and not self._restart:
            watchdog.feed()
            for step in list(self._steps):
                if not self._try(step):
                    self._steps.remove(step)
            if self.uplink is None:
                self.board.sleep_ms(SERVICE_MS)
        self.crash_log.forgive()

    def describe(self):
        return visiting.call("status", "describe", self)

    def restart(self):
        """Leave: the normal program gets another try."""
        self._restart = True

    def _try(self, step):
        """False where the step failed, which is told: here nothing may end the rest."""
        try:
            step()
        except Exception as error:  # noqa: BLE001 (the part is left out, safe mode goes on)
            self.say("safe mode without %s: %s" % (step.__name__, describe(error)))
            return False
        return True

    def _begin_log(self):
        from xunhe_buoy.bootcount import next_boot
        from xunhe_buoy.parameters import Parameters
        from xunhe_buoy.ringlog import RingLog

        self.ring = RingLog(self.board.partition())
        self.boot = next_boot(self.ring.last_boot, self.board.boot_file)
        self.parameters = Parameters(self.board.path("parameters"), self.settings, self.say)

    def _begin_uplink(self):
        from xunhe_buoy import carriers
        from xunhe_buoy.raw_sender import RawSender
        from xunhe_buoy.update.updates import Updates
        from xunhe_buoy.uplink import Uplink

        board, settings, say = self.board, self.settings, self.say
        carrier = carriers.build(board, settings)
        uplink = Uplink(board, self.ring, settings, carrier, self.describe, say, self.boot)
        self.updates = Updates(start.slots, board, settings, self.boot, uplink.report, say)
        self.raw_sender = RawSender(self.ring)
        uplink.on_command = self._obey
        uplink.on_chunk = self.updates.chunk
        uplink.on_acknowledged = self.updates.acknowledged
        last = self.crash_log.entries()[-1:]
        uplink.report({"type": "event", "event": "safe_mode", "text": "".join(last)})
        self.uplink = uplink
        self._steps.append(self._serve_uplink)

    def _obey(self, content):
        return visiting.call("orders", "take", self, content)

    def _serve_uplink(self):
        now_s = self.board.now_s() or self.board.uptime_s()
        self.uplink.service(SERVICE_MS, now_s)
        self.updates.service()
        if self.updates.restart_due and self.uplink.idle():
            self.restart()

    def _serve_technician(self):
        line = self.board.console_line()
        if line:
            self.say(visiting.call("service.service", "answer", self, line) or "")
