"""Files of evidence that were carried from a gateway to the province's desk, by stick or by wire.

A file is known by its content alone: what the list of no gateway names is refused.
"""

from datetime import datetime
from pathlib import Path

from xunhe.adapters.evidence import MissingError, NoRoomError
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.store import evidence
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import Role


def take_in(database: Database, budget: Budget, file: Path, now: datetime) -> None:
    """Keep a file that the desk waits for: on the disk first, then in its rows.

    MissingError where no row waits for these bytes, NoRoomError, OSError.
    """
    data = file.read_bytes()
    sha256 = budget.store.digest(data)
    with database.read() as connection:
        awaited = evidence.awaited(connection, sha256)
    if awaited is None:
        raise MissingError("没有网关列出这个文件 / no gateway lists a file of this content")
    if not budget.make_room(len(data), Role(awaited.role), {}, now):
        raise NoRoomError("证据空间已满 / the evidence budget is full")
    budget.store.put(data, awaited.media_type)
    with database.write() as connection:
        evidence.arrived(connection, sha256)
