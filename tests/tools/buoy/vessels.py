"""A probe that a hand puts from one vessel into the next."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.firmware.virtual_probes import Probes, registers
from xunhe_buoy.chemistry import ph_slope_mv
from xunhe_tools.buoy.calibrate_buffers import buffer_value

ADDRESS, TEMPERATURE, POTENTIAL, PH = 2, 0x2400, 0x1200, 0x2800
PROBE = f"Y532@{ADDRESS}"
WATER_C = 22.0


def ph_probe(mv: float = 0.0, temp_c: float = WATER_C) -> dict[int, dict[int, list[int]]]:
    """The registers of a Y532 in some water."""
    return {
        ADDRESS: {
            PH: registers(7.0 - mv / ph_slope_mv(temp_c)),
            TEMPERATURE: registers(temp_c),
            POTENTIAL: registers(mv),
        }
    }


def potential(buffer: str, slope: float = 0.97, offset_mv: float = 6.0) -> float:
    """What an electrode of this health shows in a buffer, mV."""
    return offset_mv + slope * ph_slope_mv(WATER_C) * (7 - buffer_value(buffer, WATER_C).ph)


def put_into(probes: Probes, mv: float) -> None:
    """Into the vessel in which it shows this."""
    probes.set(ADDRESS, POTENTIAL, mv)
    probes.set(ADDRESS, PH, 7.0 - mv / ph_slope_mv(WATER_C))


def run_calibrate(
    words: Sequence[str], on_wait: Callable[[str], None], home: Path, timeout_s: float = 100
) -> dict[str, Any]:
    """`xunhe buoy calibrate … --json`; `on_wait` is the hand, called with the next standard."""
    command = [sys.executable, "-m", "xunhe_tools", "buoy", "calibrate", *words]
    process = subprocess.Popen(
        [*command, "--json", "--yes"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XUNHE_BUOY_HOME": str(home)},
    )
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("{") and (event := json.loads(line))["event"] == "waiting":
            on_wait(event["standard"])
    out, _ = process.communicate(timeout=timeout_s)
    assert out, "".join(said)
    return {"code": process.returncode, **json.loads(out.splitlines()[-1])}
