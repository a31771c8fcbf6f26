"""The evidence package of a ticket (证据包): a ZIP that proves itself without us.

    manifest.json    SHA-256 and size of every other file; where the log begins and ends
    originals/       the files of evidence as they were kept, under their SHA-256
    ticket.json      the ticket; incidents.json its alerts with their reasons
    readings.csv     what the buoys measured around the incident, flags included
    log.jsonl        the desk's log from the ticket's first entry to the newest, one unbroken chain
    verify.py        checks all of it with plain python3

The manifest is in no list: its own digest stands on the letter (移送函) and in the desk's log.
The log holds other tickets' entries of those days too, or the chain could not be checked; it names
posts, never persons. What citizens wrote is not in the package.
"""

import csv
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from pydantic import TypeAdapter

from xunhe.adapters.evidence import EvidenceError, EvidenceStore
from xunhe.adapters.store import desk_log, evidence, queries, tickets
from xunhe.adapters.store.evidence import EvidenceRow
from xunhe.adapters.store.queries import AlertRow
from xunhe.adapters.store.schema import observation
from xunhe.adapters.whole_file import PART, sync_folder
from xunhe.desk.log import JSON, Entry, canonical, iso, written
from xunhe.domain.ticket import Ticket

FORMAT = "xunhe-evidence-1"
_VERIFY = Path(__file__).with_name("verify_package.py")
_AROUND = timedelta(hours=6)  # of readings, before the first alert and after the last
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same package gives the same bytes
_TICKET = TypeAdapter(Ticket)
_ALERTS = TypeAdapter(list[AlertRow])


@dataclass(frozen=True, slots=True)
class Package:
    """A package that lies in the folder; `digest` is the SHA-256 of its manifest."""

    path: Path
    digest: str
    files: int
    absent: int


@dataclass(frozen=True, slots=True)
class Contents:
    """All that a package holds, read from one snapshot."""

    ticket: Ticket
    alerts: list[AlertRow]
    evidence: list[EvidenceRow]
    readings: bytes
    log: list[Entry]


def contents_of(connection: sa.Connection, ticket: Ticket, now: datetime) -> Contents:
    """What the store knows of a ticket."""
    incidents = tickets.incidents_of(connection, ticket.id)
    alerts = [row for known in incidents for row in queries.witnesses(connection, known)]
    first = next(desk_log.entries(connection, subject=f"ticket:{ticket.id}"))
    return Contents(
        ticket,
        alerts,
        evidence.of_ticket(connection, ticket.id, incidents),
        _readings(connection, alerts, now),
        list(desk_log.entries(connection, after_seq=first.seq - 1)),
    )


def write_package(contents: Contents, store: EvidenceStore, folder: Path, at: datetime) -> Package:
    """Write the ZIP into a folder, whole or not at all. What is gone is listed with its reason."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, part = tempfile.mkstemp(prefix=PART, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                digest, files, absent = _fill(archive, contents, store, at)
            file.flush()
            os.fsync(file.fileno())
        path = folder / f"{digest}.zip"
        Path(part).replace(path)
    finally:  # gone already where all went well
        Path(part).unlink(missing_ok=True)
    sync_folder(folder)
    return Package(path, digest, files, absent)


def _fill(
    archive: zipfile.ZipFile, contents: Contents, store: EvidenceStore, at: datetime
) -> tuple[str, int, int]:
    listed: list[JSON] = []
    absent: list[JSON] = []
    for name, data in _small_files(contents):
        _add(archive, name, data, listed)
    for row in _each_once(contents.evidence):
        try:
            path = store.find(row.sha256)
            _add(archive, f"originals/{path.name}", store.read(row.sha256), listed)
        except EvidenceError as error:
            absent.append({"sha256": row.sha256, "role": row.role, "why": str(error)})
    manifest = _manifest(contents, listed, absent, at)
    data = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1).encode()
    _add(archive, "manifest.json", data, [])
    return hashlib.sha256(data).hexdigest(), len(listed), len(absent)


def _manifest(
    contents: Contents, listed: list[JSON], absent: list[JSON], at: datetime
) -> dict[str, JSON]:
    first, last = contents.log[0], contents.log[-1]
    return {
        "format": FORMAT,
        "ticket": contents.ticket.number,
        "made_at": iso(at),
        "files": listed,
        "absent": absent,
        "chain": {
            "first_seq": first.seq,
            "prev": first.prev,
            "last_seq": last.seq,
            "head": last.hash,
        },
    }


def _small_files(contents: Contents) -> Iterator[tuple[str, bytes]]:
    yield "ticket.json", _TICKET.dump_json(contents.ticket, indent=1)
    yield "incidents.json", _ALERTS.dump_json(contents.alerts, indent=1)
    yield "readings.csv", contents.readings
    yield "log.jsonl", "".join(f"{canonical(written(entry))}\n" for entry in contents.log).encode()
    yield "verify.py", _VERIFY.read_bytes()


def _each_once(rows: list[EvidenceRow]) -> list[EvidenceRow]:
    """One row of each file: the same picture may show two incidents."""
    return list({row.sha256: row for row in rows}.values())


def _add(archive: zipfile.ZipFile, name: str, data: bytes, listed: list[JSON]) -> None:
    info = zipfile.ZipInfo(name, _STAMP)
    info.external_attr = 0o644 << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, data)
    digest = hashlib.sha256(data).hexdigest()
    listed.append({"path": name, "sha256": digest, "size": len(data)})


def _readings(connection: sa.Connection, alerts: list[AlertRow], now: datetime) -> bytes:
    out = io.StringIO(newline="")
    table = csv.writer(out)
    table.writerow(("station", "property", "time", "value", "flag"))
    if alerts:
        since = min(alert.started_at for alert in alerts) - _AROUND
        until = max(alert.ended_at or now for alert in alerts) + _AROUND
        for row in connection.execute(_query({alert.station for alert in alerts}, since, until)):
            table.writerow((row.station, row.property, iso(row.time), row.value, row.flag))
    return out.getvalue().encode()


def _query(stations: set[str], since: datetime, until: datetime) -> sa.Select[tuple[object, ...]]:
    columns = (observation.c[name] for name in ("station", "property", "time", "value", "flag"))
    return (
        sa.select(*columns)
        .where(observation.c.station.in_(stations), observation.c.time.between(since, until))
        .order_by(observation.c.station, observation.c.property, observation.c.time)
    )
