"""Collections: entities in memory, or observations in the store, asked for page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from xunhe.adapters.store import observed
from xunhe.adapters.store.observed import Stream
from xunhe.codecs.odata_filter import Literal, ODataError, holds
from xunhe.codecs.odata_options import Options
from xunhe.web.sensorthings.model import COLLECTIONS, LINKS, Entity, Kind
from xunhe.web.sensorthings.world import World, as_instant


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a collection. `count` None: nobody asked."""

    entities: Sequence[Entity]
    has_more: bool
    count: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """Those in memory. Their own order is that of the registry."""

    world: World
    entities: Sequence[Entity]

    def page(self, asked: Options) -> Page:
        """What is asked of it. ODataError where they have no such property."""
        wanted = asked.filter
        found = list(self.entities)
        if wanted is not None:
            found = [entity for entity in found if holds(wanted, partial(self._value, entity))]
        for path, is_descending in reversed(asked.orderby):
            found.sort(key=partial(self._rank, path=path), reverse=is_descending)
        end = asked.skip + asked.top
        count = len(found) if asked.count else None
        return Page(found[asked.skip : end], end < len(found), count)

    def find(self, key: str) -> Entity | None:
        """By its key."""
        return next((entity for entity in self.entities if entity.key == key), None)

    def _rank(self, entity: Entity, path: str) -> tuple[str, Literal]:
        """Values of one type among themselves: a property is of one type, or missing."""
        value = self._value(entity, path)
        return type(value).__name__, value

    def _value(self, entity: Entity, path: str) -> Literal:
        """What a path such as `name`, `properties/reach` or `Thing/id` says."""
        head, _, rest = path.partition("/")
        if head in ("id", "@iot.id") and not rest:
            return entity.key
        kind, is_many = LINKS[entity.kind].get(head, (None, False))
        if kind is not None and not is_many:
            return self._value(self.world.entities[kind][entity.related[kind][0]], rest)
        value = entity.properties.get(head)
        if head not in entity.properties:
            raise ODataError(f"{entity.kind.many} have no property {path} that can be compared")
        for step in filter(None, rest.split("/")):
            value = value.get(step) if isinstance(value, dict) else None
        found = as_instant(value)
        return found if isinstance(found, Literal) else None


@dataclass(frozen=True, slots=True)
class Stored:
    """Observations of some streams."""

    world: World
    connection: sa.Connection
    streams: Sequence[Stream]

    def page(self, asked: Options) -> Page:
        """What is asked of it, as the store finds it. ODataError as above."""
        if len(asked.orderby) > 1:
            raise ODataError("$orderby: observations are ordered by one property")
        found = observed.page(
            self.connection, self.streams, asked.filter, asked.orderby, asked.skip, asked.top + 1
        )
        count = None
        if asked.count:
            count = observed.count(self.connection, self.streams, asked.filter)
        kept = [self.world.observation(each) for each in found[: asked.top]]
        return Page(kept, len(found) > asked.top, count)

    def find(self, key: str) -> Entity | None:
        """By its key, where it is in one of the streams."""
        found = observed.find(self.connection, key)
        mine = {(stream.station, stream.prop) for stream in self.streams}
        if found is None or (found.station, found.prop) not in mine:
            return None
        return self.world.observation(found)


Collection = Listed | Stored


def everything(world: World, connection: sa.Connection, name: str) -> Collection | None:
    """A whole entity set by its name in a path; None for a name that is none."""
    kind = COLLECTIONS.get(name)
    if kind is Kind.OBSERVATION:
        return Stored(world, connection, tuple(world.streams.values()))
    return None if kind is None else Listed(world, tuple(world.entities[kind].values()))


def related(
    world: World, connection: sa.Connection, entity: Entity, name: str
) -> Entity | Collection | None:
    """Where a link of an entity leads; None where it has none of that name."""
    kind, is_many = LINKS[entity.kind].get(name, (None, False))
    if kind is None:
        return None
    if kind is Kind.OBSERVATION:
        return Stored(world, connection, world.streams_of(entity))
    found = [world.entities[kind][key] for key in entity.related[kind]]
    return Listed(world, found) if is_many else found[0]
