"""How much may be said a day: a SIM card has a price. Pure."""


class DataBudget:
    """`daily_bytes` 0: no limit. `day` and `used_bytes` may be kept over a sleep and set again."""

    def __init__(self, daily_bytes):
        self._daily_bytes = daily_bytes
        self._total = 0  # the carrier's counter when it was last read
        self.day = None  # days since 1970 of the device's clock
        self.used_bytes = 0  # of that day

    def count(self, total, now_s):
        """`total` is what the carrier has used since it was made."""
        self._turn(now_s)
        self.used_bytes += total - self._total
        self._total = total

    def is_spent(self, now_s):
        self._turn(now_s)
        return 0 < self._daily_bytes <= self.used_bytes

    def memory(self):
        """(day, bytes) to outlive a deep sleep."""
        return self.day, self.used_bytes

    def remember(self, kept):
        self.day, self.used_bytes = kept

    def _turn(self, now_s):
        day = int(now_s // 86400)
        if day != self.day:
            self.day = day
            self.used_bytes = 0
