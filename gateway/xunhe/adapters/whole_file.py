"""Files that are there whole or not at all, also after a power cut."""

import os
import tempfile
from pathlib import Path

PART = ".part-"  # how the names of unfinished ones begin


def write_whole(path: Path, data: bytes) -> None:
    """Write through a file of another name, beside it; its folder must be there.

    On an error nothing is left and what was there before stays. Two writers at a time do not mix.
    """
    handle, part = tempfile.mkstemp(prefix=PART, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(part).replace(path)
    finally:  # gone already where all went well
        Path(part).unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """A new name lies on the disk only once its folder does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
