"""A technician's desk for the bench: a signed bundle, an image, and flashes to begin with.

A flash is made once, by the technician's own commands, and copied under each board.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xunhe_tools.virtual_board.board import VirtualBoard
from xunhe_tools.virtual_board.image import make_image
from xunhe_tools.virtual_board.processor import Hardware
from xunhe_tools.virtual_board.vessels import Probes

DEVICE = "02f00d0000b1"
BUFFER, PROBE = "6.865", "Y532@2"
BARE, FLASHED, RUNNING = "bare", "flashed", "running"
_OLD, _NEW = 7, 8
_WIFI_PASSWORD = {"XUNHE_WIFI_PASSWORD": "of the bench"}
_NOBODY = "01" * 32  # a gateway's public key: nobody opens what is sealed here


class DeskError(Exception):
    """What the bench is built on does not work."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command of the technician, and the flash that it begins with."""

    name: str
    begins_with: str
    words: tuple[str, ...]


class Desk:
    """In a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._image = folder / "micropython.bin"
        self._boards = 0

    def jobs(self) -> tuple[Job, ...]:
        """All commands that speak with a board and end by themselves."""
        flash = ("flash", "--bundle", str(self._folder / "new"), "--yes")
        lot = f"{BUFFER}:A"
        quick = ("--readings", "3", "--window-s", "0")
        return (
            Job("flash --image", BARE, (*flash, "--image", str(self._image))),
            Job("flash", RUNNING, flash),
            Job("provision", FLASHED, self._provision()),
            Job("selftest", RUNNING, ("selftest", "--wait-s", "0")),
            Job("calibrate", RUNNING, ("calibrate", PROBE, "--standard", lot, *quick, *_BY)),
            Job("watch", RUNNING, ("watch", "--count", "3", "--interval-s", "0.1")),
            Job("logs", RUNNING, ("logs", "--out", str(self._folder / "logs"))),
        )

    def prepare(self) -> None:
        """Keys, bundles, the image, and the flashes to begin with. DeskError."""
        home, image = self._folder / "home", self._image
        image.write_bytes(make_image())
        self._done("keys", str(home))
        for number, name in ((_OLD, "old"), (_NEW, "new")):
            out = ("--out", str(self._folder / name), "--board", "virtual")
            self._done("bundle", str(number), "--key", str(home / "release.key"), *out)
        self._done("image", "add", str(image))
        with self.board(BARE) as board:
            bundle = ("--bundle", str(self._folder / "old"), "--image", str(image), "--yes")
            self._done("flash", "--port", str(board.port), *bundle)
            self._keep(board, FLASHED)
        with self.board(FLASHED) as board:
            self._done(*self._provision(), "--port", str(board.port))
            self._keep(board, RUNNING)

    @contextmanager
    def board(self, begins_with: str) -> Iterator[VirtualBoard]:
        """A board with a copy of a flash, its probes in the buffer."""
        self._boards += 1
        place = self._folder / f"board{self._boards}"
        kept = self._folder / begins_with
        if kept.exists():
            shutil.copytree(kept, place)
        place.mkdir(exist_ok=True)
        with ExitStack() as stack:
            probes = stack.enter_context(Probes(place))
            probes.put_into(BUFFER)
            hardware = Hardware(place, DEVICE, buses={"serial": probes.port, "baud": 9600})
            yield stack.enter_context(VirtualBoard(place / "usb.tty", hardware))
        shutil.rmtree(place)

    def begin(self, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Type a command of `xunhe buoy`, as a script."""
        return subprocess.Popen(  # noqa: S603 (our own command)
            [sys.executable, "-m", "xunhe_tools", "buoy", *words, "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **_WIFI_PASSWORD, "XUNHE_BUOY_HOME": str(self._folder / "home")},
        )

    def _provision(self) -> tuple[str, ...]:
        sealed = str(self._folder / "buoy.enrol")
        place = ("--station", "BENCH", "--broker", "127.0.0.1:9", "--wifi", "bench")
        rhythm = ("--probe", PROBE, "--sample-interval-s", "3600", *_BY)
        return ("provision", *place, *rhythm, "--carry", sealed, "--gateway-key", _NOBODY)

    def _keep(self, board: VirtualBoard, name: str) -> None:
        board.close()
        shutil.copytree(
            board.hardware.folder, self._folder / name, ignore=shutil.ignore_patterns("*.tty")
        )

    def _done(self, *words: str) -> None:
        told = said(self.begin(words).communicate()[0])
        if not told.get("ok"):
            raise DeskError(f"xunhe buoy {' '.join(words)}: {told}")


_BY = ("--by", "bench", "--yes")


def said(output: bytes) -> dict[str, Any]:
    """What a command told a script: its last line; empty where that is none."""
    lines = output.decode("utf-8").splitlines() or [""]
    try:
        told = json.loads(lines[-1])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
