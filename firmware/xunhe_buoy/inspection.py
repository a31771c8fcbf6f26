"""What concerns a whole measurement: stuck probes, probes out of the water, a low supply.

Flags only, no value is changed. Each threshold is to be confirmed on the bench and tuned for the
site: the reference manuals (QARTOD) leave these three to the operator.
"""

import binascii
import json

from xunhe_buoy.quality import RIVER_LIMITS, Qualifier, shortly, worst
from xunhe_buoy.record import FAIL, MISSING, SUSPECT, UNKNOWN

STUCK_AFTER = 6  # equal readings, to the last bit of every quantity
LOW_SUPPLY_V = 2.95  # one LiFePO4 cell: below, the 12 V converter sags when a wiper starts

# Witnesses of air. Each alone happens in water too: two of them do not.
AIR_FRACTION = (0.95, 1.05)  # of oxygen saturation
AIR_SPREAD_C = 1.5  # between the probes' thermometers: in water they agree to 0.5
AIR_RATE_C_S = 0.005  # 3 °C in ten minutes: air and sun, not water
_WITNESSES = 2


def flags(kept, measurement, time_s):
    """(flags, memory) of one measurement; `kept`: the memory of the one before, or None.

    The memory is JSON text: until the next measurement it takes a fifth of the room of its objects.
    """
    inspector = Inspector()
    inspector.remember(json.loads(kept) if kept else None)
    found = inspector.flags(measurement, time_s)
    return found, json.dumps(inspector.memory(), separators=(",", ":"))


class Inspector:
    """Flags for every channel of a measurement; remembers what its tests need."""

    def __init__(self, limits=RIVER_LIMITS, low_supply_v=LOW_SUPPLY_V):
        self._limits = limits
        self._qualifiers = {}  # only for channels that are measured: a heap is small
        self._low_supply_v = low_supply_v
        self._stuck = Stuck()
        self._air = Air()

    def flags(self, measurement, time_s):
        """{channel: QARTOD flag}; `time_s` seconds on any clock that does not jump."""
        stuck = self._stuck.names(measurement)
        doubted = self._air.surrounds(measurement, time_s) or self._is_low(measurement)
        return {
            channel: self._flag(measurement, channel, time_s, stuck, doubted)
            for channel in measurement.values
        }

    def memory(self):
        """What must outlive a deep sleep, as short JSON values."""
        qualifiers = {channel: one.memory() for channel, one in self._qualifiers.items()}
        return qualifiers, self._stuck.seen, shortly(self._air.before)

    def remember(self, kept):
        """Go on from what `memory` gave; None after anything but a deep sleep."""
        if kept:
            for channel, one in kept[0].items():
                self._qualifier(channel).remember(one)
            self._stuck.seen, self._air.before = kept[1:]

    def _flag(self, measurement, channel, time_s, stuck, doubted):
        flags = [self._tested(measurement.values[channel], channel, time_s)]
        source = measurement.sources.get(channel)  # None: not a probe's, the battery
        if flags[0] == MISSING or source is None:
            return flags[0]
        if source.rpartition(".")[0] in stuck:
            flags.append(FAIL)
        if doubted:
            flags.append(SUSPECT)
        return worst(flags)

    def _tested(self, value, channel, time_s):
        if channel in self._limits:
            return self._qualifier(channel).flag(value, time_s)
        return MISSING if value is None else UNKNOWN

    def _qualifier(self, channel):
        if channel not in self._qualifiers:
            self._qualifiers[channel] = Qualifier(self._limits[channel])
        return self._qualifiers[channel]

    def _is_low(self, measurement):
        battery_v = measurement.values.get("battery_v")
        return battery_v is not None and battery_v < self._low_supply_v


class Stuck:
    """Probes that repeat themselves: the last digits of a float that measures never rest.

    All quantities of the probe must repeat: oxygen may be clipped at 0, its thermometer goes on.
    """

    def __init__(self):
        self.seen = {}  # probe → [digest of its values, how often in succession]

    def names(self, measurement):
        """The probes that are stuck."""
        return [name for name in measurement.restless if self._repeats(name, measurement.raw)]

    def _repeats(self, name, raw):
        values = [raw[key] for key in sorted(raw) if key.rpartition(".")[0] == name]
        digest = binascii.crc32(repr(values).encode())
        seen = self.seen.get(name)
        if seen is None or seen[0] != digest or not values or None in values:
            self.seen[name] = [digest, 1]
            return False
        seen[1] += 1
        return seen[1] >= STUCK_AFTER


class Air:
    """Whether the probes hang in air: at least two witnesses say so."""

    def __init__(self):
        self.before = None  # (°C, time) of the last measurement

    def surrounds(self, measurement, time_s):
        """True where two of three agree: oxygen like air's, thermometers apart, a running one."""
        fractions = _quantities(measurement.raw, "do_fraction")
        temps_c = _quantities(measurement.raw, "temp_c")
        witnesses = (
            any(AIR_FRACTION[0] <= x <= AIR_FRACTION[1] for x in fractions),
            len(temps_c) > 1 and max(temps_c) - min(temps_c) > AIR_SPREAD_C,
            self._runs(measurement.values.get("water_temp_c"), time_s),
        )
        return sum(witnesses) >= _WITNESSES

    def _runs(self, temp_c, time_s):
        if temp_c is None:
            return False
        before, self.before = self.before, (temp_c, time_s)
        if before is None or time_s <= before[1]:
            return False
        return abs(temp_c - before[0]) > AIR_RATE_C_S * (time_s - before[1])


def _quantities(raw, quantity):
    return [
        value
        for key, value in raw.items()
        if value is not None and key.rpartition(".")[2] == quantity
    ]
