"""Where an incident's water came from and where it goes: computed anew on every new witness."""

from dataclasses import asdict
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.store import plumes
from xunhe.adapters.store.schema import external_sample, incident_trace
from xunhe.adapters.store.upsert import insert
from xunhe.domain.registry import Registry
from xunhe.water.arrival import arrivals
from xunhe.water.graph import RiverGraph
from xunhe.water.trace import Trace
from xunhe.water.tracing import rank_sources

_LEVEL = "level_m"
_LEVEL_HOLDS = timedelta(days=1)  # an older level says nothing of the flow of now


def keep_trace(
    connection: sa.Connection, incident_id: int, registry: Registry, now: datetime
) -> None:
    """Trace a discharge with all that is known by now, in the caller's transaction."""
    graph = RiverGraph(registry, _levels_m(connection, registry, now))
    evidence = plumes.gather(connection, incident_id, graph, now)
    if evidence is None:
        return
    trace = Trace(
        suspects=rank_sources(evidence, graph, plumes.confirmed(connection, registry)),
        arrivals=arrivals(evidence.alarms, graph, now.timestamp()),
    )
    row = {"computed_at": now, "trace": asdict(trace)}
    statement = insert(incident_trace).values(incident_id=incident_id, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["incident_id"], set_=row))


def find_trace(connection: sa.Connection, incident_id: int) -> tuple[datetime, Trace] | None:
    """An incident's trace and when it was computed; None where it has none."""
    query = sa.select(incident_trace.c.computed_at, incident_trace.c.trace)
    row = connection.execute(query.where(incident_trace.c.incident_id == incident_id)).first()
    return None if row is None else (row.computed_at, Trace.of(row.trace))


def _levels_m(connection: sa.Connection, registry: Registry, now: datetime) -> dict[str, float]:
    """The newest level of each reach that somebody has brought in within a day."""
    query = (
        sa.select(external_sample.c.place, external_sample.c.value)
        .where(
            external_sample.c.property == _LEVEL,
            external_sample.c.time.between(now - _LEVEL_HOLDS, now),
        )
        .order_by(external_sample.c.time)
    )
    return {
        registry.place(place).reach: value
        for place, value in connection.execute(query)
        if registry.knows(place)
    }
