"""Incidents that look like one: see alerts/similarity.py for what that means."""

from dataclasses import dataclass

import sqlalchemy as sa

from xunhe.adapters.store.queries import IncidentRow
from xunhe.adapters.store.schema import incident
from xunhe.adapters.store.stream import Told, told
from xunhe.alerts.similarity import LEAST_POINTS, Likeness, Traits, likeness, points
from xunhe.domain.registry import Registry

_COMPARED = 500  # the newest of the river: years of them


@dataclass(frozen=True, slots=True)
class Similar:
    """An incident and what it has in common with the one that was asked for."""

    told: Told
    shared: tuple[Likeness, ...]

    @property
    def points(self) -> int:
        """How much alike they are."""
        return points(self.shared)


def similar(
    connection: sa.Connection, registry: Registry, to: IncidentRow, limit: int
) -> list[Similar]:
    """The most alike first, of those the newest; none that is less than alike."""
    found = []
    for row in _candidates(connection, registry, to):
        shared = likeness(_traits(to), _traits(row))
        if points(shared) >= LEAST_POINTS:
            found.append((points(shared), row, shared))
    found.sort(key=lambda each: (-each[0], -each[1].id))
    best = found[:limit]
    rows = told(connection, [row for _, row, _ in best])
    return [Similar(one, shared) for one, (_, _, shared) in zip(rows, best, strict=True)]


def _candidates(
    connection: sa.Connection, registry: Registry, to: IncidentRow
) -> list[IncidentRow]:
    """Incidents of the same kind on the same river that began before, the newest first."""
    here = registry.reaches.get(to.reach)
    river = [
        r.code for r in registry.reaches.values() if here is not None and r.river == here.river
    ]
    query = sa.select(incident).where(
        incident.c.kind == to.kind, incident.c.reach.in_([*river, to.reach]), incident.c.id < to.id
    )
    query = query.order_by(incident.c.id.desc()).limit(_COMPARED)
    return [IncidentRow(*row) for row in connection.execute(query)]


def _traits(row: IncidentRow) -> Traits:
    return Traits(row.reach, row.station, row.zone, row.severity, row.started_at)
