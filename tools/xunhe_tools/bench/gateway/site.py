"""A mosquitto and a gateway of their own, as processes that can be killed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xunhe_tools.bench.gateway import river
from xunhe_tools.bench.gateway.fleet import Buoy

RUN = (sys.executable, "-m", "xunhe_tools")
_START_S, _STOP_S, _SUBSCRIBE_S = 60.0, 20.0, 0.3
_MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")
# The limit decides when a ticket is due; the other rules look on and would speak before it.
_RULES = """
[rule.class_worse_than_target]
indicators = ["ph", "do_mg_l"]
[rule.ammonia_step]
least = 5.0
[rule.ammonia_high]
looks_for = "threshold"
indicator = "nh3n_mg_l"
above = 2.0
clear_at = 1.5
severity = "severe"
"""
# A window of 20 frames would make a transaction of each 20.
_BROKER = """
listener {port} 127.0.0.1
allow_anonymous true
max_inflight_messages 1000
max_queued_messages 100000
set_tcp_nodelay true
"""


@dataclass(slots=True)
class Site:
    """A gateway's folder, and the processes over it."""

    folder: Path
    broker_port: int
    web_port: int
    command: Sequence[str] = RUN
    environment: Mapping[str, str] = field(default_factory=dict)
    gateway: subprocess.Popen[bytes] | None = None
    _said: int = 0  # bytes of the log before this life

    @property
    def store(self) -> Path:
        """The database file."""
        return self.folder / "xunhe.sqlite3"

    @property
    def log(self) -> Path:
        """What the gateway said, all its lives one after another."""
        return self.folder / "gateway.log"

    def start(self) -> None:
        """Start the gateway; returns at once."""
        command = [*self.command, "run", "--config", str(self.folder / "xunhe.toml")]
        with self.log.open("ab") as log:
            self._said = log.tell()
            self.gateway = subprocess.Popen(  # noqa: S603  our own command
                command, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )

    @property
    def is_alive(self) -> bool:
        """Does the gateway run?"""
        return self.gateway is not None and self.gateway.poll() is None

    def kill(self) -> None:
        """SIGKILL, and nothing else."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def cpu_s(self) -> float:
        """What the gateway has used of one core, user and system, seconds."""
        if self.gateway is None:
            raise RuntimeError("the gateway does not run")
        fields = (
            Path(f"/proc/{self.gateway.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        )
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def tail(self) -> str:
        """The end of what the gateway said."""
        return self.log.read_text("utf-8", "replace")[-2000:]

    def wait_connected(self) -> float:
        """Seconds until it listens to the broker; RuntimeError where it ends instead."""
        begin_s = time.monotonic()
        while time.monotonic() - begin_s < _START_S and self.is_alive:
            if b"connected to broker" in self.log.read_bytes()[self._said :]:
                time.sleep(_SUBSCRIBE_S)
                return time.monotonic() - begin_s
            time.sleep(0.02)
        raise RuntimeError(f"the gateway did not start:\n{self.tail()}")

    def _end(self, how: signal.Signals) -> None:
        if self.gateway is not None:
            self.gateway.send_signal(how)
            self.gateway.wait(_STOP_S)
            self.gateway = None


@contextmanager
def built(folder: Path, buoys: list[Buoy], registry: int | None = None) -> Iterator[Site]:
    """Registry, store, settings and a running broker; the gateway is not started yet."""
    site = laid_out(folder, buoys, registry)
    with broker(folder, site.broker_port):
        try:
            yield site
        finally:
            site.kill()


def laid_out(folder: Path, buoys: list[Buoy], registry: int | None = None) -> Site:
    """Registry, store and settings; nothing runs yet. `registry`: stations, where there are more
    than buoys."""
    site = Site(folder, _free_port(), _free_port())
    river.write(folder / "registry", registry or len(buoys))
    river.enrol(site.store, buoys)
    (folder / "rules.toml").write_text(_RULES, "utf-8")
    (folder / "xunhe.toml").write_text(_settings(site), "utf-8")
    return site


@contextmanager
def broker(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A mosquitto of our own on this port."""
    if _MOSQUITTO is None:
        raise RuntimeError("mosquitto is missing: sudo apt install mosquitto")
    user = "user root\n" if os.getuid() == 0 else ""
    (folder / "mosquitto.conf").write_text(_BROKER.format(port=port) + user, "utf-8")
    process = subprocess.Popen(  # noqa: S603  our own command
        [_MOSQUITTO, "-c", str(folder / "mosquitto.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield process
    finally:
        process.terminate()
        process.wait(_STOP_S)


def _settings(site: Site) -> str:
    folder = site.folder
    return f"""
[store]
database = "{site.store}"
[registry]
folder = "{folder / "registry"}"
[mqtt]
embedded = false
port = {site.broker_port}
[web]
port = {site.web_port}
read_without_login = true
[rules]
file = "{folder / "rules.toml"}"
[vision]
enabled = false
evidence = "{folder / "evidence"}"
[desk]
head_folder = "{folder / "head"}"
[documents]
packages = "{folder / "packages"}"
"""


def _wait_for(port: int) -> None:
    until_s = time.monotonic() + _STOP_S
    while not _listens(port):
        if time.monotonic() > until_s:
            raise RuntimeError(f"nothing listens on port {port}")
        time.sleep(0.02)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
