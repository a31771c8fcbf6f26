"""Writes the export from a copy of the database: one instant, while the gateway goes on."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from xunhe.adapters import registry_file
from xunhe.adapters.backup import snapshot
from xunhe.adapters.evidence import EvidenceStore, MissingError
from xunhe.adapters.registry_tables.writing import geojson_text
from xunhe.adapters.store import schema
from xunhe.adapters.store.address import file_at
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.spans import Span
from xunhe.adapters.whole_file import PART
from xunhe.codecs.tables import as_csv, as_geojson
from xunhe.settings import Settings
from xunhe.web.exports.datasets import DATASETS, Asked
from xunhe_tools.export.folder import ExportFolder, new_folder
from xunhe_tools.export.tables import described, lines

Tell = Callable[[str, int, int], None]  # stage, done, of how many

_ALL_TIME = Span(datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
_ON_THE_MAP = frozenset({"incidents", "tickets"})  # beside CSV as GeoJSON
_README = Path(__file__).with_name("README.md")


def export(settings: Settings, out: Path, now: datetime, tell: Tell, *, personal: bool) -> Path:
    """Export everything into a new folder. FileExistsError, BackupError, RegistryError."""
    path = file_at(settings.store.database)
    with (
        new_folder(out) as folder,
        tempfile.TemporaryDirectory(prefix=PART, dir=path.parent) as workplace,
    ):
        copy = Path(workplace) / "xunhe.sqlite3"
        tell("复制数据库 / copying the database", 0, 0)
        snapshot.take(path, copy)
        database = Database(copy)
        try:
            database.migrate()
            rows = _tables(folder, database, tell, personal=personal)
            _datasets(folder, database, settings, tell)
        finally:
            database.close()
        lost = _evidence(folder, copy, settings.vision.evidence, tell)
        _registry(folder, settings.registry.folder, personal=personal)
        about = {
            "xunhe": version("xunhe"),
            "exported_at": now.isoformat(),
            "rows": rows,
            "evidence_lost": lost,
            "tables": described(with_personal=personal),
        }
        folder.write("schema.json", [json.dumps(about, ensure_ascii=False, indent=1)])
        folder.write("README.md", [_README.read_text("utf-8")])
    return out


def _tables(
    folder: ExportFolder, database: Database, tell: Tell, *, personal: bool
) -> Mapping[str, int]:
    """Each table as JSON lines; how many rows each has."""
    found = {}
    tables = schema.metadata.sorted_tables
    for number, table in enumerate(tables):
        tell(f"表 / table {table.name}", number, len(tables))
        counted = _Counted()
        with database.read() as connection:
            rows = lines(connection, table, with_personal=personal)
            folder.write(f"tables/{table.name}.jsonl", counted.through(rows))
        found[table.name] = counted.n
    return found


class _Counted:
    """How many pieces have gone by."""

    def __init__(self) -> None:
        self.n = 0

    def through(self, pieces: Iterator[str]) -> Iterator[str]:
        """The pieces, counted."""
        for piece in pieces:
            self.n += 1
            yield piece


def _datasets(folder: ExportFolder, database: Database, settings: Settings, tell: Tell) -> None:
    """What a spreadsheet or a map wants, with units and places."""
    registry = registry_file.load(settings.registry.folder)
    asked = Asked(database, registry, _ALL_TIME, None)
    for number, (name, dataset) in enumerate(DATASETS.items()):
        tell(f"{name}.csv", number, len(DATASETS))
        found = dataset(asked)
        folder.write(f"{name}.csv", as_csv(found.columns, found.batches, for_excel=False))
        if name in _ON_THE_MAP:
            found = dataset(asked)
            folder.write(f"{name}.geojson", as_geojson(found.columns, found.batches))


def _evidence(folder: ExportFolder, copy: Path, shelf: Path, tell: Tell) -> list[str]:
    """The files that rows name; the digests of those that are not there."""
    store, lost = EvidenceStore(shelf), []
    claimed = snapshot.claimed(copy)
    done, total = 0, sum(each.size for each in claimed)
    for each in claimed:
        try:
            source = store.find(each.sha256)
            folder.copy(f"evidence/{source.relative_to(shelf).as_posix()}", source)
        except (MissingError, FileNotFoundError):
            lost.append(each.sha256)
        done += each.size
        tell("证据 / evidence", done, total)
    return lost


def _registry(folder: ExportFolder, registry: Path, *, personal: bool) -> None:
    """The map for everybody; the whole registry, with people and telephones, on request."""
    folder.write("registry.geojson", [geojson_text(registry_file.read_book(registry))])
    if personal:
        for path in sorted(p for p in registry.rglob("*") if p.is_file()):
            folder.copy(f"registry/{path.relative_to(registry).as_posix()}", path)
