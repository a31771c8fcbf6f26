"""`python -m xunhe_tools.virtual_river CONFIG.json`: all lines and probes in one process.

Prints one JSON line when ready, `{"lines": {"<station>": "<tty path>"}, "wires": {"<station>":
{"i2c" | "onewire" | "gnss": "<tty path>"}}}`, then runs until SIGTERM, SIGINT or the death of its
parent. Exit status 2: the configuration is wrong, see stderr.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

from xunhe_tools.virtual_river.bus import ProbeBus
from xunhe_tools.virtual_river.chip_wire import Answer, ChipWire, take_i2c, take_onewire
from xunhe_tools.virtual_river.config import Config, StationConfig, load_config
from xunhe_tools.virtual_river.ezo import Ezo
from xunhe_tools.virtual_river.gnss import Receiver
from xunhe_tools.virtual_river.probes import Mooring, Probe
from xunhe_tools.virtual_river.serial_line import SerialLine
from xunhe_tools.virtual_river.strict import ConfigError
from xunhe_tools.virtual_river.thermometer import Thermometer

USAGE = "用法 usage: python -m xunhe_tools.virtual_river CONFIG.json"


async def moor(
    station: StationConfig, mooring: Mooring, line: SerialLine, stack: AsyncExitStack
) -> None:
    """Hang one buoy's Modbus probes on its line; `stack` takes them down."""
    probes = [Probe(mooring, p.model, p.address, p.calibration) for p in station.probes]
    bus = ProbeBus(probes, line.probe_path)
    await bus.start()
    stack.callback(bus.close)
    line.on_silence = bus.forget


def wires(
    station: StationConfig, mooring: Mooring, directory: Path, stack: AsyncExitStack
) -> dict[str, str]:
    """Bring up what hangs on one buoy's other buses; `stack` takes it down. Returns the ttys."""
    answers: dict[str, Answer] = {}
    if station.circuits:
        circuits = {one.at: Ezo(mooring, one.model) for one in station.circuits}
        answers["i2c"] = partial(take_i2c, circuits)
    if station.thermometers:
        thermometers = [Thermometer(mooring, one.rom) for one in station.thermometers]
        answers["onewire"] = partial(take_onewire, thermometers)
    paths = {}
    for name, answer in answers.items():
        bus = ChipWire(directory / f"{station.code}.{name}", answer)
        bus.open()
        stack.callback(bus.close)
        paths[name] = str(bus.path)
    if station.gnss is not None:
        receiver = Receiver(directory / f"{station.code}.gnss", mooring.clock, station.gnss)
        stack.callback(receiver.close)
        stack.callback(asyncio.create_task(receiver.speak()).cancel)
        paths["gnss"] = str(receiver.path)
    return paths


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
        lines, others = {}, {}
        for station in config.stations:
            line = SerialLine(directory, station.code, station.faults)
            line.open()
            stack.callback(line.close)
            mooring = Mooring(river, config.clock, station.code, station.place, line.baud)
            await moor(station, mooring, line, stack)
            lines[station.code] = str(line.buoy_path)
            others[station.code] = wires(station, mooring, directory, stack)
        print(json.dumps({"lines": lines, "wires": others}, ensure_ascii=False), flush=True)
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
