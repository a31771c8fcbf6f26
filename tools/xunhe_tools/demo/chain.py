"""Runs the parts of a demo and keeps them running; may kill the gateway on the way."""

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from xunhe_tools.demo.children import (
    Child,
    buoy_command,
    cameras_command,
    flight_command,
    gateway_command,
    lay_out_firmware,
    river_command,
)
from xunhe_tools.demo.plan import Plan, write_buoy
from xunhe_tools.hj212_platform.platform import Platform

_READY_S = 60.0
_TICK_S = 0.2
_LAST_FRAMES_S = 2.0


class DemoError(RuntimeError):
    """A part of the demo did not come up; the message names its log."""


class Chain:
    """The river, the buoys and the gateway of one run."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.river = self._child("river", river_command(plan.directory / "river.json"))
        self.gateway = self._child("gateway", gateway_command(plan.directory / "xunhe.toml"))
        self.cameras: Child | None = None
        if plan.camera_port is not None:
            config = plan.directory / "cameras.json"
            self.cameras = self._child("cameras", cameras_command(config))
        self.flight: Child | None = None
        if plan.flies:
            self.flight = self._child("flight", flight_command(plan.directory))
        self.buoys: dict[str, Child] = {}
        self.gateway_kills = 0

    def _child(self, name: str, command: list[str]) -> Child:
        return Child(name, command, self.plan.directory / f"{name}.log")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everything up inside the block. At its end the buoys lose power first."""
        with Platform(self.plan.platform_port):
            yield from self._run()

    def _run(self) -> Iterator[None]:
        try:
            self.river.start()
            self._start_cameras()
            self.gateway.start()
            launch = lay_out_firmware(self.plan.directory / "firmware")
            for station, serial in self._lines().items():
                config = write_buoy(self.plan, self.plan.registry.stations[station], serial)
                self.buoys[station] = self._child(station, buoy_command(launch, config))
                self.buoys[station].start()
            self._await(
                lambda: any("console:" in line for line in self.gateway.said()), self.gateway
            )
            if self.flight is not None:
                self.flight.start()
            yield
        finally:
            if self.flight is not None:
                self.flight.stop()
            for buoy in self.buoys.values():
                buoy.kill()
            if self.gateway.is_running:
                time.sleep(_LAST_FRAMES_S)  # what the buoys sent last is still on its way
            self.gateway.stop()
            if self.cameras is not None:
                self.cameras.stop()
            self.river.stop()

    def watch(
        self, until: Callable[[], bool], tick: Callable[[], None], kills: list[float]
    ) -> None:
        """Until `until`, call `tick` and start again what has died; kill at the given seconds."""
        begun = time.monotonic()
        waiting = sorted(kills)
        while not until():
            if waiting and time.monotonic() - begun >= waiting[0]:
                waiting.pop(0)
                self.gateway.kill()
                self.gateway_kills += 1
            if not self.river.is_running:
                raise DemoError(f"the virtual river ended; see {self.river.log}")
            cameras = () if self.cameras is None else (self.cameras,)
            for child in (self.gateway, *cameras, *self.buoys.values()):
                if not child.is_running:
                    child.start()
            tick()
            time.sleep(_TICK_S)

    def _start_cameras(self) -> None:
        """They draw their scenes first; a gateway that is up sooner only asks again."""
        if self.cameras is not None:
            self.cameras.start()

    def _lines(self) -> dict[str, str]:
        self._await(lambda: any(line.startswith("{") for line in self.river.said()), self.river)
        ready = next(line for line in self.river.said() if line.startswith("{"))
        lines: dict[str, str] = json.loads(ready)["lines"]
        return lines

    def _await(self, ready: Callable[[], bool], child: Child) -> None:
        deadline = time.monotonic() + _READY_S
        while not ready():
            if not child.is_running or time.monotonic() > deadline:
                last = "\n".join(child.said()[-5:])
                raise DemoError(f"{child.name} did not come up; see {child.log}\n{last}")
            time.sleep(_TICK_S)


def kill_times(seed: int, kills: int, seconds: float) -> list[float]:
    """Seconds after the start at which the gateway is killed, spread at random over the run."""
    rng = random.Random(f"kills {seed}")  # noqa: S311  a plan, not a secret
    return sorted(rng.uniform(0.05 * seconds, 0.9 * seconds) for _ in range(kills))


def ends_after(seconds: float | None) -> Callable[[], bool]:
    """True once `seconds` of wall time have passed; never for None."""
    end = None if seconds is None else time.monotonic() + seconds
    return lambda: end is not None and time.monotonic() >= end
