"""Entities and pages as JSON: links, `$select`, `$expand`."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from xunhe.codecs.odata_filter import ODataError
from xunhe.codecs.odata_options import Options
from xunhe.web.sensorthings.collections import Collection, related
from xunhe.web.sensorthings.model import LINKS, Entity
from xunhe.web.sensorthings.world import World

_MOST = 20_000  # entities of one answer, expanded ones included


@dataclass(slots=True)
class Writer:
    """Writes one answer. `root`: where the service is, without a slash at the end."""

    world: World
    connection: sa.Connection
    root: str
    _written: int = field(default=0)

    def collection(self, found: Collection, asked: Options, url: str) -> dict[str, Any]:
        """A page; `url` is that of the collection, for the link to the next page."""
        page = found.page(asked)
        body: dict[str, Any] = {}
        if page.count is not None:
            body["@iot.count"] = page.count
        if page.has_more:
            body["@iot.nextLink"] = _next(url, asked)
        return body | {"value": [self.entity(each, asked) for each in page.entities]}

    def references(self, found: Collection, asked: Options) -> dict[str, Any]:
        """The addresses of a page alone."""
        page = found.page(asked)
        return {"value": [{"@iot.selfLink": self._link(each)} for each in page.entities]}

    def entity(self, entity: Entity, asked: Options) -> dict[str, Any]:
        """One entity with what is expanded. ODataError where there is no such thing."""
        self._written += 1
        if self._written > _MOST:
            raise ODataError(f"more than {_MOST} entities in one answer: ask for less")
        body = _selected(self._whole(entity), asked)
        for name, deeper in asked.expand.items():
            body |= self._expanded(entity, name, deeper)
        return body

    def _whole(self, entity: Entity) -> dict[str, Any]:
        link = self._link(entity)
        links = {f"{name}@iot.navigationLink": f"{link}/{name}" for name in LINKS[entity.kind]}
        return {"@iot.id": entity.key, "@iot.selfLink": link, **entity.properties, **links}

    def _expanded(self, entity: Entity, name: str, asked: Options) -> dict[str, Any]:
        found = related(self.world, self.connection, entity, name)
        if found is None:
            raise ODataError(f"$expand: {entity.kind.many} lead to no {name}")
        if isinstance(found, Entity):
            return {name: self.entity(found, asked)}
        page = found.page(asked)
        body: dict[str, Any] = {name: [self.entity(each, asked) for each in page.entities]}
        if page.count is not None:
            body[f"{name}@iot.count"] = page.count
        if page.has_more:
            body[f"{name}@iot.nextLink"] = _next(f"{self._link(entity)}/{name}", asked)
        return body

    def _link(self, entity: Entity) -> str:
        return f"{self.root}/{entity.path}"


def _selected(body: dict[str, Any], asked: Options) -> dict[str, Any]:
    """`$select=id,name,Datastreams`: only these, a link by its name."""
    if not asked.select:
        return body
    names = {"id": "@iot.id", "@iot.id": "@iot.id", "@iot.selfLink": "@iot.selfLink"}
    kept = {}
    for wanted in asked.select:
        link = f"{wanted}@iot.navigationLink"
        name = names.get(wanted, link if link in body else wanted)
        if name not in body:
            raise ODataError(f"$select: there is no property {wanted}")
        kept[name] = body[name]
    return kept


def _next(url: str, asked: Options) -> str:
    parameters = {**asked.said, "$top": str(asked.top), "$skip": str(asked.skip + asked.top)}
    return f"{url}?{urlencode(parameters, safe='$')}"
