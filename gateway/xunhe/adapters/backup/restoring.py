"""Puts a backup back: a plan that changes nothing, then files beside their places, then names.

What lies in a place already is renamed aside, never deleted. Everything has been read and checked
before the first name changes; the database comes last, and a gateway that finds evidence without a
database does not start: a restore that was interrupted shows, and can be run again.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from xunhe.adapters.backup import server_dump, snapshot
from xunhe.adapters.backup.archive import Member
from xunhe.adapters.backup.belongings import DATABASE
from xunhe.adapters.backup.errors import BackupError, DamagedBackupError
from xunhe.adapters.backup.locks import Key
from xunhe.adapters.backup.manifest import Manifest, Place
from xunhe.adapters.backup.reading_back import (
    Contents,
    Tell,
    belonging_of,
    private_file,
    read_back,
    unpack,
)
from xunhe.adapters.whole_file import PART, sync_folder

ASIDE = "{}.before-restore-{:%Y%m%dT%H%M%SZ}"
_SIDE_FILES = ("-wal", "-shm")  # of a database: they are part of it and go where it goes


@dataclass(frozen=True, slots=True)
class Placement:
    """One belonging and where it goes; `is_there`: something lies there now and goes aside.

    `address`: of a server's database, which has to be empty.
    """

    name: str
    zh: str
    target: Path
    is_folder: bool
    files: int
    size: int
    is_there: bool
    address: str = ""

    @property
    def where(self) -> str:
        """For people."""
        return server_dump.public(self.address) if self.address else str(self.target)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a restore would do, or has done."""

    contents: Contents
    placements: tuple[Placement, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a backup goes. `root` is the gateway's working folder: paths that the settings give
    relatively lie below it. `address`: of the server's database, where it is not that of before."""

    root: Path
    address: str = ""


def plan(path: Path, key: Key | None, goal: Goal, tell: Tell) -> Plan:
    """Read and check the whole backup; nothing is written but a passing copy of the database."""
    contents = read_back(path, key, tell)
    return Plan(contents, _placements(contents, goal))


def put_back(path: Path, key: Key | None, goal: Goal, now: datetime, tell: Tell) -> Plan:
    """Restore. BackupError, and nothing changed, where the backup is not whole or is in use."""
    goal.root.mkdir(parents=True, exist_ok=True)
    with ExitStack() as workplaces:
        stage = _Stage(goal.root, workplaces)
        contents = unpack(path, key, stage, tell)
        placements = _placements(contents, goal)
        _refuse_while_in_use(placements)
        for each in placements:
            _place(each, stage.staged[each.name], now)
    return Plan(contents, placements)


@dataclass
class _Stage:
    """Files on the same disk as their places, until all of them have been checked."""

    root: Path
    workplaces: ExitStack
    staged: dict[str, Path] = field(default_factory=dict)

    def begin(self, manifest: Manifest) -> None:
        """A workplace beside each belonging's place."""
        for name, place in manifest.places.items():
            target = _target(self.root, place)
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            workplace = tempfile.TemporaryDirectory(prefix=PART, dir=target.parent)
            self.staged[name] = Path(self.workplaces.enter_context(workplace)) / name
            self.staged[name].mkdir()

    @contextmanager
    def file(self, member: Member) -> Iterator[BinaryIO | None]:
        """The member's own file, on the disk when the context ends."""
        if belonging_of(member) not in self.staged:
            raise DamagedBackupError(f"备份清单没有 {member.name} / its manifest does not know it")
        within = PurePosixPath(member.name).parts[1:]
        path = self.staged[belonging_of(member)].joinpath(*within)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with private_file(path) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, (member.mtime_s, member.mtime_s))

    def database(self) -> Path:
        """The one file of its belonging; a path where nothing is, if it did not come."""
        found = self.staged.get(DATABASE, self.root / DATABASE)
        return next(iter(found.glob("*")), found / "xunhe.sqlite3")


def _placements(contents: Contents, goal: Goal) -> tuple[Placement, ...]:
    """What the backup holds, the database last."""
    places = contents.manifest.places
    held = [name for name in places if contents.files.get(name)]
    held.sort(key=lambda name: name == DATABASE)
    return tuple(_placement(name, places[name], contents, goal) for name in held)


def _placement(name: str, place: Place, contents: Contents, goal: Goal) -> Placement:
    target = _target(goal.root, place)
    how_much = contents.files[name], contents.sizes[name]
    if not place.address:
        return Placement(name, place.zh, target, place.is_folder, *how_much, target.exists())
    address = goal.address or place.address
    is_there = not server_dump.is_empty(address)
    return Placement(name, place.zh, target, place.is_folder, *how_much, is_there, address)


def _target(root: Path, place: Place) -> Path:
    """An absolute path is meant as it is: that of a gateway that is installed."""
    return root / place.path


def _refuse_while_in_use(placements: tuple[Placement, ...]) -> None:
    for each in placements:
        if each.address and each.is_there:
            raise BackupError(
                f"{each.where} 不是空库 / is not empty: 另建一个空库，用 --database 指明 / make an"
                " empty one (createdb) and name it by --database"
            )
        if each.name == DATABASE and snapshot.is_in_use(each.target):
            raise BackupError(
                f"{each.target} 正在使用 / is in use: 先停止网关 / stop the gateway first:"
                " systemctl stop xunhe"
            )


def _place(placement: Placement, staged: Path, now: datetime) -> None:
    if placement.address:
        server_dump.put_back(next(iter(staged.iterdir())), placement.address)
    else:
        _swap(placement, staged, now)


def _swap(placement: Placement, staged: Path, now: datetime) -> None:
    """Move what is there aside and what was restored into its place."""
    target = placement.target
    stamp = now.astimezone(UTC)
    for path in (target, *(Path(f"{target}{side}") for side in _SIDE_FILES)):
        if path.exists():
            aside = ASIDE.format(target, stamp) + str(path).removeprefix(str(target))
            path.rename(aside)
    made = staged if placement.is_folder else next(iter(staged.iterdir()))
    made.rename(target)
    sync_folder(target.parent)
