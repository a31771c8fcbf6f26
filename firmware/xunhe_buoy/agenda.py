"""What goes next: the live reading first, then the backlog in order. Pure.

Rules
    1. Where everything that waits fits into one batch, it goes as one. Otherwise the reading that
       was stored last goes alone, ahead of the backlog, as often as there is a new one.
    2. A batch is due when it is full, when its oldest record has waited for as long as filling it
       takes, or when that record's clock makes no sense beside ours.
    3. An urgent reading waits for no batch.
    4. Beyond the daily budget the newest reading goes once an hour and an urgent one at once; the
       backlog waits for the next day.
"""

ECONOMY_S = 3600  # beyond the budget: between two readings


class Agenda:
    """Of the records in `ring`. Seconds are the device's clock's."""

    def __init__(self, ring, settings, budget):
        self._ring = ring
        self._settings = settings
        self._budget = budget
        self._urgent_seq = None
        self._sent_s = None
        self._oldest = (None, 0)  # (next_seq, pending) → time of the oldest record

    def urgent(self):
        """The newest record that waits is urgent; where none waits, the next one."""
        newest = self._ring.newest()
        self._urgent_seq = self._ring.next_seq if newest is None else newest.seq

    def is_due(self, now_s):
        pending = self._ring.pending_count
        if pending == 0 or self._urgent_seq is not None:
            return pending > 0
        if self._budget.is_spent(now_s):
            return self._sent_s is None or not 0 <= now_s - self._sent_s < ECONOMY_S
        if pending >= self._settings.batch:
            return True
        age_s = now_s - self._oldest_s()
        return not 0 <= age_s < self._settings.batch * self._settings.sample_interval_s

    def next_batch(self, now_s, limit):
        """Up to `limit` records to send now; empty where nothing is due."""
        if not self.is_due(now_s):
            return []
        newest = self._ring.newest()
        is_live = newest.seq == self._ring.next_seq - 1
        if self._budget.is_spent(now_s) or (is_live and self._ring.pending_count > limit):
            return [newest]
        return self._ring.pending(limit)

    def sent(self, now_s):
        self._sent_s = now_s

    def freed(self, ack):
        """The records of this acknowledgement wait no longer."""
        if self._urgent_seq is not None and 0 <= self._urgent_seq - ack.seq < ack.count:
            self._urgent_seq = None

    def _oldest_s(self):
        state = (self._ring.next_seq, self._ring.pending_count)
        if self._oldest[0] != state:
            self._oldest = (state, self._ring.pending(1)[0].time_s)
        return self._oldest[1]
