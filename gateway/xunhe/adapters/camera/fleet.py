"""The cameras of this gateway: who watches them, what they said, and the pages' `CameraDesk`.

A worker that dies is started again and given its cameras with what they remembered. Nothing that a
worker reports is dropped before the store has it.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xunhe.adapters import cameras_file
from xunhe.adapters.camera.crew import Crew
from xunhe.adapters.camera.inbox import Inbox
from xunhe.adapters.camera.messages import (
    Dismiss,
    Drop,
    Misread,
    Rain,
    Report,
    Seen,
    Show,
    Shown,
    Told,
    Watch,
)
from xunhe.domain.camera import Camera
from xunhe.domain.camera_desk import CameraStatus, Preview
from xunhe.domain.clock import Clock
from xunhe.domain.registry import Registry, RegistryError
from xunhe.domain.zones import Zones, ZonesError
from xunhe.settings import VisionSettings

log = logging.getLogger(__name__)

_WAIT_S = 0.5
_LOOK_EVERY_S = 2.0  # at the list of cameras
_ASK_EVERY_S = 4.0  # for previews, while somebody looks; a worker sends them for 10 s
_RESTARTING = "工作进程中断，正在重启", "its worker died and is being started again"
_OLD_LIST = "摄像机清单有误，沿用旧清单 / the list of cameras is wrong, the old one goes on: "


@dataclass(frozen=True, slots=True)
class _Heard:
    """A camera's last word, and when it came by a clock that does not jump."""

    told: Told
    steady_s: float


