"""A file system in memory that loses power: what was not synced is torn or gone when it comes back.

Harsher than littlefs or ext4: of the names made, moved and removed since the last `sync` any subset
survives; of the bytes written since a file's last `flush` any prefix, with rubbish behind it.
Interface of xunhe_boot.disk. Every call that changes something is one operation.
"""

import random
from dataclasses import dataclass, field

_FREE = 1 << 24


class PowerCut(Exception):  # noqa: N818  an event, not an error of the code under test
    """The power went during this operation."""


@dataclass(slots=True, eq=False)
class Inode:
    """A file's bytes: as the program sees them, and as they are on the medium for sure."""

    live: bytearray = field(default_factory=bytearray)
    safe: bytes = b""

    def after_a_cut(self, rng: random.Random) -> bytes:
        """What is found when the power comes back."""
        fate = rng.random()
        if self.live == self.safe or fate < 0.3:
            return self.safe
        if fate < 0.4:
            return bytes(self.live)
        whole = rng.randrange(len(self.live) + 1)
        torn = rng.randrange(min(40, len(self.live) - whole) + 1)
        old = self.safe[whole + torn :] if fate < 0.7 else b""
        return bytes(self.live[:whole]) + rng.randbytes(torn) + old


@dataclass(slots=True)
class Names:
    """What is called how: files, and folders."""

    files: dict[str, Inode] = field(default_factory=dict)
    folders: set[str] = field(default_factory=lambda: {""})

    def copy(self) -> "Names":
        """Names of their own for the same files."""
        return Names(dict(self.files), set(self.folders))

    def apply(self, change: "Change") -> None:
        """Carry a change out, as far as it still makes sense."""
        if change.what == "mkdir":
            self.folders.add(change.path)
        elif change.what == "rmdir":
            if not any(n.startswith(change.path + "/") for n in (*self.files, *self.folders)):
                self.folders.discard(change.path)
        else:
            self.files.pop(change.path, None)
            if change.inode is not None:
                self.files[change.to or change.path] = change.inode

    def drop_homeless(self) -> None:
        """A file whose folder was lost is lost."""
        for path in list(self.files):
            if _folder(path) not in self.folders:
                del self.files[path]


@dataclass(frozen=True, slots=True)
class Change:
    """Of a name: "link", "move" (to `to`) and "unlink" of a file, "mkdir" and "rmdir"."""

    what: str
    path: str
    inode: Inode | None = None
    to: str | None = None


class TornDisk:
    """`cut_at`: the operation (from 1) in which the power goes, 0 for never."""

    def __init__(self, seed: int = 0, cut_at: int = 0) -> None:
        self.cut_at = cut_at
        self.operations = 0
        self.touched: list[str] = []  # path of every operation, in order
        self._random = random.Random(seed)  # noqa: S311  a plan, not a secret
        self._names = Names()
        self._safe = Names()
        self._pending: list[Change] = []  # since the last sync

    # -- the interface of xunhe_boot.disk

    def open_file(self, path: str, mode: str) -> "OpenFile":
        """Modes "rb", "r+b" and "wb"."""
        if mode == "wb":
            inode = Inode()
            self._change(Change("link", path, inode))
        elif path in self._names.files:
            inode = self._names.files[path]
        else:
            raise FileNotFoundError(path)
        return OpenFile(self, path, inode)

    def rename(self, old: str, new: str) -> None:
        """Move a file over another."""
        self._change(Change("move", old, self._names.files[old], new))

    def remove(self, path: str) -> None:
        """Remove a file."""
        if path not in self._names.files:
            raise FileNotFoundError(path)
        self._change(Change("unlink", path))

    def mkdir(self, path: str) -> None:
        """Make a folder."""
        self._change(Change("mkdir", path))

    def rmdir(self, path: str) -> None:
        """Remove an empty folder."""
        if self.listdir(path):
            raise OSError(39, "not empty", path)
        self._change(Change("rmdir", path))

    def listdir(self, path: str) -> list[str]:
        """Names in a folder."""
        names = (*self._names.files, *self._names.folders)
        return sorted(n[len(path) + 1 :] for n in names if n and _folder(n) == path)

    def is_folder(self, path: str) -> bool:
        """True where there is a folder of that name."""
        return path in self._names.folders

    def size(self, path: str) -> int | None:
        """Bytes of a file; None where there is none."""
        inode = self._names.files.get(path)
        return None if inode is None else len(inode.live)

    def free_bytes(self, path: str) -> int:
        """Room enough."""
        return _FREE if self.is_folder(path) else 0

    def sync(self) -> None:
        """All names are on the medium."""
        self.operate("sync")
        self._pending.clear()
        self._safe = self._names.copy()

    # -- power

    def power_back(self) -> None:
        """The power comes back: this is what the program finds."""
        names = self._safe.copy()
        for change in self._pending:
            if self._random.random() < 0.5:
                names.apply(change)
        names.drop_homeless()
        for inode in {id(inode): inode for inode in names.files.values()}.values():
            inode.safe = inode.after_a_cut(self._random)
            inode.live = bytearray(inode.safe)
        self._pending.clear()
        self._names, self._safe = names, names.copy()

    def operate(self, path: str) -> None:
        """Count an operation; the power may go in it. `power_back` says how far it got."""
        self.operations += 1
        self.touched.append(path)
        if self.operations == self.cut_at:
            raise PowerCut(path)

    def _change(self, change: Change) -> None:
        self._pending.append(change)
        self._names.apply(change)
        self.operate(change.to or change.path)


class OpenFile:
    """A file that was opened; what is written arrives in part until `flush`."""

    def __init__(self, disk: TornDisk, path: str, inode: Inode) -> None:
        self._disk = disk
        self._path = path
        self._inode = inode
        self._at = 0

    def read(self, size: int) -> bytes:
        """Up to so many bytes."""
        data = bytes(self._inode.live[self._at : self._at + size])
        self._at += len(data)
        return data

    def seek(self, at: int) -> None:
        """Go to a byte."""
        self._at = at

    def write(self, data: bytes) -> None:
        """Write over what is there, or behind it."""
        self._inode.live[self._at : self._at + len(data)] = data
        self._at += len(data)
        self._disk.operate(self._path)

    def flush(self) -> None:
        """What was written is on the medium."""
        self._disk.operate(self._path)
        self._inode.safe = bytes(self._inode.live)

    def close(self) -> None:
        """Closing promises nothing."""


def _folder(path: str) -> str:
    return path.rpartition("/")[0]
