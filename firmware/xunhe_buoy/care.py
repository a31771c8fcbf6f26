"""Care of the buoy itself between two readings: lid, anchor, hourly diagnostics."""

from xunhe_buoy import visiting

GNSS_MS = 60000  # a receiver that was off for an hour needs half a minute under open sky


class Care:
    """`parts` is the Buoy. `kept`: what `to_json` gave before a deep sleep."""

    def __init__(self, parts, kept):
        self._parts = parts
        self._lid_is_open = kept.get("lid", False)
        self._anchor = kept.get("anchor")
        self._diagnosed_s = kept.get("diagnosed_s")  # uptime
        self._fixed_s = kept.get("fixed_s")  # uptime

    def to_json(self):
        return {
            "lid": self._lid_is_open,
            "anchor": self._anchor,
            "diagnosed_s": self._diagnosed_s,
            "fixed_s": self._fixed_s,
        }

    def service(self):
        """Look at what is due."""
        self._look_at_lid()
        uptime_s = self._parts.board.uptime_s()
        settings = self._parts.settings
        if settings.has_gnss and _is_due(self._fixed_s, settings.gnss_interval_s, uptime_s):
            self._fixed_s = int(uptime_s)
            self._look_at_position()
        if _is_due(self._diagnosed_s, settings.diagnostic_interval_s, uptime_s):
            self._diagnosed_s = int(uptime_s)
            self._tell_diagnostics()

    def _tell_diagnostics(self):
        now_s, _ = self._parts.clock.read()
        latest = self._parts.readings.latest
        for content in visiting.call("diagnostics", "reports", self._parts, latest, now_s):
            self._report(content)

    def tell(self, event, **fields):
        """An event of the buoy's: the uplink keeps it until the gateway has it."""
        self._parts.say("event %s" % event)
        self._report(dict(type="event", event=event, **fields))

    def _report(self, content):
        """What finds no room any more, or is too long, is lost and counted."""
        try:
            is_taken = self._parts.uplink.report(content)
        except ValueError:
            is_taken = False
        if not is_taken:
            self._parts.counters.add("reports_lost")

    def _look_at_lid(self):
        is_open = self._parts.board.lid_open()
        if is_open != self._lid_is_open:
            self._lid_is_open = is_open
            self.tell("lid_open" if is_open else "lid_shut")

    def _look_at_position(self):
        """Where the buoy is, if the receiver finds out, and whether it lies at its anchor."""
        board, settings = self._parts.board, self._parts.settings
        fix = visiting.call("drivers.gnss", "look", board, GNSS_MS)
        if fix is None:
            return
        lat, lon, time_s = fix
        if time_s is not None:
            self._parts.hear_time(time_s)
        changed, away_m, self._anchor = visiting.call(
            "anchor", "follow", settings, self._anchor, lat, lon
        )
        if changed is not None:
            self.tell(changed, away_m=round(away_m), lat=round(lat, 6), lon=round(lon, 6))


def _is_due(last_s, interval_s, uptime_s):
    return last_s is None or uptime_s - last_s >= interval_s
