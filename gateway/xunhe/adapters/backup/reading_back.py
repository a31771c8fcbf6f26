"""Reads a backup from its first byte to its last and says what it holds and what is wrong.

Every file has the SHA-256 of the list at the end; every file of evidence the one in its name; the
database passes its own engine's check and names no file that is not there.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol

from xunhe.adapters.backup import copies
from xunhe.adapters.backup.archive import MANIFEST, SUMS, Member, Reader
from xunhe.adapters.backup.belongings import DATABASE, EVIDENCE
from xunhe.adapters.backup.errors import DamagedBackupError
from xunhe.adapters.backup.locks import Key
from xunhe.adapters.backup.manifest import Manifest, manifest_of
from xunhe.adapters.whole_file import PART

Tell = Callable[[str, int, int], None]  # stage, bytes done, bytes in all (0: not known)
_MOST_JSON = 64 * 2**20  # bytes of the manifest, or of a list of half a million files
_STAGE = "核对 / verifying"


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds. `files` and `sizes` (bytes) by belonging.

    `damaged`: evidence whose bytes had changed on the gateway before; `missing`: evidence that rows
    name and that was gone before. Both came into the backup so, and say something of the gateway.
    """

    manifest: Manifest
    files: dict[str, int]
    sizes: dict[str, int]
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass
class _Tally:
    """What has been read so far."""

    sums: dict[str, str] = field(default_factory=dict)
    files: Counter[str] = field(default_factory=Counter)
    sizes: Counter[str] = field(default_factory=Counter)
    damaged: list[str] = field(default_factory=list)
    evidence: set[str] = field(default_factory=set)

    def add(self, member: Member, digest: str) -> None:
        belonging = belonging_of(member)
        self.sums[member.name] = digest
        self.files[belonging] += 1
        self.sizes[belonging] += member.size
        if belonging == EVIDENCE:
            named = PurePosixPath(member.name).stem
            self.evidence.add(named)
            if digest != named:
                self.damaged.append(named)


class Sink(Protocol):
    """Where the files of a backup go while it is read."""

    def begin(self, manifest: Manifest) -> None:
        """What is coming."""
        ...

    def file(self, member: Member) -> AbstractContextManager[BinaryIO | None]:
        """The file to write a member to; None: it is only read."""
        ...

    def database(self) -> Path:
        """Where the database was written to."""
        ...


@dataclass(frozen=True, slots=True)
class _Passing:
    """Keeps the database for as long as it is being checked, and nothing else."""

    workplace: Path

    def begin(self, manifest: Manifest) -> None:
        """Nothing to prepare."""

    @contextmanager
    def file(self, member: Member) -> Iterator[BinaryIO | None]:
        """A file for the database alone."""
        if belonging_of(member) != DATABASE:
            yield None
            return
        with private_file(self.database()) as file:
            yield file

    def database(self) -> Path:
        """In the workplace."""
        return self.workplace / "xunhe.sqlite3"


def belonging_of(member: Member) -> str:
    """The belonging that a member is of."""
    return PurePosixPath(member.name).parts[0]


def private_file(path: Path) -> BinaryIO:
    """A new file for its owner's eyes. FileExistsError where a backup names a file twice."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def read_back(path: Path, key: Key | None, tell: Tell) -> Contents:
    """Read a whole backup, keeping nothing. DamagedBackupError, WrongKeyError."""
    with tempfile.TemporaryDirectory(prefix=PART, dir=path.parent) as workplace:
        return unpack(path, key, _Passing(Path(workplace)), tell)


def unpack(path: Path, key: Key | None, sink: Sink, tell: Tell) -> Contents:
    """Read a whole backup into a sink and check all of it. DamagedBackupError, WrongKeyError."""
    tally, size = _Tally(), path.stat().st_size
    told: dict[str, str] | None = None
    with Reader(path, key) as reader:
        members = iter(reader)
        manifest = _manifest(members, tally)
        sink.begin(manifest)
        for member in members:
            if member.name == SUMS:
                told = _sums(_small(member)[0])
                continue
            with sink.file(member) as file:
                tally.add(member, member.copy_to(file))
            tell(_STAGE, min(sum(tally.sizes.values()), size), size)
    _check_sums(tally.sums, told)
    return _contents(manifest, tally, sink.database())


def _manifest(members: Iterator[Member], tally: _Tally) -> Manifest:
    first = next(members, None)
    if first is None or first.name != MANIFEST:
        raise DamagedBackupError("备份没有清单 / the backup has no manifest: use another")
    text, tally.sums[MANIFEST] = _small(first)
    return manifest_of(_parsed(text))


def _small(member: Member) -> tuple[bytes, str]:
    """The bytes of a member that fits into memory, and their SHA-256."""
    if member.size > _MOST_JSON:
        raise DamagedBackupError(f"备份已损坏 / {member.name} is absurdly large: use another")
    with tempfile.SpooledTemporaryFile(_MOST_JSON) as file:
        digest = member.copy_to(file)  # type: ignore[arg-type]
        file.seek(0)
        return file.read(), digest


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DamagedBackupError("备份的清单无法读取 / the manifest cannot be read") from error


def _sums(text: bytes) -> dict[str, str]:
    lines = (line.partition("  ") for line in text.decode(errors="replace").splitlines())
    return {name: digest for digest, _, name in lines}


def _check_sums(found: dict[str, str], told: dict[str, str] | None) -> None:
    if told is None:
        raise DamagedBackupError("备份不完整：缺少校验表 / the backup lacks its list of sums")
    wrong = sorted(name for name in found.keys() | told.keys() if found.get(name) != told.get(name))
    if wrong:
        raise DamagedBackupError(
            f"{len(wrong)} 个文件与校验表不符 / files differ from the list of sums: {wrong[0]}"
        )


def _contents(manifest: Manifest, tally: _Tally, database: Path) -> Contents:
    if not database.is_file():
        raise DamagedBackupError("备份里没有数据库 / the backup holds no database")
    if flaws := copies.flaws(database):
        raise DamagedBackupError(f"备份里的数据库有误 / its database is broken: {flaws[0]}")
    missing = tuple(
        each.sha256 for each in copies.claimed(database) if each.sha256 not in tally.evidence
    )
    return Contents(
        manifest, dict(tally.files), dict(tally.sizes), tuple(sorted(tally.damaged)), missing
    )
