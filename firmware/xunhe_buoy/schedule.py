"""When to sample: slots at multiples of the interval on the device's clock. Pure.

The clock may stand, jump or be set for the first time; the schedule only compares what it is told.
"""


class Schedule:
    """`lead_s`: how long before a slot the probes are woken, so that the reading falls on it.

    `kept`: what `to_json` gave before a deep sleep.
    """

    def __init__(self, interval_s, lead_s, now_s, kept=None):
        self._interval_s = interval_s
        self._lead_s = lead_s
        self.slot_s, self.late, self.missed = kept or (0, 0, 0)
        if kept is None:
            self.align(now_s)

    def to_json(self):
        return self.slot_s, self.late, self.missed

    def change(self, interval_s, lead_s, now_s):
        """From now on another interval; nothing is counted."""
        if (interval_s, lead_s) != (self._interval_s, self._lead_s):
            self._interval_s, self._lead_s = interval_s, lead_s
            self.align(now_s)

    def align(self, now_s):
        """Aim at the next slot that can still be met; nothing is counted."""
        self.slot_s = next_multiple(now_s + self._lead_s, self._interval_s)

    def wait_s(self, now_s):
        """Seconds until the probes are to be woken; 0 when that is now or past."""
        wait = self.slot_s - self._lead_s - now_s
        if wait > self._interval_s:  # the clock went back
            self.align(now_s)
            wait = self.slot_s - self._lead_s - now_s
        return max(0, wait)

    def done(self, now_s):
        """The slot's reading is stored: count lateness and slots that went by, aim at the next."""
        if now_s - self.slot_s > self._interval_s / 4:
            self.late += 1
        before = self.slot_s
        self.align(max(now_s, before + 1 - self._lead_s))
        self.missed += max(0, (self.slot_s - before) // self._interval_s - 1)


def next_multiple(now_s, interval_s):
    """The smallest multiple of the interval that is not before `now_s`."""
    return -int(-now_s // interval_s) * interval_s
