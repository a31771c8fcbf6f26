"""A folder that gets its name once all of it is written, with a sum of each file."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from xunhe.adapters.whole_file import PART, sync_folder

SUMS = "SHA256SUMS"
_PIECE = 1 << 20  # bytes


@dataclass
class ExportFolder:
    """Takes files in; `sums` by the name inside the folder."""

    root: Path
    sums: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, pieces: Iterable[str]) -> None:
        """A text in UTF-8, piece by piece."""
        sha256 = hashlib.sha256()
        with self._path(name).open("wb") as file:
            for piece in pieces:
                data = piece.encode()
                sha256.update(data)
                file.write(data)
        self.sums[name] = sha256.hexdigest()

    def copy(self, name: str, source: Path) -> None:
        """A file as it is. FileNotFoundError where it has gone."""
        sha256 = hashlib.sha256()
        with source.open("rb") as file, self._path(name).open("wb") as out:
            while data := file.read(_PIECE):
                sha256.update(data)
                out.write(data)
        self.sums[name] = sha256.hexdigest()

    def _path(self, name: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


@contextmanager
def new_folder(path: Path) -> Iterator[ExportFolder]:
    """A folder to fill; FileExistsError where the name is taken, nothing is left after an error."""
    if path.exists():
        raise FileExistsError(f"{path} 已存在 / is there already: name a new folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=PART, dir=path.parent))
    try:
        folder = ExportFolder(part)
        yield folder
        lines = [f"{digest}  {name}\n" for name, digest in sorted(folder.sums.items())]
        (part / SUMS).write_text("".join(lines), "utf-8")
        part.rename(path)
        sync_folder(path.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)
