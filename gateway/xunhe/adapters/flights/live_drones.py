"""The drones that are watched while they fly, by the settings."""

import time
from collections.abc import Callable, Generator, Mapping
from functools import cache, partial
from pathlib import Path

from xunhe.adapters import waters_file
from xunhe.adapters.camera.address import Address
from xunhe.adapters.camera.source import Arrived, CameraSource
from xunhe.adapters.flights.intake import Brought, FlightBook
from xunhe.adapters.flights.live_drone import LiveDrone
from xunhe.desk.roles import SYSTEM
from xunhe.domain.flight import Flight
from xunhe.domain.mover import Mover
from xunhe.domain.registry import Reach, Registry
from xunhe.settings import DroneSettings, LiveDroneSettings, SettingsError, VisionSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.findings.water import Water

_SPARSE_S = 1.5  # key frames that come less often do not suffice


class LiveDrones:
    """`book` takes their flights, `changed` is told of it; `folder` is the registry's.

    SettingsError for no such reach, and for polygons of water that cannot be read.
    """

    def __init__(
        self,
        settings: DroneSettings,
        vision: VisionSettings,
        book: FlightBook,
        changed: Callable[[], object],
        folder: Path,
    ) -> None:
        # The model is loaded once one of them flies.
        eyes = cache(partial(Eyes.load, vision.debris_model, vision.discharge_model))

        def report(flight: Flight, pictures: Mapping[str, bytes], is_flying: bool) -> None:
            brought = Brought(flight, pictures, SYSTEM.code, is_flying=is_flying)
            if book.take(brought).is_new:
                changed()

        def made(one: LiveDroneSettings) -> LiveDrone:
            reach = _reach(one, book.registry)
            water = _water(one, reach, folder)
            stream = partial(_stream, one.url, vision)
            return LiveDrone(one, reach, water, eyes, book.clock, report, stream)

        self.each = tuple(made(one) for one in settings.live)

    def movers(self) -> list[Mover]:
        """Where they are now."""
        found = (drone.mover() for drone in self.each)
        return [mover for mover in found if mover is not None]

    def close(self) -> None:
        """Listen no longer."""
        for drone in self.each:
            drone.close()


def _reach(drone: LiveDroneSettings, registry: Registry) -> Reach:
    if drone.reach not in registry.reaches:
        known = ", ".join(registry.reaches)
        raise SettingsError(f"drones.live {drone.code}: no reach {drone.reach}; known: {known}")
    return registry.reaches[drone.reach]


def _water(drone: LiveDroneSettings, reach: Reach, folder: Path) -> Water:
    try:
        return waters_file.water_of(reach, folder, drone.width_m)
    except waters_file.WatersError as error:
        raise SettingsError(f"drones.live {drone.code}: {error}") from error


def _stream(url: str, vision: VisionSettings) -> Generator[Arrived, None, None]:
    """One connection: key frames, or all where those come too seldom."""
    source = CameraSource(Address.parse(url), vision, time.time)
    yield from source.frames(lambda: (source.counts.key_interval_s or 0.0) > _SPARSE_S)
