"""A reading: probes → channels → flags → a record on flash, with the raw values behind it."""

from xunhe_buoy import flash_entry, record


class Reading:
    """What one measurement gave; `entry` is None where the flash did not take it."""

    def __init__(self, entry, measurement, flags):
        self.entry = entry
        self.measurement = measurement
        self.flags = flags


class Readings:
    """Takes one after another; `profile` says which channels a record has."""

    def __init__(self, ring, boot, instruments, clock, profile):
        self._ring = ring
        self._boot = boot
        self._instruments = instruments
        self._clock = clock
        self._profile = profile
        self.latest = None  # the last Reading since the start

    @property
    def sources(self):
        """{channel: raw quantity it comes from} of the last reading; empty before the first."""
        return {} if self.latest is None else self.latest.measurement.sources

    def take(self, uptime_s):
        """Measure and store. OSError where the flash is worn: the Reading is then in `latest`."""
        measurement = self._instruments.measure()
        flags = self._instruments.flags(measurement, uptime_s)
        self.latest = Reading(None, measurement, flags)
        entry = self._entry(measurement, flags)
        self._ring.append(entry, self._raw(measurement))
        self.latest.entry = entry
        return self.latest

    def _entry(self, measurement, flags):
        time_s, quality = self._clock.read()
        scaled, marks = [], []
        for name, divisor in self._profile.channels:
            number = record.scale(measurement.values.get(name), divisor)
            scaled.append(number)
            marks.append(record.MISSING if number is None else flags[name])
        seq = self._ring.next_seq
        return record.Record(
            self._boot, seq, int(time_s), tuple(scaled), tuple(marks), self._profile.number, quality
        )

    def _raw(self, measurement):
        """One raw integer a channel; the battery has no other value than its channel's."""
        found = []
        for name, _ in self._profile.channels:
            source = measurement.sources.get(name)
            raw = None if source is None else measurement.raw.get(source)
            found.append(None if raw is None else flash_entry.scale_raw(source, raw))
        return found
