"""Files of evidence under their SHA-256: written whole or not at all, the same bytes once.

<folder>/<first two digits>/<sha256><suffix>. A file is on the disk, its name too, before any row
of the database names it.

EvidenceError           what went wrong with a file, in words for the ticket
├── NoRoomError         the disk is full, or the budget is
├── MissingError        no such file
└── DamagedError        its bytes are no longer those it was named for
"""

import errno
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from xunhe.adapters.whole_file import PART, sync_folder, write_whole

JPEG, MP4, JSON = "image/jpeg", "video/mp4", "application/json"
SUFFIXES = {JPEG: ".jpg", MP4: ".mp4", JSON: ".json"}
_FULL = (errno.ENOSPC, errno.EDQUOT)


class EvidenceError(RuntimeError):
    """A piece of evidence cannot be kept or given."""


class NoRoomError(EvidenceError):
    """The disk is full, or the budget."""


class MissingError(EvidenceError):
    """There is no such file."""


class DamagedError(EvidenceError):
    """The file's bytes have changed."""


class EvidenceStore:
    """The folder of evidence. Safe to use from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, data: bytes, media_type: str) -> str:
        """Keep the bytes; their SHA-256 once they would survive a power cut.

        NoRoomError where the disk is full, ValueError for a media type that is no evidence.
        """
        if media_type not in SUFFIXES:
            raise ValueError(f"{media_type} is no evidence: {', '.join(SUFFIXES)}")
        sha256 = self.digest(data)
        target = self.folder / sha256[:2] / (sha256 + SUFFIXES[media_type])
        if target.is_file() and target.stat().st_size == len(data):
            os.utime(target)  # young again, for `unclaimed`
            return sha256
        try:
            self._write(target, data)
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise NoRoomError(
                f"磁盘已满，{len(data)} 字节的证据未保存 / the disk is full: evidence of"
                f" {len(data)} bytes was not kept in {self.folder}"
            ) from error
        return sha256

    @staticmethod
    def digest(data: bytes) -> str:
        """The name of these bytes: 64 hexadecimal digits."""
        return hashlib.sha256(data).hexdigest()

    def find(self, sha256: str) -> Path:
        """The file of a digest; MissingError where there is none."""
        if len(sha256) == 64 and set(sha256) <= set("0123456789abcdef"):
            for suffix in SUFFIXES.values():
                path = self.folder / sha256[:2] / (sha256 + suffix)
                if path.is_file():
                    return path
        raise MissingError(f"没有证据文件 / no evidence {sha256[:64]}")

    def open(self, sha256: str) -> BinaryIO:
        """The file, for reading; MissingError where there is none."""
        try:
            return self.find(sha256).open("rb")
        except FileNotFoundError as error:  # removed since
            raise MissingError(f"没有证据文件 / no evidence {sha256}") from error

    def read(self, sha256: str) -> bytes:
        """All bytes, checked: MissingError or DamagedError."""
        with self.open(sha256) as file:
            data = file.read()
        if self.digest(data) != sha256:
            raise DamagedError(f"证据已损坏 / evidence {sha256} has changed since it was kept")
        return data

    def remove(self, sha256: str) -> int:
        """Delete the file; how many bytes that freed (0 where it was gone)."""
        try:
            path = self.find(sha256)
            size = path.stat().st_size
            path.unlink()
        except (MissingError, FileNotFoundError):
            return 0
        return size

    def files(self) -> Iterator[Path]:
        """Every file of evidence."""
        for suffix in SUFFIXES.values():
            yield from self.folder.glob(f"[0-9a-f][0-9a-f]/*{suffix}")

    def unclaimed(self, claimed: set[str], older_than_s: float) -> list[Path]:
        """Files, unfinished ones too, that no row names and that are older than so many seconds.

        A young file may belong to a transaction that is still to come.
        """
        before = time.time() - older_than_s
        parts = self.folder.glob(f"[0-9a-f][0-9a-f]/{PART}*")
        candidates = [*parts, *(p for p in self.files() if p.stem not in claimed)]
        return [p for p in candidates if p.stat().st_mtime < before]

    def _write(self, target: Path, data: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(target, data)
        sync_folder(self.folder)
