"""Makes a backup while the gateway runs: the database as of one instant, then the files it names.

Files of evidence never change and are only ever removed by the budget: one that goes in between is
marked as removed in the copy of the database too. The backup gets its name once it has been read
back and found whole.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO

from xunhe.adapters.backup import copies, server_dump, snapshot
from xunhe.adapters.backup.archive import MANIFEST, Writer
from xunhe.adapters.backup.belongings import DATABASE, EVIDENCE, Belonging
from xunhe.adapters.backup.errors import BackupError
from xunhe.adapters.backup.locks import Key, Lock
from xunhe.adapters.backup.manifest import Manifest, Place
from xunhe.adapters.backup.reading_back import Contents, Tell, read_back
from xunhe.adapters.evidence import EvidenceStore, MissingError
from xunhe.adapters.whole_file import PART, sync_folder

NAME = "xunhe-{:%Y%m%dT%H%M%SZ}.backup"
PATTERN = "xunhe-*.backup"


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made and read back. `lost`: evidence that was gone from the disk before."""

    path: Path
    size: int
    contents: Contents
    lost: tuple[str, ...]


def make(
    found: list[Belonging], folder: Path, lock: Lock | None, now: datetime, tell: Tell
) -> Made:
    """A backup of these belongings in a folder. BackupError, and no file, where it fails."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / NAME.format(now.astimezone(UTC))
    if path.exists():
        raise BackupError(f"{path} 已存在 / is there already: wait a second")
    with _private_file(folder) as (file, part):
        key, lost = _write(found, file, lock, now, tell)
        file.flush()
        os.fsync(file.fileno())
        contents = read_back(part, key, tell)
        part.replace(path)
    sync_folder(folder)
    return Made(path, path.stat().st_size, contents, tuple(lost))


@contextmanager
def _private_file(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file for the owner's eyes, gone at the end unless it was given its name."""
    handle, name = tempfile.mkstemp(prefix=PART, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _write(
    found: list[Belonging], file: BinaryIO, lock: Lock | None, now: datetime, tell: Tell
) -> tuple[Key | None, list[str]]:
    """All of it into a file: what opens it, and evidence that nobody removed and is not there."""
    (database,) = (each for each in found if each.name == DATABASE)
    beside = Path(str(file.name)).parent if database.address else database.path.parent
    with tempfile.TemporaryDirectory(prefix=PART, dir=beside) as workplace:
        copy = Path(workplace) / database.path.name
        tell("复制数据库 / copying the database", 0, 0)
        _copy(database, copy)
        with Writer(file, lock) as writer:
            writer.add_json(MANIFEST, _manifest(found, copy, now).as_json(), now)
            for each in found:
                if each.name not in (DATABASE, EVIDENCE):
                    _add_all(writer, each)
            (evidence,) = (each for each in found if each.name == EVIDENCE)
            gone = _add_evidence(writer, evidence, copy, tell)
            lost = _settle(database, copy, gone)
            writer.add(f"{DATABASE}/{database.path.name}", copy)
    return writer.key, lost


def _manifest(found: list[Belonging], copy: Path, now: datetime) -> Manifest:
    places = {each.name: _place(each) for each in found}
    return Manifest(now, version("xunhe"), copies.revision(copy), places)


def _place(belonging: Belonging) -> Place:
    address = server_dump.public(belonging.address) if belonging.address else ""
    return Place(str(belonging.path), belonging.is_folder, belonging.zh, address)


def _copy(database: Belonging, copy: Path) -> None:
    if database.address:
        server_dump.take(database.address, copy)
    else:
        snapshot.take(database.path, copy)


def _settle(database: Belonging, copy: Path, gone: list[str]) -> list[str]:
    """Of the files that are not there, those that the database does not know to be gone.

    A dump cannot be written to: in it, what the budget removed meanwhile stays named.
    """
    if database.address:
        return server_dump.still_claimed(database.address, gone)
    return snapshot.settle(copy, database.path, gone)


def _add_all(writer: Writer, belonging: Belonging) -> None:
    for path in belonging.files():
        try:
            writer.add(belonging.member(path), path)
        except FileNotFoundError:
            continue  # removed since the folder was listed, as whoever removed it meant


def _add_evidence(writer: Writer, evidence: Belonging, copy: Path, tell: Tell) -> list[str]:
    """The files that rows name; the digests of those that are not there."""
    store, gone = EvidenceStore(evidence.path), []
    claimed = copies.claimed(copy)
    done, total = 0, sum(each.size for each in claimed)
    for each in claimed:
        try:
            path = store.find(each.sha256)
            writer.add(evidence.member(path), path)
        except (MissingError, FileNotFoundError):
            gone.append(each.sha256)
        done += each.size
        tell("证据 / evidence", done, total)
    return gone
