"""The gateway of the bench: `xunhe run` as its user would start it, over the county's data."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from xunhe.adapters.store.accounts import add_user, hashed, open_session
from xunhe.adapters.store.database import Database
from xunhe_tools.bench.web import county
from xunhe_tools.bench.web.fill import fill

_START_S = 60.0
_STOP_S = 20.0
_RULES = """
[rule.ammonia_high]
looks_for = "threshold"
indicator = "nh3n_mg_l"
above = 2.0
clear_at = 1.5
severity = "severe"
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that answers; `cookie` is an operator's session."""

    url: str
    mqtt_port: int
    cookie: str


@contextmanager
def running(folder: Path, tickets: int, seed: int) -> Iterator[Running]:
    """Write the county, start the gateway, wait until it answers; end it at the end."""
    web_port, mqtt_port = _free_port(), _free_port()
    county.write(folder / "registry")
    (folder / "rules.toml").write_text(_RULES, "utf-8")
    (folder / "xunhe.toml").write_text(_settings(folder, web_port, mqtt_port), "utf-8")
    cookie = _database(folder / "xunhe.sqlite3", tickets, seed)
    command = [sys.executable, "-m", "xunhe_tools", "run", "--config", str(folder / "xunhe.toml")]
    with (folder / "gateway.log").open("wb") as log:
        gateway = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603  our own command
        try:
            found = Running(f"http://127.0.0.1:{web_port}", mqtt_port, cookie)
            _wait(found, gateway, folder / "gateway.log")
            yield found
        finally:
            gateway.terminate()
            gateway.wait(_STOP_S)


def _database(path: Path, tickets: int, seed: int) -> str:
    database = Database(path)
    database.migrate()
    now = datetime.now(UTC)
    fill(database, tickets, now, seed)
    with database.write() as connection:
        add_user(connection, "bench", hashed("a password that nobody types"), now)
    token, _ = open_session(database, "bench", now, 12)
    database.close()
    return token


def _settings(folder: Path, web_port: int, mqtt_port: int) -> str:
    return f"""
[store]
database = "{folder / "xunhe.sqlite3"}"
[registry]
folder = "{folder / "registry"}"
[mqtt]
port = {mqtt_port}
[web]
port = {web_port}
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


def _wait(found: Running, gateway: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_S
    with httpx.Client(cookies={"xunhe_session": found.cookie}, trust_env=False) as client:
        while time.monotonic() < until and gateway.poll() is None:
            try:
                client.get(f"{found.url}/api/v1/overview").raise_for_status()
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                return
    raise RuntimeError(f"the gateway did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
