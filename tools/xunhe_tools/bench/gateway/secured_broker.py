"""A secured broker on a free port of this machine: mosquitto or the embedded one, alike."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from xunhe.adapters import broker_files
from xunhe.adapters.broker import EmbeddedBroker, Secured
from xunhe.adapters.broker_rights import Rights
from xunhe.adapters.https import authority
from xunhe.adapters.https.names import Names
from xunhe.adapters.store.devices import Device
from xunhe.domain.clock import SystemClock

HOST = "localhost"
MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
_START_S = 20.0


@dataclass(frozen=True, slots=True)
class Running:
    """Where the broker is, and how it is given other rights."""

    port: int
    change: Callable[[Rights], object]

    @property
    def address(self) -> tuple[str, int]:
        return HOST, self.port


def kinds() -> tuple[str, ...]:
    """The brokers that this machine has."""
    return ("embedded",) if MOSQUITTO is None else ("embedded", "mosquitto")


def drawn_devices(seed: int, count: int) -> list[Device]:
    """So many devices at a station each, with keys of the seed: for measurements only."""
    drawn = Random(seed)  # noqa: S311
    return [
        Device(f"{drawn.getrandbits(48):012x}", f"S-{i:03d}", drawn.randbytes(32))
        for i in range(count)
    ]


def certify(folder: Path, names: Sequence[str] = (HOST,)) -> None:
    """An authority and a certificate for these names, in the folder."""
    now = SystemClock().now()
    wanted = Names((), ()).with_more(names)
    authority.carry_out(authority.plan(folder, wanted, now, is_constrained=False), now)


@contextmanager
def running(kind: str, folder: Path, rights: Rights) -> Iterator[Running]:
    """Run the broker `kind` with the certificate in `folder`."""
    with (_embedded if kind == "embedded" else _mosquitto)(folder, rights) as broker:
        yield broker


@contextmanager
def _embedded(folder: Path, rights: Rights) -> Iterator[Running]:
    port = _free_port()
    broker = EmbeddedBroker("127.0.0.1", port, Secured(folder, rights))
    broker.start()
    try:
        yield Running(port, broker.change)
    finally:
        broker.stop()


@contextmanager
def _mosquitto(folder: Path, rights: Rights) -> Iterator[Running]:
    port = _free_port()
    broker_files.write(folder, rights)
    file = folder / broker_files.CONFIGURATION
    file.write_text(broker_files.configuration(folder, port))
    command = [MOSQUITTO or "mosquitto", "-c", str(file)]
    with (folder / "mosquitto.log").open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)  # noqa: S603

    def change(changed: Rights) -> None:
        broker_files.write(folder, changed)
        broker_files.have_read_again(folder)

    try:
        _wait_for(port)
        yield Running(port, change)
    finally:
        process.terminate()
        process.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
