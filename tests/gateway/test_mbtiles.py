"""Map tiles from a small generated file: rows counted from the north, bad files named."""

import gzip
import sqlite3
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from xunhe.adapters.mbtiles import Tiles, TilesError


def made(path: Path, tiles: dict[tuple[int, int, int], bytes], **metadata: str) -> Path:
    """An MBTiles file; tiles by (zoom, column, row counted from the south)."""
    file = sqlite3.connect(path)
    file.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
    file.execute(
        "CREATE TABLE tiles"
        " (zoom_level INTEGER, tile_column INTEGER, tile_row INTEGER, tile_data BLOB)"
    )
    file.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
    rows = [(*key, data) for key, data in tiles.items()]
    file.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    file.commit()
    file.close()
    return path


def png(colour: str) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (256, 256), colour).save(buffer, "PNG")
    return buffer.getvalue()


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def _field(number: int, data: bytes | int) -> bytes:
    if isinstance(data, int):
        return _varint(number << 3) + _varint(data)
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def vector_tile(name: str) -> bytes:
    """A tile whose one layer is a square over all of it (Mapbox vector tile 2.1)."""
    extent = 4096
    steps = [9, 0, 0, 26, 2 * extent, 0, 0, 2 * extent, 2 * extent - 1, 0, 15]
    geometry = b"".join(map(_varint, steps))
    feature = _field(3, 3) + _field(4, geometry)
    layer = _field(15, 2) + _field(1, name.encode()) + _field(2, feature) + _field(5, extent)
    return gzip.compress(_field(3, layer))


def test_rows_are_counted_from_the_north(tmp_path: Path) -> None:
    north, south = png("red"), png("blue")
    path = made(tmp_path / "a.mbtiles", {(1, 0, 1): north, (1, 0, 0): south}, format="png")
    tiles = Tiles(path)
    assert tiles.get(1, 0, 0) == north
    assert tiles.get(1, 0, 1) == south
    assert tiles.get(1, 1, 0) is None
    tiles.close()


def test_a_file_says_what_it_holds(tmp_path: Path) -> None:
    said = {"format": "pbf", "minzoom": "3", "maxzoom": "14", "attribution": "© 演示"}
    tiles = Tiles(made(tmp_path / "a.mbtiles", {}, **said))
    about = tiles.about
    assert (about.least_zoom, about.most_zoom, about.attribution) == (3, 14, "© 演示")
    assert about.is_vector
    tiles.close()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        ({}, "format ''"),
        ({"format": "tiff"}, "'tiff'"),
        ({"format": "png", "minzoom": "x"}, "zoom"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_reason(
    tmp_path: Path, metadata: dict[str, str], reason: str
) -> None:
    path = made(tmp_path / "a.mbtiles", {}, **metadata)
    with pytest.raises(TilesError, match=reason):
        Tiles(path)


def test_a_file_that_is_no_mbtiles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mbtiles").write_text("no database" * 100)
    for path in (tmp_path / "a.mbtiles", tmp_path / "none.mbtiles"):
        with pytest.raises(TilesError, match="no MBTiles"):
            Tiles(path)
