"""Reads a registry folder: `reaches.geojson` (waters and places), `duty.toml`, cameras, routes.

GeoJSON is RFC 7946, WGS-84. A feature's `kind` is one of `MAP_KINDS`; its other properties are the
fields of the domain type of that name. `duty.toml` has the tables `DUTY_KINDS`, and may set
`levels` and `leads` for the whole.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from xunhe.adapters.cameras_file import with_cameras
from xunhe.adapters.registry_objects import Row
from xunhe.adapters.registry_rows import DUTY_KINDS, MAP_KINDS, Book, build
from xunhe.adapters.routes_file import with_routes
from xunhe.domain.registry import Registry, RegistryError

MAP_FILE = "reaches.geojson"
DUTY_FILE = "duty.toml"


def load(folder: Path) -> Registry:
    """The registry in a folder. Raises RegistryError with every problem found."""
    return with_routes(with_cameras(build(read_book(folder)), folder), folder)


def read_book(folder: Path) -> Book:
    """The rows in a folder, and what is no row. RegistryError where a file cannot be read."""
    features = _read(folder / MAP_FILE, json.loads)
    duty = _read(folder / DUTY_FILE, tomllib.loads)
    problems: list[str] = []
    rows: dict[str, list[Row]] = {kind: [] for kind in (*MAP_KINDS, *DUTY_KINDS)}
    for row in _features(features, problems):
        rows[row["kind"]].append(row)
    for key, value in duty.items():
        if key in DUTY_KINDS:
            rows[key].extend(value)
        elif key not in ("levels", "leads"):
            known = ", ".join((*DUTY_KINDS, "levels", "leads"))
            problems.append(f"{DUTY_FILE}: {key} is not one of {known}")
    return Book(rows, tuple(duty.get("levels", ())), duty.get("leads"), tuple(problems))


def _read(path: Path, parse: Callable[[str], Any]) -> dict[str, Any]:
    try:
        value = parse(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RegistryError([f"{path} does not exist: create it or set registry.folder"]) from None
    except (ValueError, UnicodeDecodeError) as error:
        raise RegistryError([f"{path}: {error}"]) from error
    if not isinstance(value, dict):
        raise RegistryError([f"{path}: must be an object, not {type(value).__name__}"])
    return value


def _features(collection: Row, problems: list[str]) -> Iterator[Row]:
    for i, feature in enumerate(collection.get("features", [])):
        row = {**feature.get("properties", {}), "geometry": feature.get("geometry") or {}}
        if row.get("kind") in MAP_KINDS:
            yield row
        else:
            problems.append(
                f"feature {i}: kind {row.get('kind')!r} is not one of {', '.join(MAP_KINDS)}"
            )
