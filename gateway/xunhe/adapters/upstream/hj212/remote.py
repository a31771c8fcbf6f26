"""What a platform sets on a station by CN 1000 to 1072, kept over restarts.

What the settings file says holds until the platform changes it, and again once the file changes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store.schema import hj212_remote
from xunhe.adapters.store.upsert import insert
from xunhe.outward_settings.hj212 import Hj212Settings, Hj212StationSettings


@dataclass(frozen=True, slots=True)
class Remote:
    """How a station behaves towards its platform."""

    pw: str
    over_time_s: float
    re_count: int
    rtd_interval_s: int
    min_interval: int  # minutes
    sends_realtime: bool = True


def destination_of(settings: Hj212Settings) -> str:
    """What the link is called in the store."""
    return f"hj212.{settings.name}"


def of_file(settings: Hj212Settings, station: Hj212StationSettings) -> Remote:
    """As the settings file has it."""
    return Remote(
        station.pw,
        settings.over_time_s,
        settings.re_count,
        settings.rtd_interval_s,
        settings.min_interval,
    )


def load(connection: sa.Connection, settings: Hj212Settings) -> dict[str, Remote]:
    """By MN: how every station of a link behaves now."""
    query = sa.select(hj212_remote).where(hj212_remote.c.destination == destination_of(settings))
    changed = {row.mn: row.changed for row in connection.execute(query)}
    return {
        station.mn: _applied(of_file(settings, station), changed.get(station.mn, {}))
        for station in settings.station
    }


def save(
    connection: sa.Connection, settings: Hj212Settings, station: Hj212StationSettings, now: Remote
) -> None:
    """Keep what differs from the file."""
    was, is_now = asdict(of_file(settings, station)), asdict(now)
    changed = {name: [was[name], value] for name, value in is_now.items() if value != was[name]}
    key = {"destination": destination_of(settings), "mn": station.mn}
    new = insert(hj212_remote).values(**key, changed=changed)
    connection.execute(new.on_conflict_do_update(index_elements=key, set_={"changed": changed}))


def _applied(file: Remote, changed: Mapping[str, Any]) -> Remote:
    said = asdict(file)
    return replace(file, **{name: now for name, (was, now) in changed.items() if was == said[name]})
