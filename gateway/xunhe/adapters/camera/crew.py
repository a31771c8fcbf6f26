"""The worker processes: which camera is whose, and a new process for one that dies.

`listen`, `revive` and `stop` belong to one thread; `send` may be called from any.
"""

import logging
import multiprocessing
import os
import random
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from xunhe.adapters.camera.backoff import Backoff
from xunhe.adapters.camera.messages import Command, Report
from xunhe.adapters.camera.worker import work
from xunhe.settings import VisionSettings

log = logging.getLogger(__name__)

_STOP_S = 5.0
_SILENT_S = 60.0  # a worker tells of each camera every few seconds, and takes some to start


@dataclass(slots=True)
class _Worker:
    process: multiprocessing.process.BaseProcess
    pipe: Connection
    silent_s: float = 0.0  # while somebody listened


@dataclass(slots=True)
class _Place:
    """One worker after another; none while the next may not be started yet."""

    worker: _Worker | None
    cameras: set[str] = field(default_factory=set)
    backoff: Backoff = field(default_factory=lambda: Backoff(random.random))
    until_s: float = 0.0


class Crew:
    """At most one worker a core, or `settings.workers`; each is started for its first camera."""

    def __init__(self, settings: VisionSettings) -> None:
        self._settings = settings
        self._most = settings.workers or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._places: list[_Place] = []

    @property
    def processes(self) -> list[int]:
        """Process ids of the workers that run."""
        with self._lock:
            running = [place.worker.process for place in self._places if place.worker is not None]
        return [process.pid for process in running if process.pid is not None]

    def assign(self, camera: str, beside: str | None = None) -> None:
        """Give a camera that nobody has to a worker: an idle one, a new one, or the idlest.

        One that is to be watched `beside` another goes to that one's worker.
        """
        if self._place_of(camera) is not None:
            return
        if beside is not None and (place := self._place_of(beside)) is not None:
            place.cameras.add(camera)
            return
        idlest = min(self._places, key=lambda place: len(place.cameras), default=None)
        if idlest is None or (idlest.cameras and len(self._places) < self._most):
            idlest = _Place(_started(self._settings))
            with self._lock:
                self._places.append(idlest)
        idlest.cameras.add(camera)

    def release(self, camera: str) -> None:
        """The camera is no longer anybody's."""
        place = self._place_of(camera)
        if place is not None:
            place.cameras.discard(camera)

    def send(self, camera: str, command: Command) -> None:
        """Tell the camera's worker; one that is dead will be told anew by whoever revives it."""
        with self._lock:
            place = self._place_of(camera)
            if place is None or place.worker is None:
                return
            try:
                place.worker.pipe.send(command)
            except OSError:
                log.warning("vision worker %s does not listen", place.worker.process.pid)

    def send_all(self, command: Command) -> None:
        """Tell every worker."""
        for place in self._places:
            for camera in sorted(place.cameras)[:1]:
                self.send(camera, command)

    def listen(self, wait_s: float) -> tuple[list[Report], list[str]]:
        """What the workers said, and the cameras of those that died. Waits for the first word."""
        here = [(place, worker) for place in self._places if (worker := place.worker) is not None]
        if not here:
            time.sleep(wait_s)
            return [], []
        begun_s = time.monotonic()
        talking = wait([worker.pipe for _, worker in here], wait_s)
        waited_s = time.monotonic() - begun_s
        reports: list[Report] = []
        orphans: list[str] = []
        for place, worker in here:
            if worker.pipe in talking and not _heard_out(worker.pipe, reports):
                self._bury(place, worker)
                orphans += sorted(place.cameras)
            _end_if_hung(place, worker, 0.0 if worker.pipe in talking else waited_s)
        return reports, orphans

    def revive(self) -> list[str]:
        """Start a new worker where it is time; the cameras that it must be told of."""
        now_s = time.monotonic()
        orphans: list[str] = []
        for place in self._places:
            if place.worker is not None:
                place.backoff.good(now_s)
            elif now_s >= place.until_s:
                worker = _started(self._settings)
                with self._lock:
                    place.worker = worker
                orphans += sorted(place.cameras)
        return orphans

    def stop(self) -> None:
        """End all workers; each ends when nobody listens to it any more."""
        with self._lock:
            workers = [place.worker for place in self._places if place.worker is not None]
            self._places = []
        for worker in workers:
            worker.pipe.close()
        until_s = time.monotonic() + _STOP_S
        for worker in workers:
            worker.process.join(max(0.0, until_s - time.monotonic()))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()

    def _bury(self, place: _Place, worker: _Worker) -> None:
        with self._lock:
            place.worker = None
            worker.pipe.close()
        worker.process.join(_STOP_S)
        if worker.process.is_alive():  # it closed its pipe and will not end
            worker.process.kill()
            worker.process.join()
        place.until_s = time.monotonic() + place.backoff.failed()
        log.error("vision worker %s ended (%s)", worker.process.pid, worker.process.exitcode)

    def _place_of(self, camera: str) -> _Place | None:
        return next((place for place in self._places if camera in place.cameras), None)


def _heard_out(pipe: Connection, reports: list[Report]) -> bool:
    """Take what a worker has said; False where it has died."""
    try:
        while pipe.poll():
            reports.append(pipe.recv())
    except (EOFError, OSError):
        return False
    return True


def _end_if_hung(place: _Place, worker: _Worker, silent_s: float) -> None:
    """End a worker that has cameras and says nothing; its pipe then tells that it has died.

    Only the time counts in which somebody listened: a gateway that was asleep accuses nobody.
    """
    worker.silent_s = worker.silent_s + silent_s if silent_s and place.cameras else 0.0
    if worker.silent_s > _SILENT_S:
        log.error("vision worker %s hangs and is ended", worker.process.pid)
        worker.process.kill()
        worker.silent_s = 0.0


def _started(settings: VisionSettings) -> _Worker:
    # A fresh interpreter: a fork would carry the threads' locks and the sockets of the gateway.
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=work, args=(there, settings), name="vision", daemon=True)
    process.start()
    there.close()
    return _Worker(process, here)
