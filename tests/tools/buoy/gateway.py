"""A running gateway for the technician's commands: broker, ingest and console of one folder."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.web.console_server import NAME, PASSWORD, free_port

STATION = "YX-S1"
_READY_S = 100.0  # of a busy machine


@dataclass(frozen=True)
class RunningGateway:
    """`xunhe run` as its user starts it, with an administrator."""

    url: str
    mqtt_port: int
    folder: Path
    password_file: Path

    @property
    def config(self) -> Path:
        return self.folder / "xunhe.toml"

    def options(self) -> list[str]:
        """Log-in of a command."""
        return ["--gateway", self.url, "--user", NAME, "--password-file", str(self.password_file)]

    def get(self, path: str) -> Any:
        with httpx.Client(base_url=self.url, timeout=60, trust_env=False) as client:
            client.post("/login", data={"name": NAME, "password": PASSWORD})
            return client.get(f"/api/v1{path}").raise_for_status().json()


def wait_until(is_so: Callable[[], bool], seconds: float, what: str) -> None:
    """Look again and again; the test fails where it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


@contextmanager
def running_gateway(folder: Path, registry: Path = DEMO_REGISTRY) -> Iterator[RunningGateway]:
    """From an empty folder to a console that answers, and gone at the end."""
    web, mqtt = free_port(), free_port()
    folder.mkdir(parents=True, exist_ok=True)
    settings = {
        "store": {"database": str(folder / "xunhe.sqlite3")},
        "registry": {"folder": str(registry)},
        "mqtt": {"port": mqtt},
        "web": {"port": web},
        "vision": {"enabled": False, "evidence": str(folder / "evidence")},
        "releases": {"folder": str(folder / "releases")},
        "desk": {"head_folder": str(folder / "heads")},
    }
    (folder / "xunhe.toml").write_text(
        "".join(
            f"[{section}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in keys.items())
            for section, keys in settings.items()
        )
    )
    password = folder / "password"
    password.write_text(PASSWORD + "\n")
    log = folder / "gateway.log"
    command = [sys.executable, "-m", "xunhe_tools", "run", "--config", str(folder / "xunhe.toml")]
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder)
    try:
        gateway = RunningGateway(f"http://127.0.0.1:{web}", mqtt, folder, password)
        _redeem(gateway.url, _setup_code(log, process))
        yield gateway
    finally:
        process.terminate()
        process.wait(20)


def _setup_code(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + _READY_S
    marker = "one-time administrator code: "
    while marker not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    return log.read_text().split(marker)[1].split()[0]


def _redeem(url: str, code: str) -> None:
    form = {"code": code, "name": NAME, "password": PASSWORD, "repeated": PASSWORD}
    deadline = time.monotonic() + _READY_S
    with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        while True:
            try:
                assert client.post("/setup", data=form).status_code == 303
                return
            except httpx.ConnectError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
