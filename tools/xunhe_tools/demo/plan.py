"""What a demo run is made of, and the files that its parts read.

One `RiverClock` goes to the river, to every buoy and to the gateway: no part runs at another clock
than its river.
"""

import dataclasses
import json
import random
import shutil
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xunhe.adapters import cameras_file, registry_file
from xunhe.adapters.store import accounts, devices
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.registry import Registry, Station
from xunhe_tools.demo import people
from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.drone import water_of
from xunhe_tools.virtual_river.model import River
from xunhe_tools.virtual_river.network import Network, ReachFlow
from xunhe_tools.virtual_river.script import Script, default_script, load_script

REGISTRY = Path(__file__).parent.parent / "demo_registry"
BEGIN = datetime(2026, 10, 20, 1, 0, tzinfo=SHANGHAI)  # a night in autumn
OUTFALL = "YX-P1"
PROBES = (
    {"model": "Y504", "address": 1},
    {"model": "Y532", "address": 2},
    {"model": "Y560", "address": 3},
)
BATCH = 2  # readings
SCENES = {"YX-C1": "outfall", "YX-C2": "village"}
FLOWN = "BJ-1"  # a brook without buoys and cameras
FLOWN_POINTS = 5  # of its line, from its head
_FLEW_BEFORE_S = 300.0  # of the machine's time before the demo began: an afternoon of the river
_RULES = """\
# What the demo's rules have of their own.
[rule.silent_station]
intervals = 60   # the gateway may be killed for seconds: many minutes of the river
"""
_FILE_PORT = 8090  # in the addresses of the registry's own file


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: everything lies in `directory`."""

    directory: Path
    seed: int
    clock: RiverClock
    registry: Registry
    script: Script
    web_port: int
    mqtt_port: int
    platform_port: int  # of the provincial platform that the gateway reports to (HJ 212)
    password: str  # of every account of the run
    camera_port: int | None = None  # None: nobody watches the river by camera
    flies: bool = False  # a drone has flown along `FLOWN`

    @property
    def river(self) -> River:
        """The river that the probes will show."""
        return River(Network(_flows(self.registry)), self.script, self.seed)

    @property
    def console(self) -> str:
        """Address of the console."""
        return f"http://127.0.0.1:{self.web_port}/"

    @property
    def database(self) -> Path:
        """The gateway's store."""
        return self.directory / "xunhe.sqlite3"

    @property
    def recording(self) -> Path:
        """What the gateway takes down of the run."""
        return self.directory / "recording.jsonl"


def make_plan(
    directory: Path,
    seed: int,
    factor: float,
    web_port: int,
    script: Path | None,
    *,
    cameras: bool = False,
    flies: bool = False,
) -> Plan:
    """Set the river's clock: river time begins now, at 01:00 of a night."""
    registry = registry_file.load(REGISTRY)
    begin_s = BEGIN.timestamp()
    outfall = registry.outfalls[OUTFALL]
    flows = {flow.code: flow for flow in _flows(registry)}
    events = (
        load_script(script)
        if script is not None
        else default_script(begin_s, flows[outfall.reach], outfall.position_m)
    )
    return Plan(
        directory=directory,
        seed=seed,
        clock=RiverClock(time.time(), begin_s, factor),
        registry=registry,
        script=events,
        web_port=web_port,
        mqtt_port=free_port(0),
        platform_port=free_port(0),
        password=accounts.new_code(),
        camera_port=free_port(0) if cameras else None,
        flies=flies,
    )


def lay_out(plan: Plan) -> None:
    """Write the settings of river and gateway, copy the registry, enrol buoys and people."""
    plan.directory.mkdir(parents=True, exist_ok=True)
    shutil.copytree(REGISTRY, plan.directory / "registry", dirs_exist_ok=True)
    _place_cameras(plan)
    if plan.flies:
        _place_drone(plan)
    (plan.directory / "xunhe.toml").write_text(_settings(plan), "utf-8")
    (plan.directory / "rules.toml").write_text(_RULES, "utf-8")
    (plan.directory / "outward.toml").write_text(_outward(plan), "utf-8")
    _write_json(plan.directory / "river.json", _river(plan))
    database = Database(plan.database)
    database.migrate()
    river_now = datetime.fromtimestamp(plan.clock.river_s, SHANGHAI)
    with database.write() as connection:
        people.seat_all(connection, plan.password, datetime.now(UTC), river_now)
        for station in plan.registry.stations:
            address, key = identity(plan, station)
            enrolled = devices.Device(address, station, bytes.fromhex(key))
            devices.enrol(connection, enrolled, river_now)
    database.close()


def _place_cameras(plan: Plan) -> None:
    """The list of cameras with this run's port, and what their process reads; or no list at all."""
    listed = plan.directory / "registry" / cameras_file.FILE
    if plan.camera_port is None:
        listed.unlink()
        return
    text = listed.read_text("utf-8").replace(f":{_FILE_PORT}/", f":{plan.camera_port}/")
    listed.write_text(text, "utf-8")
    _write_json(plan.directory / "cameras.json", _cameras(plan, plan.camera_port))


