"""Resource paths (OGC 18-088, 9.2): `Things('YX-S1')/Datastreams`, `…/name`, `…/name/$value`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from xunhe.web.failures import NotFoundError
from xunhe.web.sensorthings.collections import Collection, Listed, Stored, everything, related
from xunhe.web.sensorthings.model import Entity
from xunhe.web.sensorthings.world import World

_SEGMENT = re.compile(r"([$A-Za-z]+)(?:\(('(?:[^']|'')*'|-?\d+)\))?(?:/|$)")


@dataclass(frozen=True, slots=True)
class Value:
    """A property; `is_raw`: without its name around it."""

    name: str
    value: Any
    is_raw: bool


@dataclass(frozen=True, slots=True)
class References:
    """The addresses of a collection's entities."""

    collection: Collection


Resource = Entity | Collection | Value | References


def resolve(world: World, connection: sa.Connection, path: str) -> Resource:
    """What a path leads to. NotFoundError where nowhere."""
    found: Resource | None = None
    for number, (name, key) in enumerate(_segments(path)):
        if number == 0:
            found = everything(world, connection, name)
        else:
            found = _next(world, connection, found, name)
        if key is not None:
            found = found.find(key) if isinstance(found, Collection) else None
        if found is None:
            break
    if found is None:
        raise NotFoundError("resource", "资源", path)
    return found


def _next(
    world: World, connection: sa.Connection, here: Resource | None, name: str
) -> Resource | None:
    """One segment further."""
    match here:
        case Entity() if name in here.properties:
            return Value(name, here.properties[name], False)
        case Entity():
            return related(world, connection, here, name)
        case Listed() | Stored() if name == "$ref":
            return References(here)
        case Value(is_raw=False) if name == "$value":
            return Value(here.name, here.value, True)
    return None


def _segments(path: str) -> Iterator[tuple[str, str | None]]:
    """(name, key) of each; a key without its quotation marks."""
    at, rest = 0, path.rstrip("/")
    while at < len(rest):
        found = _SEGMENT.match(rest, at)
        if found is None:
            raise NotFoundError("resource", "资源", path)
        name, key = found.groups()
        is_quoted = key is not None and key.startswith("'")
        yield name, key[1:-1].replace("''", "'") if is_quoted else key
        at = found.end()
