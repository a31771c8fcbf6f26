"""Draws up the list of a handover from what the gateway knows at an instant."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, queries
from xunhe.adapters.store.schema import camera_state, patrol, ticket
from xunhe.desk import tasks
from xunhe.desk.handover import (
    Checklist,
    DeviceState,
    OpenTask,
    OpenTicket,
    SectionState,
    Water,
)
from xunhe.domain.observation import USABLE_FLAGS
from xunhe.domain.registry import Post, Registry
from xunhe.domain.riverside import Section
from xunhe.water.classes import single_factor

# What sections are judged by: what buoys measure.
_JUDGED = ("do_mg_l", "nh3n_mg_l", "ph")


def draw_up(
    connection: sa.Connection, registry: Registry, post_code: str, now: datetime
) -> Checklist:
    """The list of a post. KeyError where no such post is registered."""
    post = registry.posts[post_code]
    sections = (s for s in registry.sections.values() if s.reach in post.reaches)
    outfalls = (o for o in registry.outfalls.values() if o.reach in post.reaches)
    return Checklist(
        waters=tuple(_waters(registry, post)),
        tickets=tuple(_tickets(connection, post)),
        tasks=tuple(_tasks(connection, post)),
        sections=tuple(_section(connection, section) for section in sections),
        devices=tuple(_devices(connection, registry, post)),
        outfalls=tuple(f"{outfall.name}（{outfall.code}）" for outfall in outfalls),
        last_patrol_at=_last_patrol(connection, post, now),
    )


def _waters(registry: Registry, post: Post) -> Iterator[Water]:
    for code in post.reaches:
        reach = registry.reaches[code]
        tributaries = tuple(
            other.name
            for other in registry.reaches.values()
            if other.downstream == code and other.river != reach.river
        )
        target = f"{reach.target.label}类"
        yield Water(code, reach.name, reach.river, reach.length_m, target, tributaries)
    for code in post.lakes:
        lake = registry.lakes[code]
        yield Water(code, lake.name, lake.kind.label_zh, None, f"{lake.target.label}类")


def _tickets(connection: sa.Connection, post: Post) -> Iterator[OpenTicket]:
    columns = ("number", "category", "state", "reach", "opened_at", "due_at")
    query = sa.select(*(ticket.c[name] for name in columns)).order_by(ticket.c.due_at)
    is_open = ticket.c.state.in_(queries.OPEN_STATES)
    for row in connection.execute(query.where(ticket.c.post == post.code, is_open)):
        yield OpenTicket(*row)


def _tasks(connection: sa.Connection, post: Post) -> Iterator[OpenTask]:
    for task in tasks.folded(desk_log.entries(connection, kinds=tasks.KINDS)).values():
        plan = task.plan
        if plan.post == post.code and task.closed_at is None:
            yield OpenTask(task.code, plan.title, task.done, plan.target, plan.measure, task.due_at)


def _section(connection: sa.Connection, section: Section) -> SectionState:
    """The class by what its buoy measured last; doubtful values judge no water."""
    found = queries.latest(connection, section.station, _JUDGED) if section.station else {}
    values = {
        name: row.value
        for name, row in found.items()
        if row.value is not None and row.flag in USABLE_FLAGS
    }
    judgement = single_factor(values)
    return SectionState(
        section.code,
        section.name,
        f"{section.target.label}类",
        "" if judgement is None else judgement.label,
        max((found[name].time for name in values), default=None),
    )


def _devices(connection: sa.Connection, registry: Registry, post: Post) -> Iterator[DeviceState]:
    for station in registry.stations.values():
        if station.reach in post.reaches:
            found = queries.latest(connection, station.code, (*_JUDGED, "battery_v"))
            seen = max((row.time for row in found.values()), default=None)
            yield DeviceState(station.code, station.name, "浮标", seen)
    cameras = [camera for camera in registry.cameras.values() if camera.reach in post.reaches]
    seen_at = _cameras_seen(connection, [camera.code for camera in cameras])
    for camera in cameras:
        yield DeviceState(camera.code, camera.name, "摄像机", seen_at.get(camera.code))


def _cameras_seen(connection: sa.Connection, codes: Sequence[str]) -> dict[str, datetime]:
    query = sa.select(camera_state.c.camera, camera_state.c.at)
    rows = connection.execute(query.where(camera_state.c.camera.in_(codes)))
    return {row.camera: row.at for row in rows}


def _last_patrol(connection: sa.Connection, post: Post, now: datetime) -> datetime | None:
    query = sa.select(sa.func.max(patrol.c.started_at))
    where = sa.and_(patrol.c.post == post.code, patrol.c.started_at <= now)
    found: datetime | None = connection.execute(query.where(where)).scalar()
    return found
