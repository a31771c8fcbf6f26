"""The crash log: what went wrong before the board started anew, and how often in a row.

A small file, whole or old over any power cut. A watchdog's bite leaves no words of its own; the
next start writes them.
"""

import json

from xunhe_boot import disk, files

KEPT = 10  # entries; the oldest go
LONGEST = 300  # bytes of an entry: the last lines of a traceback
SAFE_AFTER = 4  # crashes in a row


class CrashLog:
    """A file that makes no sense is told and treated as absent."""

    def __init__(self, path, say):
        self._path = path
        self._entries = []
        self.streak = 0  # crashes since the firmware last ran well
        try:
            self._load(files.read(disk, path))
        except (ValueError, KeyError, TypeError) as error:
            say("crash log ignored: %s" % error)

    @property
    def asks_for_safety(self):
        """The firmware crashed again and again: run what is needed to mend it, nothing else."""
        return self.streak >= SAFE_AFTER

    def add(self, text):
        """Keep what happened; OSError where the medium fails."""
        self._write((self._entries + [text[-LONGEST:]])[-KEPT:], self.streak + 1)

    def well(self):
        """The firmware runs well: the crashes before were not in a row."""
        if self.streak:
            self._write(self._entries, 0)

    def forgive(self):
        """Let the firmware run once more; a single crash leads back to safe mode."""
        self._write(self._entries, SAFE_AFTER - 1)

    def entries(self):
        """Lines of text, the newest last."""
        return list(self._entries)

    def _load(self, data):
        if data is not None:
            kept = json.loads(str(data, "utf-8"))
            self._entries = [str(entry)[-LONGEST:] for entry in kept["entries"]]
            self.streak = int(kept["streak"])

    def _write(self, entries, streak):
        data = json.dumps({"entries": entries, "streak": streak}).encode()
        files.replace(disk, self._path, data)
        self._entries, self.streak = entries, streak
