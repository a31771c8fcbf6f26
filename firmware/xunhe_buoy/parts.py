"""What a buoy is made of: builds the objects of one waking, and gathers them for the next."""

from xunhe_boot import start
from xunhe_buoy import carriers, drivers, record, retained, visiting
from xunhe_buoy.alarm import Alarm
from xunhe_buoy.bootcount import next_boot
from xunhe_buoy.calibration import Calibrations
from xunhe_buoy.care import Care
from xunhe_buoy.clock import Clock
from xunhe_buoy.counters import Counters
from xunhe_buoy.inspection import Inspector
from xunhe_buoy.modes import Modes
from xunhe_buoy.parameters import Parameters
from xunhe_buoy.raw_sender import RawSender
from xunhe_buoy.readings import Readings
from xunhe_buoy.ringlog import RingLog
from xunhe_buoy.sampling import Sampler
from xunhe_buoy.schedule import Schedule
from xunhe_buoy.update.updates import Updates
from xunhe_buoy.uplink import Uplink

SPARE = ("inspector", "uplink")  # what RTC memory may lack, the first goes first


class Parts:
    """The objects of a buoy, by name. `was_asleep`: a deep sleep was before, not a power-up."""

    def __init__(self, board, settings, crash_log, say):
        kept, snapshot = retained.load(board)
        self.was_asleep = bool(kept)
        self.board, self.settings, self.crash_log, self.say = board, settings, crash_log, say
        self.ring = RingLog(board.partition(), snapshot)
        self.boot = kept.get("boot") or next_boot(self.ring.last_boot, board.boot_file)
        self.clock = Clock(board, kept.get("synced_s"))
        self.counters = Counters(kept.get("counters"))
        self.parameters = Parameters(board.path("parameters"), settings, say)
        self._build_probes(kept)
        self._build_uplink(kept)
        self._build_plan(kept)
        self.care = Care(self, kept.get("care") or {})
        self.is_restarting = False

    def _build_probes(self, kept):
        board, settings, say = self.board, self.settings, self.say
        self.probes = drivers.build(board, settings)
        self.calibrations = Calibrations(board.path("calibrations"), say)
        self.sampler = Sampler(board, self.probes, self.calibrations, settings, say)
        self.inspector = Inspector()
        self.inspector.remember(kept.get("inspector"))
        profile = record.profile_for([probe.role for probe in self.probes])
        self.readings = Readings(
            self.ring, self.boot, self.sampler, self.inspector, self.clock, profile
        )

    def _build_uplink(self, kept):
        board, settings, say = self.board, self.settings, self.say
        carrier = carriers.build(board, settings)
        carrier.on_network_time = self._hear_network
        self.uplink = Uplink(board, self.ring, settings, carrier, self.describe, say, self.boot)
        self.uplink.remember(kept.get("uplink"))
        report = self.uplink.report
        self.updates = Updates(start.slots, board, settings, self.boot, report, say)
        self.raw_sender = RawSender(self.ring)
        self.uplink.on_command = self._obey
        self.uplink.on_chunk = self.updates.chunk
        self.uplink.on_acknowledged = self.updates.acknowledged
        self.uplink.on_time = self.hear_time

    def _build_plan(self, kept):
        self.alarm = Alarm(self.settings, kept.get("alarm"))
        self.modes = Modes(self.settings, self.alarm, kept.get("low", False))
        self.sampler.interval_s = self.modes.interval_s
        now_s, _ = self.clock.read()
        interval_s, lead_s = self.modes.interval_s, self.sampler.idle_lead_s
        self.schedule = Schedule(interval_s, lead_s, now_s, kept.get("schedule"))
        self.parameters.changed = self.replan

    def retain(self):
        """Put what the next waking needs into RTC memory."""
        kept = {
            "boot": self.boot,
            "schedule": self.schedule.to_json(),
            "synced_s": self.clock.synced_s,
            "counters": self.counters.to_json(),
            "inspector": self.inspector.memory(),
            "uplink": self.uplink.memory(),
            "alarm": self.alarm.to_json(),
            "low": self.modes.battery_is_low,
            "care": self.care.to_json(),
        }
        retained.save(self.board, kept, self.ring.snapshot(), SPARE)

    @property
    def mode(self):
        return self.modes.mode

    def describe(self):
        """The status."""
        return visiting.call("status", "describe", self)

    def restart(self):
        """Start anew when the technician has been answered."""
        self.is_restarting = True

    def replan(self):
        """The mode or a parameter may have changed."""
        self.sampler.interval_s = self.modes.interval_s
        now_s, _ = self.clock.read()
        self.schedule.change(self.modes.interval_s, self.sampler.idle_lead_s, now_s)

    def hear_time(self, unix_s, waited_s=0.0):
        """Somebody who knows says what time it is."""
        if self.clock.hear(unix_s, waited_s):
            self.say("clock set %d" % unix_s)
            self.schedule.align(self.clock.read()[0])

    def _obey(self, content):
        return visiting.call("orders", "take", self, content)

    def _hear_network(self, unix_s):
        if self.board.now_s() is None:  # the gateway's word is better: this one ends ignorance
            self.hear_time(unix_s)
