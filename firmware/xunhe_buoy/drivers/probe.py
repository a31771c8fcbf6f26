"""What every probe is to the sampler: a role, three times, `start`, `read` and counted failures.

Roles, one of each at a station (channels.py makes the record of them):
    oxygen, ph, ammonium, temperature, outfall
"""

import math

R_RUBBISH = "rubbish"  # an answer that no probe in water can mean

# Outside these a value is a broken register, not water: wider than any gross range of quality.py.
PLAUSIBLE = {
    "temp_c": (-20.0, 80.0),
    "do_fraction": (-0.1, 5.0),
    "do_mg_l": (-10.0, 60.0),  # older probes answer 0 or below where they give none
    "ph": (-1.0, 15.0),
    "ph_mv": (-2000.0, 2000.0),
    "nh4_n_mg_l": (-1.0, 1000.0),
    "nh4_mv": (-2000.0, 2000.0),
    "potassium_mg_l": (-1.0, 1000.0),
    "level_m": (-10.0, 100.0),
    "velocity_m_s": (-20.0, 20.0),
    "flow_l_s": (-1e6, 1e6),
}

# No probe resolves this little: what is nearer to zero, but not zero, are random bits.
FINEST = 1e-6


def plausible(quantity, value):
    """The value, or None where no water can show it."""
    low, high = PLAUSIBLE[quantity]
    if math.isnan(value) or 0 < abs(value) < FINEST or not low <= value <= high:
        return None
    return value


class Times:
    """How long a probe needs, in milliseconds; each driver names its source."""

    def __init__(self, warm_up_ms, stabilise_ms, measure_ms):
        self.warm_up_ms = warm_up_ms  # power on → answers
        self.stabilise_ms = stabilise_ms  # start → trustworthy, a wiper's stroke included
        self.measure_ms = measure_ms  # between two new values


class Probe:
    """The part that all drivers share; a driver adds `read`."""

    never_rests = False  # a float whose last digits always move: repeated, the probe is stuck
    compensates = False  # wants `compensate(temp_c)` before `read`

    def __init__(self, entry, role, times):
        self.name = entry["name"]
        self.role = role
        self.warm_up_ms = times.warm_up_ms
        self.stabilise_ms = times.stabilise_ms
        self.measure_ms = times.measure_ms
        self.constants = entry.get("constants", {})  # quantities told by the configuration
        self.errors = {}

    def start(self):
        """Begin measuring; a reason on failure, else None."""

    def judged(self, values):
        """(values, "rubbish" counted where one of them is missing, or None)."""
        return values, self.count(R_RUBBISH) if None in values.values() else None

    def count(self, reason):
        """Remember a failure by its reason, and return it."""
        self.errors[reason] = self.errors.get(reason, 0) + 1
        return reason
