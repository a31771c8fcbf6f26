"""`python -m xunhe_tools.virtual_river CONFIG.json`: all lines and probes in one process.

Prints one JSON line when ready, `{"lines": {"<station>": "<tty path>"}}`, then runs until SIGTERM,
SIGINT or the death of its parent. Exit status 2: the configuration is wrong, see stderr.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from xunhe_tools.virtual_river.bus import ProbeBus
from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.config import Config, StationConfig, load_config
from xunhe_tools.virtual_river.model import River
from xunhe_tools.virtual_river.probes import Mooring, Probe
from xunhe_tools.virtual_river.serial_line import SerialLine
from xunhe_tools.virtual_river.strict import ConfigError

USAGE = "用法 usage: python -m xunhe_tools.virtual_river CONFIG.json"


async def moor(
    station: StationConfig, river: River, clock: RiverClock, directory: Path, stack: AsyncExitStack
) -> Path:
    """Bring one buoy's line and probes up; `stack` takes them down. Returns the buoy's tty."""
    line = SerialLine(directory, station.code, station.faults)
    line.open()
    stack.callback(line.close)
    mooring = Mooring(river, clock, station.code, station.place)
    probes = [Probe(mooring, p.model, p.address, p.calibration) for p in station.probes]
    bus = ProbeBus(probes, line.probe_path)
    await bus.start()
    stack.callback(bus.close)
    line.on_silence = bus.forget
    return line.buoy_path


async def parent_gone(parent: int) -> None:
    """Return when `parent`, the process that started this one, has died.

    Polled: PR_SET_PDEATHSIG would fire already when the *thread* that started us ends.
    """
    while os.getppid() == parent:
        await asyncio.sleep(1)


async def run(config: Config, parent: int) -> None:
    """Hold the river until told to stop or until process `parent` dies."""
    directory = Path(config.directory)
    directory.mkdir(parents=True, exist_ok=True)
    watch = asyncio.create_task(parent_gone(parent))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, watch.cancel)
    river = config.river()
    async with AsyncExitStack() as stack:
        lines = {
            station.code: str(await moor(station, river, config.clock, directory, stack))
            for station in config.stations
        }
        print(json.dumps({"lines": lines}, ensure_ascii=False), flush=True)
        await asyncio.wait([watch])


def main(arguments: list[str]) -> int:
    """The exit status."""
    parent = os.getppid()  # before anything slow: it may die while we start
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        config = load_config(Path(arguments[0]))
    except ConfigError as error:
        print(f"虚拟河流配置有误 virtual river, bad configuration: {error}", file=sys.stderr)
        return 2
    asyncio.run(run(config, parent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
