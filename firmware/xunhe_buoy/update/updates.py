"""What the firmware knows of updates all the time: is it on trial, was one rolled back.

The rest (offers.py, installer.py …) is imported when a manifest comes or a pull is unfinished.
"""

TRIAL_S = 7200  # awake: twice the longest interval; without an acknowledged reading a start is lost


class Updates:
    """`slots` is xunhe_boot.start.slots, None where nothing can be updated; `boot` is this one's
    number; `report` takes a dict for the gateway."""

    def __init__(self, slots, board, settings, boot, report, say):
        self._slots = slots
        self._board = board
        self._settings = settings
        self._boot = boot
        self._report = report
        self._say = say
        self._installer = None
        self._staged = False
        self._started_s = board.uptime_s()
        if slots is not None:
            self._look_back()

    @property
    def on_trial(self):
        """No deep sleep, and readings go out at once, until one is acknowledged."""
        return self._slots is not None and self._slots.on_trial

    @property
    def busy(self):
        """A pull or its unpacking is under way: better not sleep."""
        return self._installer is not None and self._installer.busy

    @property
    def restart_due(self):
        """The board should restart as soon as nothing is in flight."""
        awake_s = self._board.uptime_s() - self._started_s
        return self._staged or (self.on_trial and awake_s > TRIAL_S)

    def acknowledged(self, boot):
        """A reading of that boot was acknowledged: the first of this one confirms a trial."""
        if self._slots is None:
            return
        try:
            if self.on_trial and boot == self._boot:
                self._slots.confirm()
                self._say("update confirmed release=%d" % self._slots.newest)
                self._report(event("confirmed", self._slots.newest))
            if self._slots.failed is not None:
                self._slots.told()  # what was reported at the start has arrived before
        except OSError as error:
            self._say("flash %s" % error)  # the next start is on trial still

    def command(self, content):
        """(True, None) or (False, reason) for {"update": manifest} or {"rotate": change}."""
        from xunhe_buoy.update.offers import Offers

        offers = Offers(self._slots, self._board.NAME, self._settings.update_keys, self._say)
        is_free = not (self.on_trial or self._staged)
        return offers.take(content, self._accept if is_free else None)

    def chunk(self, release, offset, data):
        if self._installer is not None:
            self._installer.chunk(release, offset, data)

    def service(self):
        """One small step of what is under way."""
        if self._installer is not None and self._installer.service():
            self._staged = True

    def describe(self):
        """JSON values for the console: which slot runs, and what an update wants next."""
        if self._slots is None:
            return {"slot": None}
        return {
            "slot": self._slots.running,
            "on_trial": self.on_trial,
            "newest": self._slots.newest,
            "wants": self._installer.wants if self._installer is not None else None,
            "staged": self._staged,
        }

    def _look_back(self):
        if self._slots.failed is not None:
            self._report(event("rolled back", self._slots.failed))
        try:
            if self._slots.disk.size(self._slots.root + "/incoming") is not None:
                self._load()
        except OSError as error:
            self._say("flash %s" % error)  # the unfinished update waits, the rest goes on

    def _accept(self, content, manifest):
        self._load().accept(content, manifest)

    def _load(self):
        if self._installer is None:
            from xunhe_buoy.update.installer import Installer

            self._installer = Installer(self._slots, self._board, self._report, self._say)
        return self._installer


def event(state, release, reason=None):
    """The report of what became of a release."""
    found = {"type": "event", "event": "update", "state": state, "release": release}
    if reason is not None:
        found["reason"] = reason
    return found
