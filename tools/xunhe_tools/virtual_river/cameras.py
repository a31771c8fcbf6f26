"""`python -m xunhe_tools.virtual_river.cameras CONFIG.json`: all virtual cameras in one process.

Prints one JSON line when ready, `{"cameras": {"<code>": {"flv": URL, "ts": URL}}}`, then runs until
SIGTERM, SIGINT or the death of its parent. Exit status 2: the configuration is wrong, see stderr.
A camera that nobody listens to draws nothing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from xunhe_tools.virtual_river.camera_config import CameraConfig, CamerasConfig, load_cameras
from xunhe_tools.virtual_river.camera_server import CameraServer, Channel
from xunhe_tools.virtual_river.camera_stream import Encoder
from xunhe_tools.virtual_river.scene_ground import HEIGHT, WIDTH
from xunhe_tools.virtual_river.strict import ConfigError

USAGE = "用法 usage: python -m xunhe_tools.virtual_river.cameras CONFIG.json"


class VirtualCamera:
    """Draws, encodes and sends one camera's frames, from its own thread."""

    def __init__(self, camera: CameraConfig, config: CamerasConfig) -> None:
        self._scene = camera.draw(config.seed, config.script)
        self._clock, self._period_s = config.clock, 1 / config.fps
        self._encoder = Encoder(WIDTH, HEIGHT, config.fps, config.bit_rate)
        self._began_s = time.monotonic()
        self.channel = Channel(self._encoder.preludes, camera.password)

    def run(self, stopped: threading.Event) -> None:
        """Until `stopped`. A frame that comes too late is left out, not made up for."""
        due_s = time.monotonic()
        while not stopped.wait(max(0.0, due_s - time.monotonic())):
            if self.channel.is_heard:
                self._frame()
            due_s = max(due_s + self._period_s, time.monotonic())
        self.channel.close()

    def _frame(self) -> None:
        since_s = time.monotonic() - self._began_s
        picture = self._scene.frame(since_s, self._clock.now_s())
        as_key = self.channel.take_newcomer()
        for chunks in self._encoder.encode(picture, since_s, as_key):
            self.channel.send(chunks)


def run(config: CamerasConfig, ready: Callable[[CameraServer], None], parent: int) -> None:
    """Serve until told to stop or until process `parent` dies."""
    cameras = {camera.code: VirtualCamera(camera, config) for camera in config.cameras}
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    server = CameraServer(config.port, {code: one.channel for code, one in cameras.items()})
    threads = [threading.Thread(target=one.run, args=(stopped,)) for one in cameras.values()]
    for thread in (*threads, threading.Thread(target=server.serve_forever, daemon=True)):
        thread.start()
    ready(server)
    while not stopped.wait(1) and os.getppid() == parent:
        pass
    stopped.set()
    for thread in threads:
        thread.join()
    server.shutdown()
    server.server_close()


def main(arguments: list[str]) -> int:
    """The exit status."""
    parent = os.getppid()  # before anything slow: it may die while we start
    cv2.setNumThreads(1)  # a thread a camera is enough
    if len(arguments) != 1:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        config = load_cameras(Path(arguments[0]))
    except ConfigError as error:
        print(f"虚拟摄像机配置有误 virtual cameras, bad configuration: {error}", file=sys.stderr)
        return 2
    run(config, lambda s: print(json.dumps({"cameras": s.urls()}), flush=True), parent)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
