"""A buoy's life around updates, on any disk: starts, pulls, acknowledgements, who runs."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from xunhe_boot.slots import FACTORY, Slots
from xunhe_buoy.update.updates import Updates
from xunhe_tools.bench.firmware.torn_disk import TornDisk
from xunhe_tools.bundle import pack, public_key, sign

RELEASE_SEED = bytes(range(32))
ROOT_SEED = bytes(range(32, 64))
ROOT = "slots"
CHUNK = 1024
_TICK_MS = 20


class BrickedError(Exception):
    """The buoy starts something that is no whole release, or does not get on."""


class Board:
    """What updates ask of a board; its clock goes on with every look at it."""

    NAME = "virtual"

    def __init__(self) -> None:
        self.ms = 0

    def ticks_ms(self) -> int:
        """Milliseconds."""
        self.ms += _TICK_MS
        return self.ms

    def ticks_diff(self, later: int, earlier: int) -> int:
        """Milliseconds between two ticks."""
        return later - earlier

    def uptime_s(self) -> float:
        """Seconds since the power came."""
        return self.ms / 1000


class Settings:
    """The keys of the configuration."""

    update_keys: tuple[bytes, bytes] | None = (public_key(ROOT_SEED), public_key(RELEASE_SEED))


class Image:
    """A release: its files, its bundle, its manifest. A bad one never gets a reading through."""

    def __init__(
        self,
        release: int,
        version: str = "9.0.0",
        good: bool = True,
        size: int = 900,
        board: str = "virtual",
    ) -> None:
        self.release = release
        self.good = good
        self.files = {
            f"xunhe_buoy/{name}.mpy": hashlib.shake_128(f"{release} {name}".encode()).digest(n)
            for name, n in (("__init__", 10), ("main", size), ("drivers/probe", 513))
        }
        self.bundle = pack(sorted(self.files.items()))
        signed = sign(self.bundle, release, version, board, RELEASE_SEED)
        self.manifest: dict[str, Any] = asdict(signed)


class Buoy:
    """One buoy with its disk; `start` is one power-up of it."""

    def __init__(self, disk: TornDisk, images: Iterable[Image] = ()) -> None:
        self.disk = disk
        self.images = {image.release: image for image in images}
        self.board = Board()
        self.reports: list[dict[str, Any]] = []
        self.said: list[str] = []
        self.boot = 0
        self.slots: Any = None
        self.updates: Any = None
        self.release = 0
        self._answered = 0

    def start(self) -> None:
        """Power up: choose a slot, look what is in it, begin to run it."""
        self.boot += 1
        self._answered = len(self.reports)  # what was under way is lost
        self.slots = Slots(self.disk, ROOT)
        self.release = self.release_in(self.slots.choose())
        self.updates = self.new_updates()

    def new_updates(self) -> Any:
        """The firmware's own part, as main builds it."""
        report, say = self.reports.append, self.said.append
        return Updates(self.slots, self.board, Settings, self.boot, report, say)

    def release_in(self, slot: str) -> int:
        """Number of the release whose files the slot holds to the byte; 0 for the factory's."""
        if slot == FACTORY:
            return 0
        folder = self.slots.folder(slot)
        for image in self.images.values():
            if all(self._content(f"{folder}/{n}") == data for n, data in image.files.items()):
                return image.release
        raise BrickedError(f"slot {slot} is started and holds no whole release")

    def offer(self, image: Image) -> tuple[bool, str | None]:
        """The gateway's command to take a release."""
        answer: tuple[bool, str | None] = self.updates.command({"update": image.manifest})
        return answer

    def pull(self, steps: int = 200) -> None:
        """Serve what is asked for until nothing more is, or until a restart is due."""
        for _ in range(steps):
            if not self.updates.busy or self.updates.restart_due:
                return
            self.updates.service()
            if self._answered < len(self.reports):
                self._answered += 1
                self.answer(self.reports[self._answered - 1])

    def answer(self, report: dict[str, Any]) -> None:
        """What the gateway sends for a report."""
        image = self.images.get(report["release"])
        if report["type"] == "want" and image is not None:
            offset = report["offset"]
            self.updates.chunk(image.release, offset, image.bundle[offset : offset + CHUNK])

    def measure(self) -> None:
        """A good version gets its reading through, a bad one does not."""
        if self.release == 0 or self.images[self.release].good:
            self.updates.acknowledged(self.boot)

    def states(self) -> list[tuple[str, int]]:
        """(state, release) of the updates that the gateway was told of."""
        return [(r["state"], r["release"]) for r in self.reports if r.get("event") == "update"]

    def _content(self, path: str) -> bytes | None:
        size = self.disk.size(path)
        return None if size is None else self.disk.open_file(path, "rb").read(size)
