"""The configuration of the virtual cameras' process: CONFIG.json, checked to the last key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.virtual_river.clock import RiverClock
from xunhe_tools.virtual_river.scene import Scene, outfall_scene, village_scene
from xunhe_tools.virtual_river.script import Discharge, Script, script_from
from xunhe_tools.virtual_river.strict import (
    ConfigError,
    build,
    build_document,
    known,
    read_json,
    rows,
    table,
)

SCENES = ("outfall", "village")
_NEAR_M = 20.0  # discharges as far as this from an outfall's camera are its outfall's


@dataclass(frozen=True, slots=True)
class CameraConfig:
    """One camera; `scene` is what stands before it. With `password`, it asks for one."""

    code: str
    scene: str
    reach: str
    position_m: float
    password: str | None = None

    def __post_init__(self) -> None:
        known(self.scene, SCENES, "scene", "scene")
        if not self.code or "/" in self.code:
            raise ValueError(f"code {self.code!r} must serve as the name of a stream")

    def draw(self, seed: int, script: Script) -> Scene:
        """Its scene, with the script's discharges where it looks at an outfall."""
        if self.scene == "village":
            return village_scene(seed)
        return outfall_scene(seed, [one for one in script.discharges if self._sees(one)])

    def _sees(self, one: Discharge) -> bool:
        return one.reach == self.reach and abs(one.position_m - self.position_m) <= _NEAR_M


@dataclass(frozen=True, slots=True)
class CamerasConfig:
    """All of CONFIG.json; `port` 0 takes a free one."""

    seed: int
    clock: RiverClock
    script: Script
    cameras: tuple[CameraConfig, ...]
    port: int = 0
    fps: float = 12.5
    bit_rate: int = 1_500_000

    def __post_init__(self) -> None:
        codes = [camera.code for camera in self.cameras]
        if len(set(codes)) != len(codes):
            raise ConfigError("cameras: a code occurs twice")
        if not 1 <= self.fps <= 30:
            raise ConfigError(f"fps {self.fps} is outside 1..30")


_SECTIONS: dict[str, Callable[[object], object]] = {
    "clock": lambda value: RiverClock.from_json(table(value, "clock")),
    "script": script_from,
    "cameras": lambda value: tuple(
        build(CameraConfig, row, where) for where, row in rows(value, "cameras")
    ),
}


def cameras_from(document: object) -> CamerasConfig:
    """A configuration from decoded JSON. ConfigError names the place of the mistake."""
    return build_document(CamerasConfig, document, _SECTIONS)


def load_cameras(path: Path) -> CamerasConfig:
    """A configuration from a file. ConfigError also for a file that is absent or not JSON."""
    return cameras_from(read_json(path))
