"""A worker process: some cameras, one pipeline each, one pair of models for all.

Frames are judged on one thread, the cameras in turn, each at its newest frame; the streams are read
on threads of their own. A worker ends when the gateway no longer listens.
"""

import logging
import queue
import signal
import threading
import time
from multiprocessing.connection import Connection

import cv2

from xunhe.adapters.camera.domes import Domes
from xunhe.adapters.camera.full_rate import FullRate
from xunhe.adapters.camera.messages import (
    Command,
    Dismiss,
    Drop,
    Rain,
    Report,
    Show,
    Watch,
)
from xunhe.adapters.camera.watched import Watched
from xunhe.settings import VisionSettings
from xunhe.vision.eyes import Eyes

log = logging.getLogger(__name__)

_IDLE_S = 0.5


def work(pipe: Connection, settings: VisionSettings) -> None:
    """The process. Returns when the other end of `pipe` is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the gateway, which ends us
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    cv2.setNumThreads(1)
    Worker(pipe, settings, Eyes.load(settings.debris_model, settings.discharge_model)).run()


class Worker:
    """The cameras of one process."""

    def __init__(self, pipe: Connection, settings: VisionSettings, eyes: Eyes) -> None:
        self._pipe, self._settings, self._eyes = pipe, settings, eyes
        self._watched: dict[str, Watched] = {}
        self._ready = threading.Event()
        self._full_rate, self._domes = FullRate(), Domes()
        self._rain_mm_h: float | None = None
        self._sending = threading.Lock()
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()

    def run(self) -> None:
        """Judge frames until the gateway hangs up."""
        threading.Thread(target=self._listen, name="commands", daemon=True).start()
        while self._obey():
            self._ready.wait(_IDLE_S)
            self._ready.clear()
            while self._commands.empty() and self._step_all():
                pass
        for watched in self._watched.values():
            watched.stop()
        self._domes.stop()

    def _step_all(self) -> bool:
        """Each camera's newest frame in turn; False where none had one."""
        cameras = list(self._watched.values())
        busy = {watched.camera.code for watched in cameras if watched.is_busy}
        self._domes.step(time.monotonic(), busy)
        return sum(watched.step(time.time(), time.monotonic()) for watched in cameras) > 0

    def _listen(self) -> None:
        try:
            while True:
                self._commands.put(self._pipe.recv())
                self._ready.set()
        except (EOFError, OSError):
            self._commands.put(None)
            self._ready.set()

    def _obey(self) -> bool:
        """Carry out what was asked; False where nobody asks any more."""
        while not self._commands.empty():
            command = self._commands.get()
            if command is None:
                return False
            self._carry_out(command)
        return True

    def _carry_out(self, command: Command) -> None:
        match command:
            case Watch():
                self._watch(command)
            case Drop(camera) if camera in self._watched:
                self._let_go(self._watched.pop(camera))
            case Show(camera) if camera in self._watched:
                self._watched[camera].show()
            case Dismiss(camera, zone) if camera in self._watched:
                self._watched[camera].dismiss(zone)
            case Rain(mm_h):
                self._rain_mm_h = mm_h
                for watched in self._watched.values():
                    watched.take_rain(mm_h)

    def _watch(self, command: Watch) -> None:
        """A camera that is watched already goes on with what it remembers, under the new zones."""
        code, memory = command.camera.code, command.memory
        before = self._watched.get(code)
        if before is not None and before.camera == command.camera:
            before.take_over(command.zones)
            return
        if before is not None:
            memory = before.memory()
            self._let_go(before)
        self._watched[code] = Watched(
            Watch(command.camera, command.zones, memory),
            self._eyes,
            self._settings,
            self._say,
            self._ready.set,
            self._full_rate,
            self._domes.join(command.camera),
        )
        self._watched[code].take_rain(self._rain_mm_h)

    def _let_go(self, watched: Watched) -> None:
        watched.stop()
        self._domes.leave(watched.camera)

    def _say(self, report: Report) -> None:
        try:
            with self._sending:
                self._pipe.send(report)
        except OSError:
            self._commands.put(None)
