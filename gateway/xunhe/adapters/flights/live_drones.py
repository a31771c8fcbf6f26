"""The drones that are watched while they fly, by the settings."""

from collections.abc import Callable, Mapping
from functools import cache, partial

from xunhe.adapters.flights.intake import Brought, FlightBook
from xunhe.adapters.flights.live_drone import LiveDrone
from xunhe.desk.roles import SYSTEM
from xunhe.domain.flight import Flight
from xunhe.domain.mover import Mover
from xunhe.domain.registry import Reach, Registry
from xunhe.settings import DroneSettings, LiveDroneSettings, SettingsError, VisionSettings
from xunhe.vision.eyes import Eyes


class LiveDrones:
    """`book` takes their flights, `changed` is told of it. SettingsError for no such reach."""

    def __init__(
        self,
        settings: DroneSettings,
        vision: VisionSettings,
        book: FlightBook,
        changed: Callable[[], object],
    ) -> None:
        # The model is loaded once one of them flies.
        eyes = cache(partial(Eyes.load, vision.debris_model, vision.discharge_model))

        def report(flight: Flight, pictures: Mapping[str, bytes], is_flying: bool) -> None:
            brought = Brought(flight, pictures, SYSTEM.code, is_flying=is_flying)
            if book.take(brought).is_new:
                changed()

        self.each = tuple(
            LiveDrone(one, _reach(one, book.registry), vision, eyes, book.clock, report)
            for one in settings.live
        )

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
