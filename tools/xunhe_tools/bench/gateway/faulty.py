"""The process of `faults.py`: the gateway's own intake over a store whose disk fails.

    python -m xunhe_tools.bench.gateway.faulty FOLDER SEED NTH…

Every run is a child of its own, in FOLDER/NTH, and says a line of JSON: the records whose signed
acknowledgement came, the calls that it made, and whether everything was acknowledged at the end.
"""

import ctypes
import errno
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import sqlalchemy as sa

from xunhe.adapters import intake, registry_file, rules_file
from xunhe.adapters.frames import Message
from xunhe.adapters.ingest import Ingest, Reply
from xunhe.adapters.store.address import UnreachableError
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import SystemClock
from xunhe_tools.bench.gateway import river
from xunhe_tools.bench.gateway.fleet import Buoy
from xunhe_tools.bench.gateway.frames import decode_ack
from xunhe_tools.bench.gateway.ledger import Key

_ERRORS = (errno.EIO, errno.ENOSPC)
_IN_A_ROW = (1, 3)  # calls that fail
_FRAMES, _READINGS, _AT_ONCE = 40, 5, 4
_PATIENCE_S = 20.0
_STORE, _REGISTRY = "xunhe.sqlite3", "registry"


@dataclass(frozen=True, slots=True)
class _Sent:
    message: Message


@dataclass(slots=True)
class Gateway:
    """One buoy's frames through the gateway's intake, until all are acknowledged."""

    folder: Path
    buoy: Buoy
    told: list[Key] = field(default_factory=list)
    _ingest: Ingest | None = None

    def run(self) -> bool:
        """Send, and try again after what failed. True when everything was acknowledged."""
        link = intake.Intake(self._answer)
        frames, until_s = list(self._frames()), time.monotonic() + _PATIENCE_S
        while len(self.told) < _FRAMES * _READINGS and time.monotonic() < until_s:
            for message in frames[:_AT_ONCE]:
                link.put(_Sent(message))
            del frames[:_AT_ONCE]
            try:
                self._ingest = self._ingest or self._started()
                link.pump(self._ingest, lambda: None, 0)
            # The supervisor's part: log, and go on.
            except (sa.exc.DBAPIError, UnreachableError) as error:
                logging.getLogger(__name__).error("%s", error)
        return len(self.told) == _FRAMES * _READINGS

    def _started(self) -> Ingest:
        database = Database(self.folder / _STORE)
        database.migrate()
        registry = registry_file.load(self.folder / _REGISTRY)
        return Ingest(database, registry, SystemClock(), rules_file.shipped())

    def _frames(self) -> Iterator[Message]:
        rng, now_s = Random(1), int(time.time()) - _FRAMES * _READINGS  # noqa: S311  weather
        for number in range(_FRAMES):
            for reading in range(_READINGS):
                self.buoy.measure(now_s + number * _READINGS + reading, rng)
            frame = self.buoy.frame(0, rng, _READINGS)
            self.buoy.waiting.clear()
            yield Message(f"xunhe/v1/{self.buoy.station}/readings", frame, len(frame))

    def _answer(self, part: Sequence[_Sent], reply: Reply) -> None:
        for _, frame in reply.acks:
            ack = decode_ack(frame, self.buoy.address, self.buoy.key)
            seqs = () if ack is None else ack.seqs
            self.told += [(self.buoy.device, self.buoy.boot, seq) for seq in seqs]


def _one(home: Path, nth: int, rng: Random) -> None:
    """A run, in this process; it ends with it."""
    library = ctypes.CDLL(None)
    library.xunhe_fail(nth, rng.choice(_ERRORS), rng.choice(_IN_A_ROW))
    gateway = Gateway(home, river.buoys(2)[0])
    is_well = gateway.run()
    found = {"nth": nth, "calls": library.xunhe_calls(), "is_well": is_well, "told": gateway.told}
    print(json.dumps(found), flush=True)


def main(folder: Path, seed: int, calls: Sequence[int]) -> None:
    """All runs, one after another."""
    rng = Random(seed)  # noqa: S311  a schedule
    intake._RETRY_S = 0.01
    logging.disable()
    buoys = river.buoys(2)
    template = folder / "template"
    river.write(template / _REGISTRY, len(buoys))
    river.enrol(template / _STORE, buoys)
    for nth in calls:
        home = folder / str(nth)
        shutil.copytree(template, home)
        child = os.fork()
        if child == 0:
            _one(home, nth, rng)
            os._exit(0)
        rng.random()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), [int(each) for each in sys.argv[3:]])
