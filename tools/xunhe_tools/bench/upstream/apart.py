"""The platform in a process of its own, as a real one is; told what to do over a pipe."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from xunhe_tools.hj212_platform.platform import Platform

Arrived = tuple[str, str, float]  # CN, DataTime, seconds of the machine's monotonic clock


@dataclass(frozen=True, slots=True)
class Apart:
    """Commands to the platform's process."""

    port: int
    _pipe: Connection

    def shut(self) -> None:
        """Vanish."""
        self._ask("shut")

    def open(self) -> None:
        """Listen again."""
        self._ask("open")

    def hang_up(self) -> None:
        """End the connections that there are."""
        self._ask("shut")
        self._ask("open")

    def count(self) -> int:
        """How many uploads it has kept."""
        return int(self._ask("count"))

    def arrived(self) -> list[Arrived]:
        """What it has kept, in the order of coming."""
        found: list[Arrived] = self._ask("arrived")
        return found

    def repeats(self) -> int:
        """How often an upload came again that it had already."""
        return int(self._ask("repeats"))

    def _ask(self, what: str) -> Any:
        self._pipe.send(what)
        return self._pipe.recv()


@contextmanager
def platform_apart() -> Iterator[Apart]:
    """Start it; it ends with the block."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield Apart(here.recv(), here)
        here.send("end")
        process.join(10)
    finally:
        process.terminate()


def _serve(pipe: Connection) -> None:
    with Platform() as platform:
        pipe.send(platform.port)
        while (what := pipe.recv()) != "end":
            pipe.send(_done(platform, what))


def _done(platform: Platform, what: str) -> Any:
    match what:
        case "shut":
            return platform.shut()
        case "open":
            return platform.open()
        case "count":
            return len(platform.kept)
        case "repeats":
            return platform.repeats
    kept = list(platform.kept.items())
    return [(cn, data_time, each.at_s) for (_, cn, data_time), each in kept]
