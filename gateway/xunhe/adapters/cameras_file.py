"""The list of cameras beside the registry: `cameras.toml`, and a zones file for each.

Both may be changed while the gateway runs. Addresses may hold passwords: keep the file private.
"""

import contextlib
import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from xunhe.adapters.camera.address import Address, AddressError
from xunhe.adapters.whole_file import write_whole
from xunhe.domain.camera import Camera, Turn
from xunhe.domain.registry import Registry, RegistryError
from xunhe.domain.zones import Zones, ZonesError

FILE = "cameras.toml"
_TEXTS = ("code", "name", "name_en", "reach", "url", "substream", "zones", "onvif", "preset")
_TURN_S = ("dwell_s", "longest_s")
_KEYS = (*_TEXTS, "position_m", "lon_lat", *_TURN_S)
_NEEDED = frozenset(("code", "name", "name_en", "reach", "url", "position_m", "lon_lat"))
_CODE = re.compile(r"[\w.-]+")  # it stands in addresses of pages and in names of files

Stamp = tuple[tuple[str, int, int, int], ...]


def load_cameras(folder: Path) -> dict[str, Camera]:
    """The cameras of a registry folder; none where there is no list.

    Raises RegistryError with every problem found.
    """
    cameras, problems = _read(folder)
    if problems:
        raise RegistryError(problems)
    return cameras


def with_cameras(registry: Registry, folder: Path) -> Registry:
    """The registry with the cameras of its folder.

    Raises RegistryError with every problem, those of the list and those of its place in the river.
    """
    cameras, problems = _read(folder)
    try:
        joined = registry.with_cameras(cameras)
    except RegistryError as error:
        problems.extend(error.problems)
    if problems:
        raise RegistryError(problems)
    return joined


def load_zones(folder: Path, camera: Camera) -> Zones:
    """A camera's zones, or the whole picture where nobody has drawn any.

    ZonesError names everything wrong with the file.
    """
    try:
        value = json.loads((folder / camera.zones).read_text("utf-8"))
    except FileNotFoundError:
        return Zones.whole()
    except (OSError, ValueError) as error:
        raise ZonesError([f"{camera.zones}: {error}"]) from error
    try:
        return Zones.parse(value)
    except ZonesError as error:
        raise ZonesError([f"{camera.zones}: {problem}" for problem in error.problems]) from None


def save_zones(folder: Path, camera: Camera, zones: Zones) -> None:
    """Write a camera's zones whole or not at all, whoever else writes them at the same time."""
    path = folder / camera.zones
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(zones.to_json(), ensure_ascii=False, indent=1)
    write_whole(path, text.encode("utf-8"))


def stamp(folder: Path, cameras: Iterable[Camera]) -> Stamp:
    """What changes when the list or a zones file of these cameras does."""
    return tuple(_marks([FILE, *sorted({camera.zones for camera in cameras})], folder))


def _marks(names: Iterable[str], folder: Path) -> Iterator[tuple[str, int, int, int]]:
    for name in names:
        with contextlib.suppress(OSError):
            stat = (folder / name).stat()
            yield name, stat.st_ino, stat.st_mtime_ns, stat.st_size


def _read(folder: Path) -> tuple[dict[str, Camera], list[str]]:
    """The sound rows of the list, and what is wrong with the others."""
    try:
        value = tomllib.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}, []
    except (ValueError, OSError) as error:
        return {}, [f"{folder / FILE}: {error}"]
    problems = [f"{FILE}: {_unknown(key, ('camera',))}" for key in value if key != "camera"]
    rows = value.get("camera", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return {}, [*problems, f"{FILE}: write [[camera]], in two pairs of brackets, above each"]
    cameras: dict[str, Camera] = {}
    for number, row in enumerate(rows, 1):
        found = list(_problems(row))
        if row.get("code") in cameras:
            found.append("registered twice")
        problems += [f"{FILE}: camera {_name(row, number)}: {problem}" for problem in found]
        if not found:
            cameras[row["code"]] = _camera(row)
    return cameras, problems


def _name(row: dict[str, Any], number: int) -> str:
    code = row.get("code")
    return code if isinstance(code, str) and code else f"number {number}"


def _problems(row: dict[str, Any]) -> Iterator[str]:
    yield from (f"{key} is missing" for key in sorted(_NEEDED - row.keys()))
    yield from (_unknown(key, _KEYS) for key in row if key not in _KEYS)
    texts = [key for key in _TEXTS if key in row]
    wrong = [key for key in texts if not isinstance(row[key], str) or not row[key]]
    yield from (f"{key} must be text" for key in wrong)
    if "position_m" in row and not _is_number(row["position_m"]):
        yield "position_m must be a number"
    if "lon_lat" in row and not _is_place(row["lon_lat"]):
        yield "lon_lat must be [longitude, latitude] in degrees"
    sound = {key: row[key] for key in texts if key not in wrong}
    if "code" in sound and not _CODE.fullmatch(sound["code"]):
        yield "code may hold letters, digits, '.', '-' and '_' only"
    if "zones" in sound and not _is_zones_file(sound["zones"]):
        yield f"zones {sound['zones']!r} must be a .json file within the registry's folder"
    for key in ("url", "substream"):
        if key in sound:
            yield from _address_problems(key, sound[key])
    yield from _turn_problems(row)


def _turn_problems(row: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the turn of a dome camera's view."""
    if ("onvif" in row) != ("preset" in row):
        yield "onvif and preset belong together: a view of a dome camera has both"
    if "preset" not in row and any(key in row for key in _TURN_S):
        yield "dwell_s and longest_s belong to a preset"
    onvif = row.get("onvif")
    if isinstance(onvif, str) and not onvif.startswith(("http://", "https://")):
        yield "onvif must be the http:// address of the camera's ONVIF service"
    wrong = [key for key in _TURN_S if key in row and not _is_number(row[key])]
    yield from (f"{key} must be a number of seconds" for key in wrong)
    if not wrong and isinstance(onvif, str):
        try:
            _turn(row)
        except ValueError as error:
            yield str(error)


def _turn(row: dict[str, Any]) -> Turn | None:
    if "onvif" not in row or "preset" not in row:
        return None
    stays_s = {key: float(row[key]) for key in _TURN_S if key in row}
    return Turn(row["onvif"], row["preset"], **stays_s)


def _address_problems(key: str, address: str) -> Iterator[str]:
    try:
        Address.parse(address)
    except AddressError as error:
        yield f"{key}: {error}"


def _unknown(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"unknown key {key}" + (f"; did you mean {near[0]}?" if near else "")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_place(value: object) -> bool:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_number, value)):
        return False
    lon, lat = float(value[0]), float(value[1])
    return -180 <= lon <= 180 and -90 <= lat <= 90


def _is_zones_file(name: str) -> bool:
    path = Path(name)
    return path.suffix == ".json" and not path.is_absolute() and ".." not in path.parts


def _camera(row: dict[str, Any]) -> Camera:
    lon, lat = row["lon_lat"]
    return Camera(
        code=row["code"],
        name=row["name"],
        name_en=row["name_en"],
        reach=row["reach"],
        position_m=float(row["position_m"]),
        lon_lat=(float(lon), float(lat)),
        url=row["url"],
        zones=row.get("zones", f"zones/{row['code']}.json"),
        substream=row.get("substream"),
        turn=_turn(row),
    )
