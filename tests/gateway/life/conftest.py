"""A gateway's folder with a night's rows and evidence, and a clock of the machine."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import DEMO_REGISTRY
from tests.gateway.web.river_rows import NOW, fill
from tests.stores import migrated_file
from xunhe.adapters.backup.belongings import Belonging, belongings
from xunhe.adapters.evidence import JPEG, EvidenceStore
from xunhe.adapters.store import evidence, schema
from xunhe.adapters.store.database import Database
from xunhe.settings import Settings, load

TOML = """
[store]
database = "var/xunhe.sqlite3"
[registry]
folder = "registry"
[mqtt]
embedded = false
port = 1
[web]
port = 0
[vision]
enabled = false
"""


@dataclass(frozen=True)
class Gateway:
    """What `xunhe run` would find. Paths of the settings are relative: the test stands in it."""

    root: Path
    settings: Settings
    database: Database
    store: EvidenceStore
    pictures: tuple[str, ...]  # SHA-256

    @property
    def belongings(self) -> list[Belonging]:
        return belongings(self.settings, Path("xunhe.toml"))


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a night's rows, made once."""
    path = tmp_path_factory.mktemp("night") / "xunhe.sqlite3"
    database = Database(migrated_file(path))
    fill(database, hours=0.2)
    database.close()
    return path


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, night: Path) -> Iterator[Gateway]:
    root = tmp_path / "gateway"
    (root / "var").mkdir(parents=True)
    monkeypatch.chdir(root)
    shutil.copytree(DEMO_REGISTRY, root / "registry")
    shutil.copy(night, root / "var")
    Path("xunhe.toml").write_text(TOML)
    settings = load(Path("xunhe.toml"))
    database = Database(settings.store.database)
    store = EvidenceStore(settings.vision.evidence)
    pictures = tuple(keep(database, store, bytes([i]) * (3000 + i)) for i in range(3))
    yield Gateway(root, settings, database, store, pictures)
    database.close()


def keep(database: Database, store: EvidenceStore, data: bytes, incident_id: int = 2) -> str:
    """A picture of an incident, on the disk and in its row."""
    sha256 = store.put(data, JPEG)
    row = {
        "sha256": sha256,
        "role": "picture",
        "media_type": JPEG,
        "size": len(data),
        "incident_id": incident_id,
        "camera": "YX-C1",
        "camera_at": NOW,
        "gateway_at": NOW,
        "detail": {},
    }
    with database.write() as connection:
        evidence.add(connection, [row])
    return sha256


def rows_of(database: Database, table: sa.Table) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(table))]


def all_rows(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    return {table.name: rows_of(database, table) for table in schema.metadata.sorted_tables}


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its path."""
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def silent(_stage: str, _done: int, _total: int) -> None:
    """Progress that nobody looks at."""
