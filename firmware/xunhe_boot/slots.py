"""Which copy of the firmware starts: the confirmed one, or a new one on trial.

Rules
    1. "factory" is in the board's image and cannot be lost. Slots "a" and "b" hold what came over
       the air; the one that is not confirmed is spare, an update is written into it and nowhere
       else.
    2. A new version is on trial: every start counts, whatever caused it, and is counted on the
       medium before the slot is entered. After TRIAL_STARTS without a confirmation the confirmed
       slot starts again, for good.
    3. `newest`, the greatest release ever confirmed, only grows. Nothing at or below it is taken.
    4. All of this is one small file, replaced whole. If it cannot be read the factory starts.
"""

import json

from xunhe_boot import files

FACTORY = "factory"
NAMES = ("a", "b")
TRIAL_STARTS = 2

_KEYS = ("confirmed", "trial", "starts", "release", "newest", "failed")
_FIRST = (FACTORY, None, 0, 0, 0, None)


class Slots:
    """The slots under folder `root`, read from there once.

    confirmed   name of the slot to return to
    trial       name of the slot on trial, or None
    starts      how often that one was started
    release     number of the release on trial
    newest      greatest release ever confirmed
    failed      release that was rolled back and not yet told of, or None
    """

    def __init__(self, disk, root):
        self.disk = disk
        self.root = root
        state = _parse(files.read(disk, root + "/state"))
        self.confirmed, self.trial, self.starts, self.release, self.newest, self.failed = state
        self.running = self.confirmed

    def folder(self, name):
        """Where the slot's files are; None for those in the board's image."""
        return None if name == FACTORY else self.root + "/" + name

    @property
    def spare(self):
        return NAMES[0] if self.confirmed != NAMES[0] else NAMES[1]

    @property
    def on_trial(self):
        """The running copy is the one on trial."""
        return self.trial is not None and self.running == self.trial

    def choose(self):
        """Name of the slot to start now; called once a start, before any of it is imported."""
        self.running = self.confirmed
        if self.trial is None:
            return self.running
        if self.starts >= TRIAL_STARTS:
            self._end_trial()
            self._is_saved()  # where it is not, the next start tries again
        else:
            self.starts += 1
            if self._is_saved():  # uncounted starts could repeat without end
                self.running = self.trial
        return self.running

    def switch(self, release):
        """The spare slot is complete: try it from the next start on."""
        self.trial, self.starts, self.release = self.spare, 0, release
        self._save()

    def confirm(self):
        """The running copy has proved itself; does nothing where it is not on trial."""
        if not self.on_trial:
            return
        self.newest = max(self.newest, self.release)
        self.confirmed, self.trial, self.starts = self.trial, None, 0
        self._save()

    def abandon(self):
        """The running copy cannot be imported: never start it again."""
        if self.on_trial:
            self._end_trial()
        else:
            self.confirmed, self.failed = FACTORY, self.newest
        self._save()

    def told(self):
        """The gateway knows of `failed`."""
        self.failed = None
        self._save()

    def _end_trial(self):
        self.failed, self.trial, self.starts = self.release, None, 0

    def _is_saved(self):
        try:
            self._save()
        except OSError:
            return False
        return True

    def _save(self):
        state = (self.confirmed, self.trial, self.starts, self.release, self.newest, self.failed)
        files.make_folder(self.disk, self.root)
        text = json.dumps(dict(zip(_KEYS, state)))  # noqa: B905 (MicroPython's zip has no strict)
        files.replace(self.disk, self.root + "/state", text.encode())


def _parse(data):
    """The state in the order of _KEYS; the first state where there is none that makes sense."""
    try:
        state = json.loads(data or b"")
        found = tuple(state[key] for key in _KEYS)
        confirmed, trial, starts, release, newest, failed = found
        known = (
            (confirmed == FACTORY or confirmed in NAMES)
            and (trial is None or trial in NAMES)
            and trial != confirmed
            and 0 <= starts <= TRIAL_STARTS
            and release >= 0
            and newest >= 0
            and (failed is None or failed >= 0)
        )
    except (ValueError, KeyError, TypeError):
        return _FIRST
    return found if known else _FIRST
