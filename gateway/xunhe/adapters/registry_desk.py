"""The registry as it is edited while the gateway runs: its folder's files stay the one truth.

A change goes through the checks of an import, is told in the log and written to the files, in this
order and under the database's writing lock: two editors never overwrite each other. The log has no
names of persons, only their codes. Kind `registry.changed`, subject `registry`: {changes: [[table,
row, added | changed | removed, {column: [before, after]}]], sha256: of both files}.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from xunhe.adapters.cameras_file import with_cameras
from xunhe.adapters.registry_file import DUTY_FILE, MAP_FILE, read_book
from xunhe.adapters.registry_people import duties_left, without_person
from xunhe.adapters.registry_rows import Book, build
from xunhe.adapters.registry_tables.changes import Change, What, changes, key_of
from xunhe.adapters.registry_tables.columns import TABLES, Table
from xunhe.adapters.registry_tables.datum import Move
from xunhe.adapters.registry_tables.importing import Outcome, take_in
from xunhe.adapters.registry_tables.rows import flattened
from xunhe.adapters.registry_tables.sheet import Line, Problem, Sheet
from xunhe.adapters.registry_writer import write_book
from xunhe.adapters.routes_file import with_routes
from xunhe.adapters.store import desk_log, handovers, problems
from xunhe.adapters.store.problems import Lamp
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.desk.log import JSON
from xunhe.domain.registry import Registry, RegistryError
from xunhe.settings import SupervisionSettings

CHANGED = "registry.changed"
SUBJECT = "registry"

_PERSONAL = frozenset({"person"})  # tables whose cells stay out of the log


@dataclass(frozen=True, slots=True)
class RegistryDesk:
    """Edits the registry of a folder. `reload` makes the running gateway take it up."""

    folder: Path
    reload: Callable[[], None]

    def book(self) -> Book:
        """The rows as they lie in the files."""
        return read_book(self.folder)

    def digest(self) -> str:
        """SHA-256 of both files."""
        both = b"".join((self.folder / name).read_bytes() for name in (MAP_FILE, DUTY_FILE))
        return hashlib.sha256(both).hexdigest()

    def tried(
        self,
        connection: sa.Connection,
        before: Book,
        sheets: Sequence[Sheet],
        at: datetime,
        *,
        whole: bool = False,
        datum: Move | None = None,
    ) -> Outcome:
        """What sheets would make of the rows, held against the registry and the desk's duties."""
        return self.checked(connection, before, take_in(before, sheets, whole, datum), at)

    def checked(
        self, connection: sa.Connection, before: Book, outcome: Outcome, at: datetime
    ) -> Outcome:
        """The outcome with what the desk's duties, cameras and planned routes have against it."""
        if outcome.problems:
            return outcome
        try:
            after = with_routes(with_cameras(build(outcome.book), self.folder), self.folder)
        except RegistryError as error:
            found = tuple(Problem("", 0, "", sentence) for sentence in error.problems)
            return replace(outcome, problems=found)
        removed = [one for one in changes(before, outcome.book) if one.what is What.REMOVED]
        sentences = _in_the_way(connection, build(before), after, removed, at)
        found = tuple(Problem("", 0, "", sentence) for sentence in sentences)
        return replace(outcome, problems=found)

    def save(
        self, connection: sa.Connection, before: Book, after: Book, actor: str, at: datetime
    ) -> list[Change]:
        """Write rows that were checked, in the caller's writing transaction; what changed."""
        made = list(changes(before, after))
        if not made:
            return made
        write_book(self.folder, before, after)
        told: dict[str, JSON] = {
            "changes": [_told(change) for change in made],
            "sha256": self.digest(),
        }
        desk_log.append(connection, at, actor, CHANGED, SUBJECT, told)
        return made


def sheet_of_row(table: Table, cells: Sequence[str]) -> Sheet:
    """One row from a form, as an import takes it; `cells` in the order of the table's columns."""
    header = tuple(column.key for column in table.columns)
    return Sheet(table.zh, table.kind, header, (Line(1, tuple(cells)),))


def without_row(
    connection: sa.Connection, book: Book, table: Table, key: str, at: datetime
) -> Book:
    """The rows less one. Of a person who held a post once, the name goes and history stays.

    Raises RegistryError for a person who holds a post.
    """
    if table.kind == "person":
        return without_person(book, key, handovers.duty(connection, build(book)), at)
    kept = [
        row for row in book.rows.get(table.kind, ()) if key_of(flattened(row, table), table) != key
    ]
    return replace(book, rows={**book.rows, table.kind: kept})


def row_digest(book: Book, table: Table, key: str) -> str:
    """Of what an editor has before him; empty where there is no such row."""
    for row in book.rows.get(table.kind, ()):
        if key_of(flattened(row, table), table) == key:
            return hashlib.sha256(repr(sorted(row.items())).encode()).hexdigest()
    return ""


def _told(change: Change) -> list[JSON]:
    cells: dict[str, JSON] = {key: list(pair) for key, pair in change.cells.items()}
    if change.kind in _PERSONAL:
        cells = dict.fromkeys(cells)
    return [change.kind, change.key, change.what.value, cells]


def _in_the_way(
    connection: sa.Connection,
    before: Registry,
    after: Registry,
    removed: Collection[Change],
    at: datetime,
) -> Iterator[str]:
    """Why rows cannot go: nobody else would answer for what is open."""
    gone = {kind: [one.key for one in removed if one.kind == kind] for kind in TABLES}
    yield from duties_left(gone["person"], handovers.duty(connection, before), at)
    for post in gone["post"]:
        if handovers.open_of(connection, post) is not None:
            yield f"岗位 {post} 正在交接 / post {post} is being handed over: finish it first"
        yield from _open_tickets(connection, Filters(is_open=True, posts={post}), "岗位", post, at)
    for reach in gone["reach"]:
        filters = Filters(is_open=True, reach=reach)
        yield from _open_tickets(connection, filters, "河段", reach, at)
    for person in gone["person"]:
        if person not in after.persons and handovers.awaits(connection, person):
            yield f"人员 {person} 正在接任 / person {person} is about to take a post over"


def _open_tickets(
    connection: sa.Connection, filters: Filters, what: str, code: str, at: datetime
) -> Iterator[str]:
    number = problems.count(connection, filters, Lamp(at, SupervisionSettings()))
    if number:
        yield (
            f"{what} {code} 还有 {number} 张未办结工单：先办结或移交"
            f" / {code} has {number} open tickets: close them or hand them over first"
        )
