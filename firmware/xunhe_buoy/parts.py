"""What a buoy is made of: builds the objects of one waking, and gathers them for the next."""

from xunhe_boot import start
from xunhe_buoy import record, visiting
from xunhe_buoy.alarm import Alarm
from xunhe_buoy.care import Care
from xunhe_buoy.clock import Clock
from xunhe_buoy.counters import Counters
from xunhe_buoy.instruments import Instruments
from xunhe_buoy.modes import Modes
from xunhe_buoy.readings import Readings
from xunhe_buoy.ringlog import RingLog
from xunhe_buoy.schedule import Schedule

SPARE = ("inspection", "uplink")  # what RTC memory may lack, the first goes first


class Parts:
    """The objects of a buoy, by name. `was_asleep`: a deep sleep was before, not a power-up."""

    def __init__(self, board, settings, crash_log, say):
        kept, snapshot = visiting.call("retained", "load", board)
        self.was_asleep = bool(kept)
        self.board, self.settings, self.crash_log, self.say = board, settings, crash_log, say
        self.ring = RingLog(board.partition(), snapshot)
        self.boot = kept.get("boot") or visiting.call(
            "bootcount", "next_boot", self.ring.last_boot, board.boot_file
        )
        self.clock = Clock(board, kept.get("synced_s"))
        self.counters = Counters(kept.get("counters"))
        visiting.call("parameters", "apply", board.path("parameters"), settings, say)
        self._build_probes(kept)
        self._uplink, self._slept_uplink = None, kept.get("uplink")
        self._updates = self._raw_sender = None
        self._build_plan(kept)
        self.care = Care(self, kept.get("care") or {})
        self.is_restarting = False
        if _is_updating(start.slots):
            self._make_updates()
        if kept.get("raw"):
            self.raw_sender.begin(*kept["raw"])

    def _build_probes(self, kept):
        board, settings, say = self.board, self.settings, self.say
        self.instruments = Instruments(board, settings, say, kept.get("inspection"))
        profile = record.profile_for(self.instruments.roles)
        self.readings = Readings(self.ring, self.boot, self.instruments, self.clock, profile)

    def make_uplink(self):
        """If it is not there yet."""
        if self._uplink is None:
            self._uplink = self._new_uplink()

    def _new_uplink(self):
        """Not in a visit: what comes in one leaves with it."""
        from xunhe_buoy import carriers
        from xunhe_buoy.uplink import Uplink

        board, settings, say = self.board, self.settings, self.say
        carrier = carriers.build(board, settings)
        carrier.on_network_time = self._hear_network
        uplink = Uplink(board, self.ring, settings, carrier, self.describe, say, self.boot)
        uplink.remember(self._slept_uplink)
        uplink.on_command = self._obey
        uplink.on_chunk = self._take_chunk
        uplink.on_acknowledged = self._hear_acknowledged
        uplink.on_time = self.hear_time
        return uplink

    def _build_plan(self, kept):
        self.alarm = Alarm(self.settings, kept.get("alarm"))
        self.modes = Modes(self.settings, self.alarm, kept.get("low", False))
        self.instruments.interval_s = self.modes.interval_s
        now_s, _ = self.clock.read()
        interval_s, lead_s = self.modes.interval_s, self.instruments.idle_lead_s
        self.schedule = Schedule(interval_s, lead_s, now_s, kept.get("schedule"))

    def _drop_uplink(self):
        if self._uplink is not None:
            self._slept_uplink, self._uplink = self._uplink.memory(), None
            visiting.dismiss("uplink", "carriers", "links")

    def retain(self):
        """Put what the next waking needs into RTC memory; the uplink is closed."""
        self._drop_uplink()
        kept = {
            "boot": self.boot,
            "schedule": self.schedule.to_json(),
            "synced_s": self.clock.synced_s,
            "counters": self.counters.to_json(),
            "inspection": self.instruments.memory,
            "uplink": self._slept_uplink,
            "raw": None if self._raw_sender is None else self._raw_sender.left,
            "alarm": self.alarm.to_json(),
            "low": self.modes.battery_is_low,
            "care": self.care.to_json(),
        }
        visiting.call("retained", "save", self.board, kept, self.ring.snapshot(), SPARE)

    @property
    def probes(self):
        """{probe: {reason: how often it failed}}."""
        return self.instruments.errors

    @property
    def updates(self):
        """Made where one is under way, or when somebody asks."""
        if self._updates is None:
            self._make_updates()
        return self._updates

    @property
    def raw_sender(self):
        """Made when somebody asks; leaves when it has nothing more to send."""
        if self._raw_sender is None:
            from xunhe_buoy.raw_sender import RawSender

            self._raw_sender = RawSender(self.ring)
        return self._raw_sender

    @property
    def on_trial(self):
        return self._updates is not None and self._updates.on_trial

    @property
    def restart_due(self):
        return self._updates is not None and self._updates.restart_due

    @property
    def busy(self):
        """Something is under way that is worth staying awake for while there is a link."""
        is_updating = self._updates is not None and self._updates.busy
        return is_updating or (self._raw_sender is not None and self._raw_sender.busy)

    def step(self):
        """One small step of what is under way."""
        if self._updates is not None:
            self._updates.service()
        if self._raw_sender is not None:
            self._raw_sender.service(self.readings.sources, self.uplink)
            if not self._raw_sender.busy:
                self._raw_sender = None

    @property
    def parameters(self):
        """As calibrations."""
        from xunhe_buoy.parameters import Parameters

        return Parameters(self.board.path("parameters"), self.settings, self.say, self.replan)

    @property
    def calibrations(self):
        """Read from their file for whoever asks, and kept by nobody."""
        from xunhe_buoy.calibration import Calibrations

        return Calibrations(self.board.path("calibrations"), self.say)

    @property
    def is_fresh(self):
        """Nothing was measured yet and nothing was to be told."""
        return self._uplink is None and self.readings.latest is None

    @property
    def uplink(self):
        """Made when somebody asks first: a measurement before that has the heap to itself."""
        self.make_uplink()
        return self._uplink

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
        self.instruments.interval_s = self.modes.interval_s
        now_s, _ = self.clock.read()
        self.schedule.change(self.modes.interval_s, self.instruments.idle_lead_s, now_s)

    def hear_time(self, unix_s, waited_s=0.0):
        """Somebody who knows says what time it is."""
        if self.clock.hear(unix_s, waited_s):
            self.say("clock set %d" % unix_s)
            self.schedule.align(self.clock.read()[0])

    def _report(self, content):
        return self.uplink.report(content)

    def _make_updates(self):
        from xunhe_buoy.update.updates import Updates

        board, settings, report, say = self.board, self.settings, self._report, self.say
        self._updates = Updates(start.slots, board, settings, self.boot, report, say)

    def _take_chunk(self, release, offset, data):
        if self._updates is not None:
            self._updates.chunk(release, offset, data)

    def _hear_acknowledged(self, boot):
        if self._updates is not None:
            self._updates.acknowledged(boot)

    def _obey(self, content):
        return visiting.call("orders", "take", self, content)

    def _hear_network(self, unix_s):
        if self.board.now_s() is None:  # the gateway's word is better: this one ends ignorance
            self.hear_time(unix_s)


def _is_updating(slots):
    """An update is on trial, was rolled back, or came in part."""
    if slots is None:
        return False
    is_judged = slots.trial is not None or slots.failed is not None
    return is_judged or slots.disk.size(slots.root + "/incoming") is not None
