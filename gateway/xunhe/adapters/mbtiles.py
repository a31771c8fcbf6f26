"""Map tiles out of one MBTiles file (MBTiles 1.3): pictures, or Mapbox vector tiles.

The file counts rows from the south (TMS); addresses in a browser count them from the north.
"""

import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MEDIA_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "pbf": "application/vnd.mapbox-vector-tile",
}
_DEEPEST = 22


class TilesError(ValueError):
    """The file is no MBTiles that can be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class TilesAbout:
    """What a page must know before it asks for tiles."""

    format: str
    least_zoom: int
    most_zoom: int
    attribution: str

    @property
    def is_vector(self) -> bool:
        """Are the tiles drawn by the page?"""
        return self.format == "pbf"

    @property
    def media_type(self) -> str:
        """Of each tile."""
        return _MEDIA_TYPES[self.format]


class Tiles:
    """One file, opened for reading only; from any thread, one look at a time."""

    def __init__(self, path: Path) -> None:
        try:
            address = f"{path.resolve(strict=True).as_uri()}?mode=ro&immutable=1"
            self._file = sqlite3.connect(address, uri=True, check_same_thread=False)
            rows = dict(self._file.execute("SELECT name, value FROM metadata"))
        except (OSError, sqlite3.Error) as error:
            raise TilesError(f"web.map_tiles: {path} is no MBTiles file: {error}") from error
        self._one_at_a_time = threading.Lock()
        self.about = _about(path, rows)

    def get(self, zoom: int, x: int, y: int) -> bytes | None:
        """A tile as it lies in the file, y counted from the north; None where there is none.

        Vector tiles are gzipped, as the standard wants it.
        """
        query = "SELECT tile_data FROM tiles WHERE zoom_level=? AND tile_column=? AND tile_row=?"
        with self._one_at_a_time:
            row = self._file.execute(query, (zoom, x, (1 << zoom) - 1 - y)).fetchone()
        return None if row is None else bytes(row[0])

    def close(self) -> None:
        """Give the file back."""
        self._file.close()


def _about(path: Path, rows: Mapping[str, str]) -> TilesAbout:
    name = rows.get("format", "")
    if name not in _MEDIA_TYPES:
        known = ", ".join(_MEDIA_TYPES)
        raise TilesError(f"web.map_tiles: {path} has tiles of format {name!r}, not one of {known}")
    try:
        least, most = int(rows.get("minzoom", 0)), int(rows.get("maxzoom", _DEEPEST))
    except ValueError as error:
        raise TilesError(f"web.map_tiles: {path}: minzoom or maxzoom: {error}") from error
    return TilesAbout(name, least, most, rows.get("attribution", ""))
