"""The watchdog of the virtual board."""

import os
import time


class Watchdog:
    """A process beside this one, which kills it when it has not been fed for so long."""

    def __init__(self, path, timeout_ms):
        self._fed = path + ".fed"
        self.feed()
        with open("/proc/self/stat") as file:  # MicroPython has no getpid
            pid = int(file.read(32).split()[0])
        os.system(_GUARD % (pid, self._fed, timeout_ms, path))  # noqa: S605 (our own words)

    def feed(self):
        with open(self._fed, "w") as file:
            file.write("%d" % (time.time() * 1000))


_GUARD = """\
( pid=%d
  while sleep 0.1; do
    kill -0 $pid || exit
    fed=$(cat '%s'); [ -n "$fed" ] || continue
    [ $(($(date +%%s%%3N) - fed)) -gt %d ] && touch '%s.bitten' && kill -9 $pid && exit
  done ) </dev/null >/dev/null 2>&1 &
"""
