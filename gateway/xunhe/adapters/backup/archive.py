"""A backup's file: a gzipped tar in a sealed stream, or plain where that was asked for.

First `manifest.json`, then the files by belonging, last `SHA256SUMS` of all before it. Written and
read from front to back; nothing but the file at hand is in memory.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Self

from xunhe.adapters.backup.errors import DamagedBackupError, WrongKeyError
from xunhe.adapters.backup.locks import Key, Lock
from xunhe.adapters.backup.sealed_stream import CHUNK, OpenedFile, SealingFile, is_sealed

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
_LEVEL = 1  # of gzip: pictures and clips do not shrink, tables do at once
_PRIVATE = 0o600


class Writer:
    """Writes one backup into an open file, which it does not close. A context manager."""

    def __init__(self, file: BinaryIO, lock: Lock | None) -> None:
        self._parts = ExitStack()
        self.key: Key | None = None  # opens what is written, for reading it back
        sealed: Any = file
        if lock is not None:
            sealed = SealingFile(file, lock)
            self._parts.callback(sealed.close)
            self.key = sealed.key
        packed = gzip.GzipFile("", "wb", _LEVEL, sealed, mtime=0)
        self._parts.enter_context(packed)
        tar = tarfile.open(fileobj=packed, mode="w|", bufsize=CHUNK)  # noqa: SIM115  closed below
        self._tar = self._parts.enter_context(tar)
        self._sums: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the sums and the end; after an error only let go of what is open."""
        if kind is None:
            text = "".join(self._sums).encode()
            self._take(SUMS, io.BytesIO(text), len(text), 0)
            self._parts.close()
            return
        with suppress(OSError):  # the disk may be full: that is the error that is under way
            self._parts.close()

    def add(self, name: str, path: Path) -> str:
        """Take a file in; the SHA-256 of what was taken. FileNotFoundError where it is gone."""
        with path.open("rb") as file:
            return self._take(name, file, path.stat().st_size, path.stat().st_mtime)

    def add_json(self, name: str, data: Any, at: datetime) -> None:
        """Take in what JSON can say."""
        text = json.dumps(data, ensure_ascii=False, indent=1).encode()
        self._take(name, io.BytesIO(text), len(text), at.timestamp())

    def _take(self, name: str, file: IO[bytes], size: int, mtime_s: float) -> str:
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, int(mtime_s), _PRIVATE
        hashing = _Hashing(file)
        self._tar.addfile(info, hashing)
        digest = hashing.sha256.hexdigest()
        self._sums.append(f"{digest}  {name}\n")
        return digest


class _Hashing(io.RawIOBase):
    """Hashes what is read of a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.sha256 = file, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        return data


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a backup: `copy_to` may be called once, while it is its turn."""

    name: str
    size: int
    mtime_s: float
    copy_to: Callable[[BinaryIO | None], str]  # None: only read; the SHA-256 of what was read


class Reader:
    """Reads one backup from front to back. A context manager."""

    def __init__(self, path: Path, key: Key | None) -> None:
        self._path, self._key = path, key
        self._parts = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as parts:
            file: Any = parts.enter_context(self._path.open("rb"))
            if is_sealed(file):
                if self._key is None:
                    raise WrongKeyError(
                        "备份已加密，请给出口令或密钥 / the backup is sealed: give --secret-file or"
                        " --passphrase-file"
                    )
                file = io.BufferedReader(parts.enter_context(OpenedFile(file, self._key)), CHUNK)
            self._packed = parts.enter_context(gzip.GzipFile(fileobj=file, mode="rb"))
            with _telling_damage():
                self._tar = parts.enter_context(tarfile.open(fileobj=self._packed, mode="r|"))
            self._parts = parts.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._parts.close()

    def __iter__(self) -> Iterator[Member]:
        """Each member in its turn, the manifest and the sums too."""
        with _telling_damage():
            for info in self._tar:
                _check_name(info)
                yield Member(info.name, info.size, info.mtime, self._copier(info))
            while self._packed.read(CHUNK):  # tar stops before the end, where the last proof is
                pass

    def _copier(self, info: tarfile.TarInfo) -> Callable[[BinaryIO | None], str]:
        def copy_to(target: BinaryIO | None) -> str:
            source, sha256 = self._tar.extractfile(info), hashlib.sha256()
            with _telling_damage():
                while source is not None and (data := source.read(CHUNK)):
                    sha256.update(data)
                    if target is not None:
                        target.write(data)
            return sha256.hexdigest()

        return copy_to


@contextmanager
def _telling_damage() -> Iterator[None]:
    """What the libraries say of wrong bytes of a plain archive."""
    try:
        yield
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedBackupError(
            f"不是巡河的备份，或已损坏 / no backup of xunhe, or damaged: use another ({error})"
        ) from error


def _check_name(info: tarfile.TarInfo) -> None:
    parts = PurePosixPath(info.name).parts
    if not info.isreg() or info.name.startswith("/") or ".." in parts:
        raise DamagedBackupError(f"备份含不应有的条目 / no backup of xunhe holds {info.name!r}")