class Fleet:
    """Runs the workers; implements `CameraDesk`. `step` belongs to one thread."""

    def __init__(
        self,
        folder: Path,
        registry: Registry,
        settings: VisionSettings,
        clock: Clock,
        keep: Callable[[Report], None],
        set_aside: Callable[[Report], None],
        memories: dict[str, dict[str, Any]],
        changed: Callable[[Registry], None],
    ) -> None:
        """`memories` are those of the last run; `changed` is told of every new list.

        `keep` stores a report; `set_aside` keeps one at which that fails again and again. Nothing
        is started before the first `step`.
        """
        self._folder, self._registry, self._clock = folder, registry, clock
        self._changed, self._memories = changed, dict(memories)
        self._crew = Crew(settings)
        self._inbox = Inbox(keep, set_aside)
        self._lock = threading.Lock()
        self._heard: dict[str, _Heard] = {}
        self._shown: dict[str, Shown] = {}
        self._asked_s: dict[str, float] = {}
        self._watched: dict[str, Watch] = {}
        self._wrong_zones: dict[str, tuple[str, ...]] = {}  # by camera
        self._wrong_list: tuple[str, ...] = ()
        self._rain = Rain(None)
        self._stamp: cameras_file.Stamp | None = None
        self._looked_s = 0.0

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with the list of cameras and with zones files."""
        zones = (problem for problems in self._wrong_zones.values() for problem in problems)
        return (*self._wrong_list, *zones)

    def step(self) -> None:
        """Start what must run, take what was said, look at the list now and then."""
        self._look()
        reports, orphans = self._crew.listen(_WAIT_S)
        for report in reports:
            self._heed(report)
        for code in orphans:
            self._heed(self._orphaned(code))
        for code in self._crew.revive():
            self._tell_worker(code)
        self._inbox.work()

    def stop(self) -> None:
        """End the workers; what they remember has been stored with their last words."""
        self._crew.stop()

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers that run."""
        return self._crew.processes

    def statuses(self) -> list[CameraStatus]:
        """See CameraDesk."""
        with self._lock:
            return [self._status(camera) for camera in self._registry.cameras.values()]

    def preview(self, camera: str) -> Preview | None:
        """See CameraDesk."""
        now_s = time.monotonic()
        with self._lock:
            if camera not in self._registry.cameras:
                raise KeyError(camera)
            is_due = now_s - self._asked_s.get(camera, -_ASK_EVERY_S) >= _ASK_EVERY_S
            if is_due:
                self._asked_s[camera] = now_s
            shown = self._shown.get(camera)
        if is_due:
            self._crew.send(camera, Show(camera))
        return None if shown is None else _preview(shown)

    def dismiss(self, camera: str, zone: str) -> None:
        """See CameraDesk."""
        self._crew.send(camera, Dismiss(camera, zone))

    def take_rain(self, mm_h: float | None) -> None:
        """How hard it rains, mm/h; None where nobody measures it. Excuses clear water."""
        if mm_h != self._rain.mm_h:
            self._rain = Rain(mm_h)
            self._crew.send_all(self._rain)

    def zones(self, camera: str) -> Zones:
        """See CameraDesk. Where the file is wrong, those that are in use."""
        with self._lock:
            registered, watched = self._registry.cameras[camera], self._watched.get(camera)
        try:
            return cameras_file.load_zones(self._folder, registered)
        except ZonesError:
            return watched.zones if watched else Zones.whole()

    def save_zones(self, camera: str, zones: Zones) -> None:
        """See CameraDesk. `step` sees that the file has changed."""
        with self._lock:
            registered = self._registry.cameras[camera]
        cameras_file.save_zones(self._folder, registered, zones)

    def _look(self) -> None:
        now_s = time.monotonic()
        if self._stamp is not None and now_s - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now_s
        stamp = cameras_file.stamp(self._folder, self._registry.cameras.values())
        if stamp != self._stamp:
            before = self.problems
            self._read_list()
            self._stamp = stamp
            if self.problems != before:
                self._inbox.put(Misread(self.problems))

    def _read_list(self) -> None:
        """Take over a changed list; under a wrong one the cameras go on as they were."""
        try:
            registry = cameras_file.with_cameras(self._registry, self._folder)
        except RegistryError as error:
            log.error("cameras: the list stays as it was: %s", error)
            self._wrong_list = error.problems
            return
        self._wrong_list = ()
        with self._lock:
            self._registry = registry
        self._changed(registry)
        for code in self._watched.keys() - registry.cameras.keys():
            self._drop(code)
        self._wrong_zones = dict(self._take_over(registry.cameras.values()))

    def _take_over(self, cameras: Iterable[Camera]) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Watch these cameras; gives those whose zones are wrong, which keep the zones they had."""
        for camera in cameras:
            known = self._watched.get(camera.code)
            try:
                self._watch(camera, cameras_file.load_zones(self._folder, camera))
            except ZonesError as error:
                log.error("camera=%s its zones stay as they were: %s", camera.code, error)
                if known is not None:
                    self._watch(camera, known.zones)
                yield camera.code, tuple(f"camera {camera.code}: {one}" for one in error.problems)

    def _watch(self, camera: Camera, zones: Zones) -> None:
        known = self._watched.get(camera.code)
        if known is not None and (known.camera, known.zones) == (camera, zones):
            return
        if known is not None and known.camera.dome != camera.dome:
            self._drop(camera.code)  # another dome camera may be another worker's
        self._crew.assign(camera.code, self._view_beside(camera))
        with self._lock:
            self._watched[camera.code] = Watch(camera, zones, None)
        self._tell_worker(camera.code)

    def _view_beside(self, camera: Camera) -> str | None:
        """Another view of the same dome camera: one worker turns it."""
        codes = (code for code, each in self._watched.items() if each.camera.dome == camera.dome)
        return next(codes, None) if camera.dome else None

    def _tell_worker(self, code: str) -> None:
        """Hand a camera to its worker with what it remembered last."""
        watch = self._watched[code]
        self._crew.send(code, Watch(watch.camera, watch.zones, self._memories.get(code)))
        if self._rain.mm_h is not None:
            self._crew.send(code, self._rain)

    def _drop(self, code: str) -> None:
        self._crew.send(code, Drop(code))
        self._crew.release(code)
        with self._lock:
            del self._watched[code]
            self._heard.pop(code, None)
            self._shown.pop(code, None)

    def _orphaned(self, code: str) -> Told:
        heard, memory = self._heard.get(code), self._memories.get(code, {})
        counts = self._counts(heard) if heard else {}
        return Told(code, time.time(), "restarting", *_RESTARTING, counts, memory)

    def _heed(self, report: Report) -> None:
        """Note what a report says of now, and let it wait for the store."""
        match report:
            case Shown(camera=code):
                if code in self._watched:
                    with self._lock:
                        self._shown[code] = report
                return
            case Told(camera=code):
                if code not in self._watched:
                    return
                with self._lock:
                    self._heard[code] = _Heard(report, time.monotonic())
                self._memories[code] = report.memory
            case Seen(sight, _, memory):
                self._memories[sight.camera] = memory
        self._inbox.put(report)

    def _status(self, camera: Camera) -> CameraStatus:
        """How a camera is, with what is wrong with its entry."""
        heard, wrong = self._heard.get(camera.code), self._wrong_zones.get(camera.code, ())
        said = [heard.told.detail] if heard and heard.told.detail else []
        said += ["; ".join(wrong)] if wrong else []
        said += [_OLD_LIST + "; ".join(self._wrong_list)] if self._wrong_list else []
        detail = " · ".join(said)
        if heard is None:
            is_waiting = camera.code in self._watched or not wrong
            state = "connecting" if is_waiting else "bad_zones"
            return CameraStatus(camera, state, detail, None, {})
        at = self._clock.when(heard.told.at_s)
        return CameraStatus(camera, heard.told.state, detail, at, self._counts(heard))

    def _counts(self, heard: _Heard) -> dict[str, float]:
        """The counts that were told; the newest frame has grown older since."""
        counts = dict(heard.told.counts)
        if "age_s" in counts:
            counts["age_s"] += time.monotonic() - heard.steady_s
        return counts


def _preview(shown: Shown) -> Preview:
    return Preview(
        datetime.fromtimestamp(shown.at_s, UTC),
        shown.width,
        shown.height,
        shown.jpeg,
        shown.gate,
        shown.found,
        shown.outfalls,
        shown.limits,
    )
