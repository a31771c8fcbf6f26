"""A real mosquitto on free ports."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_TRIES = 5  # whoever else takes a port between our look and mosquitto's, takes another one then
_PATIENCE_S = 60

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


def free_port() -> int:
    """A TCP port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def nobody() -> Iterator[int]:
    """A port where nobody listens, and where nobody can begin to meanwhile."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])


@contextmanager
def mosquitto(folder: Path) -> Iterator[int]:
    """Run mosquitto; yields its port."""
    with listening(folder, 1, lambda port: f"listener {port} 127.0.0.1\n") as (port,):
        yield port


@contextmanager
def listening(folder: Path, count: int, listeners: Callable[..., str]) -> Iterator[tuple[int, ...]]:
    """Run mosquitto with `listeners(*ports)` in its configuration; yields these `count` ports."""
    process, ports = _started(folder / "mosquitto.conf", count, listeners)
    try:
        yield ports
    finally:
        process.kill()  # it keeps nothing
        process.wait()


def _started(
    config: Path, count: int, listeners: Callable[..., str]
) -> tuple[subprocess.Popen[bytes], tuple[int, ...]]:
    assert MOSQUITTO is not None
    for _ in range(_TRIES):
        ports = tuple(free_port() for _ in range(count))
        config.write_text(f"allow_anonymous true\nuser root\n{listeners(*ports)}")
        process = subprocess.Popen(
            [MOSQUITTO, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if _listens(process, ports):
            return process, ports
    raise AssertionError(f"mosquitto does not run: {config.read_text()}")


def _listens(process: subprocess.Popen[bytes], ports: tuple[int, ...]) -> bool:
    """False as soon as it has ended."""
    deadline = time.monotonic() + _PATIENCE_S
    while process.poll() is None:
        if all(map(_accepts, ports)) and process.poll() is None:
            return True
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
        time.sleep(0.02)
    return False


def _accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def wait_for(port: int, seconds: float = _PATIENCE_S) -> None:
    """Return once something listens on the port."""
    deadline = time.monotonic() + seconds
    while not _accepts(port):
        assert time.monotonic() < deadline, f"nothing listens on {port}"
        time.sleep(0.05)