def _place_drone(plan: Plan) -> None:
    """What the drone's process reads, and the outline of the water over which it flies."""
    line = plan.registry.reaches[FLOWN].line[:FLOWN_POINTS]
    began_at = datetime.fromtimestamp(plan.clock.wall_s - _FLEW_BEFORE_S, UTC)
    sortie = {"line": line, "seed": plan.seed, "began_at": began_at.isoformat(), "reach": FLOWN}
    _write_json(plan.directory / "flight.json", sortie)
    _write_json(plan.directory / "registry" / "waters.geojson", water_of(line))


def identity(plan: Plan, station: str) -> tuple[str, str]:
    """Device address and key of a station's buoy (hex), from the seed: nobody trusts a demo."""
    rng = random.Random(f"{plan.seed} {station}")  # noqa: S311  a demo's key protects nothing
    return "02" + rng.randbytes(5).hex(), rng.randbytes(32).hex()


def write_buoy(plan: Plan, station: Station, serial: str) -> Path:
    """Write a buoy's configuration; returns its path."""
    address, key = identity(plan, station.code)
    folder = plan.directory / station.code
    folder.mkdir(exist_ok=True)
    config = {
        "station": station.code,
        "device": address,
        "key": key,
        "broker": {"host": "127.0.0.1", "port": plan.mqtt_port},
        "sample_interval_s": station.interval_s,
        "batch": BATCH,
        "probes": PROBES,
        "virtual": {
            "serial": serial,
            "baud": 9600,
            "flash": str(folder / "flash.bin"),
            "flash_sectors": 64,
            "boot_file": str(folder / "boot"),
            "clock": plan.clock.to_json(),
        },
    }
    return _write_json(folder / "config.json", config)


def _settings(plan: Plan) -> str:
    clock = "\n".join(f"{key} = {value!r}" for key, value in plan.clock.to_json().items())
    return f"""\
# Settings of a demo run: the river is virtual and its time runs fast.
[store]
database = "{plan.database}"

[registry]
folder = "{plan.directory / "registry"}"

[mqtt]
port = {plan.mqtt_port}

[web]
port = {plan.web_port}
read_without_login = true

[supervision.patrols.village]
least_minutes = 1   # the demo's drone is in the air for a minute and a half

[rules]
file = "{plan.directory / "rules.toml"}"
recording = "{plan.recording}"

[outward]
file = "{plan.directory / "outward.toml"}"

[vision]
enabled = {str(plan.camera_port is not None).lower()}
workers = 1
evidence = "{plan.directory / "evidence"}"

[clock]
{clock}
"""


def _outward(plan: Plan) -> str:
    stations = "\n".join(
        f'[[hj212.station]]\nstation = "{code}"\nmn = "{identity(plan, code)[0].upper()}"'
        '\npw = "123456"'
        for code in plan.registry.stations
    )
    return f"""\
# What leaves the demo's gateway: its samples to a platform on this machine, alerts at /cap.
[cap]
sender = "xunhe.example"
is_exercise = true

[[hj212]]
name = "province"
host = "127.0.0.1"
port = {plan.platform_port}
sends = ["2011"]
{stations}
"""


def _cameras(plan: Plan, port: int) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "clock": plan.clock.to_json(),
        "script": _events(plan.script),
        "cameras": [
            {"code": c.code, "scene": SCENES[c.code], "reach": c.reach, "position_m": c.position_m}
            for c in plan.registry.cameras.values()
        ],
        "port": port,
    }


def _river(plan: Plan) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "clock": plan.clock.to_json(),
        "reaches": [dataclasses.asdict(flow) for flow in _flows(plan.registry)],
        "stations": [
            {"code": s.code, "reach": s.reach, "position_m": s.position_m, "probes": PROBES}
            for s in plan.registry.stations.values()
        ],
        "script": _events(plan.script),
        "directory": str(plan.directory / "lines"),
    }


def _events(script: Script) -> list[dict[str, Any]]:
    """One list for river and cameras: what the probes measure is what the cameras see."""
    discharges = ({"kind": "discharge", **dataclasses.asdict(e)} for e in script.discharges)
    faults = ({**dataclasses.asdict(e), "kind": e.kind.value} for e in script.faults)
    return [*discharges, *faults]


def _flows(registry: Registry) -> tuple[ReachFlow, ...]:
    return tuple(
        ReachFlow(
            reach.code,
            reach.downstream,
            reach.length_m,
            reach.velocity_m_s,
            reach.dispersion_m2_s,
            reach.discharge_m3_s,
        )
        for reach in registry.reaches.values()
    )


def free_port(preferred: int) -> int:
    """The preferred TCP port of 127.0.0.1 where it is free, or else any; 0 prefers none."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free TCP port on 127.0.0.1")


def _write_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")
    return path
