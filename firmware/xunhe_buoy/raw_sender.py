"""Raw values on request: reports of a few records each, as fast as the uplink takes them."""

ROWS = 10  # records in a report: 600 bytes at most
MOST = 2000  # records in a request


class RawSender:
    """One request at a time; a new one takes the place of the old."""

    def __init__(self, ring):
        self._ring = ring
        self._kept = None
        self.left = None  # (first, last) of what is not handed over yet: outlives a deep sleep

    @property
    def busy(self):
        return self._kept is not None

    def begin(self, first, last):
        """(True, None), or (False, reason)."""
        if not 0 <= first <= last < first + MOST:
            return False, "give from and to, at most %d records" % MOST
        self._kept, self.left = self._ring.kept(first, last), (first, last)
        return True, None

    def service(self, sources, uplink):
        """Hand over the next report where there is room for it. `sources`: {channel: source}.

        Rows are (boot, seq, time, raw integers …); a report without rows is the last one.
        """
        if self._kept is None or not uplink.reports.has_room():
            return
        rows = []
        for entry, raw in self._kept:
            rows.append((entry.boot, entry.seq, entry.time_s) + raw)
            if len(rows) == ROWS:
                break
        uplink.report({"type": "raw", "sources": sources, "rows": rows})
        if rows:
            self.left = (rows[-1][1] + 1, self.left[1])
        else:
            self._kept = self.left = None
