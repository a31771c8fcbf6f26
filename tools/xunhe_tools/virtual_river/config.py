"""The configuration of the process: CONFIG.json, checked to the last key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.ezo import CIRCUITS
from xunhe_tools.virtual_river.gnss import Drift
from xunhe_tools.virtual_river.model import River
from xunhe_tools.virtual_river.network import Network, Place, ReachFlow
from xunhe_tools.virtual_river.readings import MODELS
from xunhe_tools.virtual_river.script import Script, script_from
from xunhe_tools.virtual_river.serial_line import LineFaults
from xunhe_tools.virtual_river.strict import (
    ConfigError,
    build,
    build_document,
    known,
    read_json,
    rows,
    table,
)


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """One probe. `k` and `b` (shown = k·x + b) describe one whose calibration drifted."""

    model: str
    address: int
    k: float = 1.0
    b: float = 0.0

    def __post_init__(self) -> None:
        known(self.model, MODELS, "model", "probe model")
        if not 1 <= self.address <= 247:
            raise ValueError(f"address {self.address} is outside 1..247")
        if (self.k, self.b) != (1.0, 0.0) and len(MODELS[self.model].calibration) != 2:
            raise ValueError(f"k and b mean nothing for {self.model}")

    @property
    def calibration(self) -> tuple[float, ...] | None:
        """None = as the factory left it."""
        return None if (self.k, self.b) == (1.0, 0.0) else (self.k, self.b)


@dataclass(frozen=True, slots=True)
class CircuitConfig:
    """An EZO circuit on the buoy's I2C bus; without `address`, at the factory's."""

    model: str
    address: int | None = None

    def __post_init__(self) -> None:
        known(self.model, CIRCUITS, "model", "circuit")

    @property
    def at(self) -> int:
        """Its I2C address."""
        return CIRCUITS[self.model].address if self.address is None else self.address


@dataclass(frozen=True, slots=True)
class ThermometerConfig:
    """A DS18B20 on the buoy's 1-Wire bus; `rom` 16 hex digits, family code first."""

    rom: str = "28ff641e8d3c0c79"

    def __post_init__(self) -> None:
        if len(bytes.fromhex(self.rom)) != 8:
            raise ValueError(f"rom {self.rom!r} must be 16 hex digits")


@dataclass(frozen=True, slots=True)
class StationConfig:
    """One buoy: a serial line with its probes, and what hangs on its other buses."""

    code: str
    reach: str
    position_m: float
    probes: tuple[ProbeConfig, ...] = ()
    faults: LineFaults | None = None
    circuits: tuple[CircuitConfig, ...] = ()
    thermometers: tuple[ThermometerConfig, ...] = ()
    gnss: Drift | None = None

    def __post_init__(self) -> None:
        if not self.code or "/" in self.code or "\0" in self.code:
            raise ValueError(f"code {self.code!r} must serve as a file name")
        if not (self.probes or self.circuits or self.thermometers):
            raise ValueError("probes: at least one is needed")
        _check_unique((str(probe.address) for probe in self.probes), "probes: address")
        _check_unique((str(one.at) for one in self.circuits), "circuits: address")
        _check_unique((one.rom for one in self.thermometers), "thermometers: rom")

    @property
    def place(self) -> Place:
        """Where it floats."""
        return Place(self.reach, self.position_m)


@dataclass(frozen=True, slots=True)
class Config:
    """All of CONFIG.json."""

    seed: int
    clock: RiverClock
    reaches: Network
    stations: tuple[StationConfig, ...]
    script: Script
    directory: str

    def __post_init__(self) -> None:
        codes = [station.code for station in self.stations]
        _check_unique(codes, "stations: code")
        for station in self.stations:
            self.reaches.check(station.place, f"stations.{station.code}")
        for i, discharge in enumerate(self.script.discharges):
            self.reaches.check(discharge.place, f"script: discharge {i}")
        for i, fault in enumerate(self.script.faults):
            known(fault.station, codes, f"script: fault {i}.station", "station")
            if fault.model is not None:
                known(fault.model, MODELS, f"script: fault {i}.model", "probe model")

    def river(self) -> River:
        """The river that it describes."""
        return River(self.reaches, self.script, self.seed)


def _check_unique(values: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ConfigError(f"{what} {value} occurs twice")
        seen.add(value)


def _network(value: object) -> Network:
    return Network(tuple(build(ReachFlow, row, where) for where, row in rows(value, "reaches")))


_MANY: dict[str, type] = {
    "probes": ProbeConfig,
    "circuits": CircuitConfig,
    "thermometers": ThermometerConfig,
}
_ONE: dict[str, type] = {"faults": LineFaults, "gnss": Drift}


def _station(where: str, row: dict[str, Any]) -> StationConfig:
    for key, many in _MANY.items():
        if key in row:
            parts = rows(row[key], f"{where}.{key}")
            row[key] = tuple(build(many, part, at) for at, part in parts)
    for key, one in _ONE.items():
        if row.get(key) is not None:
            row[key] = build(one, table(row[key], f"{where}.{key}"), f"{where}.{key}")
    return build(StationConfig, row, where)


def _stations(value: object) -> tuple[StationConfig, ...]:
    return tuple(_station(where, dict(row)) for where, row in rows(value, "stations"))


_SECTIONS: dict[str, Callable[[object], object]] = {
    "clock": lambda value: RiverClock.from_json(table(value, "clock")),
    "reaches": _network,
    "stations": _stations,
    "script": script_from,
}


def config_from(document: object) -> Config:
    """A configuration from decoded JSON. ConfigError names the place of the mistake."""
    return build_document(Config, document, _SECTIONS)


def load_config(path: Path) -> Config:
    """A configuration from a file. ConfigError also for a file that is absent or not JSON."""
    return config_from(read_json(path))
