"""Power cuts: the gateway's disk as it may be found after a crash at any instant.

One life of the real gateway under load is recorded: every change of its files, every sync, every
byte that it sent to the broker. A crash state is made for a random instant, and what had been
acknowledged by then must be in it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from xunhe_tools.bench.gateway import river
from xunhe_tools.bench.gateway.fleet import Buoy, Fleet
from xunhe_tools.bench.gateway.frames import decode_ack
from xunhe_tools.bench.gateway.ledger import Key
from xunhe_tools.bench.gateway.mqtt_wire import publishes
from xunhe_tools.bench.gateway.site import RUN, Site, built
from xunhe_tools.crash_states.disk import Disk
from xunhe_tools.crash_states.library import recording
from xunhe_tools.crash_states.record import Kind, Step, read

_STATIONS = 100
_MESSAGES_PER_S = 400.0
_LOAD_S = 8.0
_CONNECT = b"\x10"  # the first byte of a client's stream to its broker


@dataclass(frozen=True, slots=True)
class Crashed:
    """Of so many crash states, how many had lost something; `torn` could not be read at all."""

    states: int
    losses: int
    torn: int
    acknowledged: int
    syncs: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """One life of a gateway: the store as it was before, its log, the buoys."""

    store: Path
    before: bytes
    log: Path
    buoys: Mapping[str, Buoy]


def record_life(folder: Path, seed: int, command: tuple[str, ...] = RUN) -> Recorded:
    """Run a gateway under load with the recorder, and end it by SIGKILL."""
    buoys = river.buoys(_STATIONS)
    log = folder / "calls.log"
    home = folder / "site"
    home.mkdir()
    with built(home, buoys) as site:
        site.command = command
        site.environment = recording(site.folder, log)
        before = site.store.read_bytes()
        _live(site, buoys, seed)
        return Recorded(site.store, before, log, {buoy.station: buoy for buoy in buoys})


def _live(site: Site, buoys: list[Buoy], seed: int) -> None:
    fleet = Fleet(buoys, site.broker_port, seed)
    site.start()
    site.wait_connected()
    fleet.run(_LOAD_S, _MESSAGES_PER_S)
    site.kill()
    fleet.close()


def crash(
    life: Recorded, states: int, seed: int, scratch: Path, say: Callable[[str], None]
) -> Crashed:
    """Make that many crash states at random instants of a life, and look at each."""
    rng = Random(seed)  # noqa: S311  a schedule
    steps = list(read(life.log))
    first = next((i for i, step in enumerate(steps) if step.kind is Kind.SENT), 0)
    instants = sorted(rng.randrange(first, len(steps) + 1) for _ in range(states))
    disk, told = Disk({str(life.store): life.before}), _Told(life.buoys)
    losses = torn = at = 0
    for number, instant in enumerate(instants, 1):
        for step in steps[at:instant]:
            disk.take(step)
            told.take(step)
        at = max(at, instant)
        found = _found(dict(disk.after_crash(rng)), life.store, scratch)
        torn += found is None
        losses += found is None or not told.keys <= found
        if number % 1000 == 0:
            say(f"{number}/{states} 个断电状态，{losses} 个有丢失 / crash states, with a loss")
    syncs = sum(step.kind is Kind.SYNCED for step in steps)
    return Crashed(states, losses, torn, len(told.keys), syncs)


class _Told:
    """What the gateway had acknowledged up to an instant, from the bytes that it sent."""

    def __init__(self, buoys: Mapping[str, Buoy]) -> None:
        self.keys: set[Key] = set()
        self._buoys = buoys
        self._streams: dict[int, bytearray] = {}

    def take(self, step: Step) -> None:
        """The next call of the record."""
        if step.kind is not Kind.SENT:
            return
        if step.data.startswith(_CONNECT):
            self._streams[step.file] = bytearray()
        if step.file in self._streams:
            self._streams[step.file] += step.data
            self.keys.update(self._acknowledged(self._streams[step.file]))

    def _acknowledged(self, stream: bytearray) -> Iterator[Key]:
        for topic, payload in publishes(stream):
            if topic.endswith("/ack"):
                buoy = self._buoys[topic.split("/")[-2]]
                ack = decode_ack(payload, buoy.address, buoy.key)
                if ack is not None:
                    yield from ((buoy.device, ack.boot, seq) for seq in ack.seqs)


def _found(files: Mapping[str, bytes], store: Path, scratch: Path) -> set[Key] | None:
    """Keys of the records and rejections in a state; None where SQLite cannot read it."""
    for left in scratch.iterdir():
        left.unlink()
    for path, data in files.items():
        if Path(path).parent == store.parent and Path(path).name.startswith(store.name):
            (scratch / Path(path).name).write_bytes(data)
    query = (
        "SELECT device, boot, seq FROM record"
        " UNION ALL SELECT device, boot, seq FROM rejected WHERE device IS NOT NULL"
    )
    try:
        with closing(sqlite3.connect(scratch / store.name)) as found:
            if found.execute("PRAGMA quick_check").fetchone() != ("ok",):
                return None
            return set(found.execute(query))
    except sqlite3.DatabaseError:
        return None
