"""Takes external values in: checked together, stored in one transaction, or not at all.

What is refused is counted and kept with its reasons among the rejected. A dry run changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import external, records
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.external import Origin
from xunhe.adapters.store.records import Rejected
from xunhe.domain.external import Entry, ExternalError, Problem
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason
from xunhe.water.external_checks import check, without_repeats

_DETAIL_KEPT = 2000  # characters of what was wrong


@dataclass(frozen=True, slots=True)
class Imported:
    """How many values are new, and how many this source had said before (or twice)."""

    new: int
    known: int


def take_in(
    database: Database,
    registry: Registry,
    entries: Sequence[Entry],
    by: Origin,
    now: datetime,
    *,
    dry_run: bool = False,
) -> Imported:
    """Check and store. Raises ExternalError with everything wrong, and then nothing is stored."""
    with database.read() if dry_run else database.write() as connection:
        new = new_entries(connection, registry, entries, by, now)
        if not dry_run:
            external.insert(connection, [entry.value for entry in new], by, now)
            records.count(connection, "external", len(new))
    return Imported(len(new), len(entries) - len(new))


def refuse(
    database: Database, by: Origin, data: bytes, error: ExternalError, now: datetime
) -> None:
    """Keep what was refused, with its reasons, among the rejected."""
    rejected = Rejected(
        Reason.EXTERNAL, str(error)[:_DETAIL_KEPT], f"external/{by.source}", data, len(data)
    )
    with database.write() as connection:
        records.reject(connection, rejected, now)


def new_entries(
    connection: sa.Connection,
    registry: Registry,
    entries: Sequence[Entry],
    by: Origin,
    now: datetime,
) -> list[Entry]:
    """Those that this source has not said before. ExternalError with everything wrong."""
    places = {code: place.lon_lat for _, kind in registry.places() for code, place in kind.items()}
    keys = {(entry.value.place, entry.value.prop) for entry in entries}
    problems = check(entries, places, external.usual(connection, sorted(keys)), now)
    once = without_repeats(entries)
    before = external.known(connection, by.source, [entry.value for entry in once])
    new = []
    for entry in once:
        value = entry.value
        said = before.get((value.place, value.prop, value.time))
        if said is None:
            new.append(entry)
        elif said != value:
            problems.append(_conflict(entry, said.value, by.source))
    if problems:
        raise ExternalError(problems)
    return new


def _conflict(entry: Entry, said: float, source: str) -> Problem:
    value = entry.value.value
    return Problem(
        entry.where,
        f"来源“{source}”已有不同的数值 {said:g}（现为 {value:g}）：更正请用另一来源名",
        f"{source!r} has said {said:g} before, not {value:g}: correct it under another source",
    )
