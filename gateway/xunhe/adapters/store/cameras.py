"""How each camera was last, and what its pipeline remembers over a restart."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.camera.messages import Told
from xunhe.adapters.store.events import emit
from xunhe.adapters.store.schema import camera_state
from xunhe.adapters.store.upsert import insert


def remember(connection: sa.Connection, camera: str, memory: dict[str, Any], now: datetime) -> None:
    """Keep what the pipeline remembers."""
    row = {"camera": camera, "at": now, "state": "connecting", "detail": "", "counts": {}}
    statement = insert(camera_state).values(memory=memory, **row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["camera"], set_={"memory": memory})
    )


def tell(connection: sa.Connection, told: Told, at: datetime, detail: str, now: datetime) -> bool:
    """Keep how a camera is; True where its state is another than before, which is an event."""
    before = connection.execute(
        sa.select(camera_state.c.state).where(camera_state.c.camera == told.camera)
    ).scalar()
    row = {
        "at": at,
        "state": told.state,
        "detail": detail,
        "memory": told.memory,
        "counts": told.counts,
    }
    statement = insert(camera_state).values(camera=told.camera, **row)
    connection.execute(statement.on_conflict_do_update(index_elements=["camera"], set_=row))
    if before == told.state:
        return False
    said = {"camera": told.camera, "state": told.state, "detail": detail}
    emit(connection, "camera", said, now)
    return True


def tell_misread(connection: sa.Connection, problems: Sequence[str], now: datetime) -> None:
    """Keep as an event what is wrong with the list of cameras; nothing: it is right again."""
    state = "misread" if problems else "read"
    said = {"camera": None, "state": state, "detail": "\n".join(problems)}
    emit(connection, "camera", said, now)


def memories(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """What every camera's pipeline remembered last."""
    rows = connection.execute(sa.select(camera_state.c.camera, camera_state.c.memory))
    return {row.camera: row.memory for row in rows if row.memory}
