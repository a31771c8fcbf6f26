"""The buoy's program: builds the objects and runs the loop. `import board` says which board."""

import gc

import board

from xunhe_buoy import clock, record, status
from xunhe_buoy.bootcount import next_boot
from xunhe_buoy.config import Settings
from xunhe_buoy.console import say
from xunhe_buoy.drivers.yosemitech import Probe
from xunhe_buoy.modbus_master import Master
from xunhe_buoy.quality import RIVER_LIMITS, Qualifier
from xunhe_buoy.ringlog import RingLog
from xunhe_buoy.sampling import Sampler
from xunhe_buoy.schedule import Schedule
from xunhe_buoy.uplink import Uplink

BAUD = 9600  # the Yosemitech default
SERVICE_MS = 200  # longest wait on the network before the clock is looked at again


class Buoy:
    """One boot of one buoy. Power may go at any instant; there is nothing to clean up."""

    def __init__(self, settings):
        self._ring = RingLog(board.partition())
        self._boot = next_boot(self._ring.last_boot, board.boot_file)
        master = Master(board.uart(BAUD), board, BAUD)
        self._probes = [Probe(master, model, address) for model, address in settings.probes]
        self._sampler = Sampler(board, self._probes, settings, say)
        self._channels = [
            (name, divisor, Qualifier(RIVER_LIMITS[name]))
            for name, divisor in record.RIVER.channels
        ]
        self._settings = settings
        self._uplink = Uplink(board, self._ring, settings, self._describe, say)
        say("boot n=%d next_seq=%d" % (self._boot, self._ring.next_seq))

    def run(self):
        lead_s = self._sampler.lead_s if self._sampler.powers_down else 0
        if not self._sampler.powers_down:
            self._sampler.power_up()
        now_s, trusted = clock.read(board)
        self._schedule = Schedule(self._settings.sample_interval_s, lead_s, now_s)
        while True:
            now_s, quality = clock.read(board)
            if quality != trusted:  # the clock was set: another axis, nothing was missed
                self._schedule.align(now_s)
                trusted = quality
            wait_s = self._schedule.wait_s(now_s)
            if wait_s > 0:
                self._uplink.service(min(SERVICE_MS, board.ms_of(wait_s)), now_s)
            else:
                self._sample()

    def _sample(self):
        values = self._sampler.measure()
        time_s, quality = clock.read(board)
        entry = self._entry(values, int(time_s), quality)
        try:
            self._ring.append(entry)
            say("sampled boot=%d seq=%d time=%d" % (entry.boot, entry.seq, entry.time_s))
        except OSError as error:
            say("flash %s" % error)  # go on: the next sector may be better
        self._schedule.done(time_s)
        gc.collect()

    def _entry(self, values, time_s, quality):
        scaled, flags = [], []
        for name, divisor, qualifier in self._channels:
            number = record.scale(values[name], divisor)
            scaled.append(number)
            flags.append(qualifier.flag(None if number is None else values[name]))
        return record.Record(
            self._boot,
            self._ring.next_seq,
            time_s,
            tuple(scaled),
            tuple(flags),
            record.RIVER.number,
            quality,
        )

    def _describe(self):
        return status.describe(
            board,
            self._settings,
            self._boot,
            self._ring,
            self._uplink,
            self._probes,
            self._schedule,
        )


def run():
    Buoy(Settings(board.config())).run()
