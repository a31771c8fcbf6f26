"""`routes.geojson` in the registry's folder: planned routes of patrols, LineStrings.

A feature's properties are `post`, `name` and `name_en`; a post may have several routes.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from xunhe.adapters.whole_file import write_whole
from xunhe.domain.planned_route import PlannedRoute
from xunhe.domain.registry import Registry, RegistryError

FILE = "routes.geojson"


def with_routes(registry: Registry, folder: Path) -> Registry:
    """The registry with the routes of its folder. RegistryError with every problem found."""
    return replace(registry, routes=load_routes(folder))


def load_routes(folder: Path) -> tuple[PlannedRoute, ...]:
    """The routes of a folder; none where there is no file. RegistryError."""
    path = folder / FILE
    if not path.is_file():
        return ()
    problems: list[str] = []
    routes = tuple(_routes(_features(path), problems))
    if problems:
        raise RegistryError(problems)
    return routes


def add_route(folder: Path, route: PlannedRoute) -> bool:
    """Write a route, in place of one of the same post and name; True where there was one."""
    before = load_routes(folder)
    kept = [one for one in before if (one.post, one.name) != (route.post, route.name)]
    lines = ",\n".join(json.dumps(_feature(one), ensure_ascii=False) for one in (*kept, route))
    text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
    write_whole(folder / FILE, text.encode("utf-8"))
    return len(kept) < len(before)


def _features(path: Path) -> list[Any]:
    try:
        found = json.loads(path.read_text("utf-8"))["features"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegistryError([f"{FILE}: no GeoJSON of features: {error!r}"]) from error
    if not isinstance(found, list):
        raise RegistryError([f"{FILE}: features is no list"])
    return found


def _routes(features: list[Any], problems: list[str]) -> Iterator[PlannedRoute]:
    for number, feature in enumerate(features):
        try:
            yield _route(feature)
        except KeyError as missing:
            problems.append(f"{FILE} feature {number}: {missing.args[0]} is missing")
        except (ValueError, TypeError, IndexError) as error:
            problems.append(f"{FILE} feature {number}: {error}")


def _route(feature: Any) -> PlannedRoute:
    said, geometry = feature["properties"], feature["geometry"]
    if geometry["type"] != "LineString":
        raise ValueError("its geometry must be a LineString")
    line = tuple((float(place[0]), float(place[1])) for place in geometry["coordinates"])
    return PlannedRoute(str(said["post"]), str(said["name"]), str(said.get("name_en", "")), line)


def _feature(route: PlannedRoute) -> dict[str, Any]:
    said = {"post": route.post, "name": route.name, "name_en": route.name_en}
    geometry = {"type": "LineString", "coordinates": [list(place) for place in route.line]}
    return {"type": "Feature", "properties": said, "geometry": geometry}
