"""What the registry's commands do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xunhe.adapters.cameras_file import with_cameras
from xunhe.adapters.registry_codes import coded
from xunhe.adapters.registry_file import read_book
from xunhe.adapters.registry_people import duties_left, without_person
from xunhe.adapters.registry_rows import Book, build
from xunhe.adapters.registry_tables.columns import TABLES
from xunhe.adapters.registry_tables.datum import moved_book
from xunhe.adapters.registry_tables.importing import take_in
from xunhe.adapters.registry_tables.merging import Counts
from xunhe.adapters.registry_tables.reading import read_sheets
from xunhe.adapters.registry_tables.writing import write_csv, write_excel, write_geojson
from xunhe.adapters.registry_writer import write_book
from xunhe.adapters.store import handovers
from xunhe.adapters.store.address import is_there
from xunhe.adapters.store.database import Database
from xunhe.cli import settings_of
from xunhe.domain.clock import SystemClock
from xunhe.domain.duty import Duty
from xunhe.domain.gcj02 import to_gcj02, to_wgs84
from xunhe_tools.registry.form import Encoding, Form


@dataclass(frozen=True, slots=True)
class Report:
    """What an import would do or did, and what is wrong with it."""

    lines: tuple[str, ...]
    problems: tuple[str, ...]


def import_files(
    folder: Path,
    files: Sequence[Path],
    kind: str | None,
    whole: bool,
    gcj02: bool,
    config: Path | None,
    *,
    is_dry: bool,
) -> Report:
    """Take files into the registry of a folder; written only without problems and not `is_dry`."""
    before = read_book(folder)
    sheets = [sheet for path in files for sheet in read_sheets(path, kind)]
    outcome = take_in(before, sheets, whole, to_wgs84 if gcj02 else None)
    problems = [str(problem) for problem in outcome.problems]
    if "person" in outcome.counts:
        gone = outcome.counts["person"].removed
        problems += duties_left(gone, _duty(before, config), SystemClock().now())
    if problems:
        return Report((), (*problems, f"共 {len(problems)} 处，未导入 / nothing was imported"))
    with_cameras(build(outcome.book), folder)
    lines = list(_lines(outcome.counts))
    if is_dry:
        return Report((*lines, "试算：加 --apply 写入 / a dry run: --apply writes it"), ())
    written = write_book(folder, before, outcome.book)
    return Report((*lines, *(f"已写入 / written: {path}" for path in written)), ())


def _lines(counts: Mapping[str, Counts]) -> Iterator[str]:
    for kind, count in counts.items():
        yield (
            f"{TABLES[kind].zh} {kind}: 新增 added {count.added}，修改 changed {count.changed}，"
            f"不变 same {count.same}，删除 removed {len(count.removed)}"
        )


def export_files(
    folder: Path, out: Path, form: Form, encoding: Encoding, gcj02: bool
) -> list[Path]:
    """Write the registry of a folder as tables; the files that are written."""
    book = read_book(folder)
    build(book)
    book = moved_book(book, to_gcj02) if gcj02 else book
    if form is Form.CSV:
        return write_csv(book, out, encoding)
    return write_excel(book, out) if form is Form.XLSX else write_geojson(book, out)


def code_waters(folder: Path, division: str, *, is_dry: bool) -> dict[str, str]:
    """Give official codes; the codes by water."""
    before = read_book(folder)
    after, given = coded(before, division)
    build(after)
    if not is_dry:
        write_book(folder, before, after)
    return given


def take_out(folder: Path, person: str, config: Path | None) -> None:
    """Take a person out of the registry of a folder."""
    before = read_book(folder)
    after = without_person(before, person, _duty(before, config), SystemClock().now())
    write_book(folder, before, after)


def _duty(book: Book, config: Path | None) -> Duty:
    """Who holds which post, by the registry and by the handovers of the gateway's database."""
    registry = build(book)
    address = settings_of(config).store.database
    if not is_there(address):
        return Duty(registry.tenures)
    database = Database.open(address)
    try:
        with database.read() as connection:
            return handovers.duty(connection, registry)
    finally:
        database.close()
