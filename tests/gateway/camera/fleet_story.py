"""A fleet of cameras beside a store that a test can break, on threads or on real processes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.gateway.river_cameras import bare_registry
from xunhe.adapters import registry_file
from xunhe.adapters.camera.fleet import Fleet
from xunhe.adapters.camera.messages import Report, Told
from xunhe.domain.camera_desk import CameraStatus
from xunhe.domain.clock import SystemClock
from xunhe.domain.registry import Registry
from xunhe.settings import VisionSettings
from xunhe.supervisor import Supervisor

LONG_S = 200.0  # a limit for machines that are busy with something else, never a time to measure


def wait_for(holds: Callable[[], bool], what: str) -> None:
    """Until it holds, however slow the machine is."""
    until_s = time.monotonic() + LONG_S
    while not holds():
        assert time.monotonic() < until_s, f"never: {what}"
        time.sleep(0.05)


@dataclass
class Story:
    """The fleet and all that it told."""

    folder: Path
    kept: list[Report] = field(default_factory=list)
    aside: list[Report] = field(default_factory=list)
    lists: list[Registry] = field(default_factory=list)
    memories: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: VisionSettings = field(default_factory=VisionSettings)

    def made(self) -> Fleet:
        """A fleet over this folder, not yet begun."""
        registry = registry_file.load(self.folder)
        ends = (self.kept.append, self.aside.append, self.memories, self.lists.append)
        return Fleet(self.folder, registry, self.settings, SystemClock(), *ends)

    def told(self, code: str) -> list[Told]:
        """What was stored of how a camera is."""
        return [each for each in list(self.kept) if isinstance(each, Told) and each.camera == code]


@contextmanager
def running(fleet: Fleet) -> Iterator[Fleet]:
    """As the gateway runs it."""
    parts = Supervisor()
    parts.start("cameras", fleet.step)
    try:
        yield fleet
    finally:
        parts.stop()
        fleet.stop()
    assert parts.failures == {"cameras": 0}


def status(fleet: Fleet, code: str) -> CameraStatus:
    """How a camera is."""
    return next(each for each in fleet.statuses() if each.camera.code == code)


def story(tmp_path: Path, **changed: Any) -> Story:
    """One over the demo's river without cameras."""
    return Story(bare_registry(tmp_path / "registry"), **changed)
