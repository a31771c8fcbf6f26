"""Lays out a province in a folder: registry, database, settings of every worker."""

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.store import gateways, schema
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.upsert import insert
from xunhe_tools.demo.children import Child, gateway_command
from xunhe_tools.demo.plan import free_port
from xunhe_tools.private_postgres import PrivatePostgres
from xunhe_tools.province.land import Land, key_of
from xunhe_tools.province.nodes import Node

NAME = "province"
_BACK_S = 300 * 86_400.0  # the river's time runs faster than ours and must not overtake it


@dataclass(frozen=True, slots=True)
class Worker:
    """A desk worker: its pages' port and its process."""

    port: int
    child: Child


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything of one province lies."""

    folder: Path
    land: Land

    @property
    def registry(self) -> Path:
        """Of the whole province."""
        return self.folder / "registry"

    def lay_out(self) -> None:
        """The folder and the registry in it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.land.write(self.registry)

    def worker(self, number: int, nodes: list[Node], url: str, replicas: int = 3) -> Worker:
        """One more desk worker; nothing runs yet."""
        name, port = f"desk-{number}", free_port(0)
        folder = self.folder / name
        folder.mkdir()
        settings: dict[str, dict[str, object]] = {
            "store": {"database": url},
            "registry": {"folder": str(self.registry)},
            "stream": {"nats": [node.address for node in nodes], "replicas": replicas},
            "web": {"port": port, "read_without_login": True},
            "vision": {"evidence": str(folder / "evidence")},
            "desk": {"head_folder": str(folder / "desk-head")},
        }
        config = write_toml(folder / "xunhe.toml", settings)
        command = [*gateway_command(config)[:-3], "desk", "--config", str(config)]
        return Worker(port, Child(name, command, folder / "log"))

    def gateways(self, nodes: list[Node], seed: int, every_s: float) -> Child:
        """The process of all simulated gateways; nothing runs yet."""
        folder = self.folder / "gateways"
        folder.mkdir()
        now_s = time.time()
        course = {"wall_s": now_s, "river_s": now_s - _BACK_S, "every_s": every_s, "seed": seed}
        plan = {
            "land": asdict(self.land),
            "folder": str(folder),
            "registry": str(self.registry),
            "mqtt": [node.ports.mqtt for node in nodes],
            "course": course,
        }
        file = folder / "plan.json"
        file.write_text(json.dumps(plan), "utf-8")
        command = [sys.executable, "-m", "xunhe_tools.province.gateways", str(file)]
        return Child("gateways", command, folder / "log")


def make_database(server: PrivatePostgres, land: Land) -> str:
    """The province's database with all gateways and buoys enrolled; its URL."""
    admin = sa.create_engine(
        sa.make_url(server.url()).set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {NAME}")
    admin.dispose()
    url = server.url(NAME)
    database, now = Database.open(url), datetime.now(UTC)
    with database.write() as connection:
        for code in land.codes():
            gateways.enrol(connection, code, key_of(code), now)
        enrol_buoys(connection, land, land.codes(), now)
    database.close()
    return url


def enrol_buoys(connection: sa.Connection, land: Land, codes: Iterable[str], now: datetime) -> None:
    """All buoys of these gateways that are not enrolled yet."""
    rows = [
        {
            "device": buoy.address.hex(),
            "station": buoy.station,
            "key": buoy.key,
            "enrolled_at": now,
            "left_at": None,
        }
        for code in codes
        for buoy in land.buoys_of(code)
    ]
    connection.execute(insert(schema.device).on_conflict_do_nothing(), rows)


def write_toml(path: Path, tables: dict[str, dict[str, object]]) -> Path:
    """A settings file; every value is one that JSON and TOML write alike."""
    lines: list[str] = []
    for name, table in tables.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
