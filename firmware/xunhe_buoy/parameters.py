"""Parameters that were set from outside, kept over any reset; which there are: parameter_table.py.

The configuration gives each its first value. What was set later lies in one small file with the
counter of the last command, so that a command is done once and whole or not at all.
"""

import json

from xunhe_boot import disk, files
from xunhe_buoy import visiting


def apply(path, settings, say):
    """Put what was set before on the settings."""
    Parameters(path, settings, say)


class Parameters:
    """Keeps what was set over resets, and puts it on the settings that everybody reads.

    A file that makes no sense is told and treated as absent. `changed` is called after each change.
    """

    def __init__(self, path, settings, say, changed=lambda: None):
        self._path = path
        self._settings = settings
        self._set = {}
        self.counter = 0  # of the last command that was taken
        self._changed = changed
        try:
            self._load(files.read(disk, path))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            say("parameter file ignored: %s" % error)

    def values(self):
        """{name: value} of every parameter as it holds now."""
        return visiting.call("parameter_table", "values", self._settings)

    def set(self, changes):
        """Check and keep all of the changes, or none: ConfigError, or OSError of the medium."""
        self._keep(self.counter, changes)

    def take(self, counter, changes=None):
        """False for a command that was taken before. What is True is remembered over any reset."""
        if counter <= self.counter:
            return False
        self._keep(counter, changes or {})
        return True

    def _keep(self, counter, changes):
        changes = visiting.call("parameter_table", "changed", self._settings, changes)
        kept = dict(self._set)
        kept.update(changes)
        data = json.dumps({"counter": counter, "set": kept}).encode()
        files.replace(disk, self._path, data)
        self.counter, self._set = counter, kept
        self._put(changes)
        self._changed()

    def _load(self, data):
        if data is None:
            return
        kept = json.loads(str(data, "utf-8"))
        self.counter = int(kept["counter"])
        self._set = visiting.call("parameter_table", "changed", self._settings, kept["set"], True)
        self._put(self._set)

    def _put(self, changes):
        for name, value in changes.items():
            setattr(self._settings, name, value)
