"""Papers as rows: issued once, numbered without a gap, told in the desk's log.

The number is taken in the transaction that writes the paper. Writers stand in line, so that two
processes never take the same one, and a paper that fails takes none.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.store import desk_log
from xunhe.adapters.store.schema import document
from xunhe.desk.documents.model import ISSUED_JSON, Issued, Kind, Paper, check_dates
from xunhe.desk.documents.numbering import Serial, following


@dataclass(frozen=True, slots=True)
class Office:
    """Who issues papers: the name in red, and the short one before a number."""

    name: str
    short: str


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """An issued paper with its row's id."""

    id: int
    actor: str
    issued: Issued


def issue(
    connection: sa.Connection, paper: Paper, office: Office, actor: str, at: datetime
) -> KeptPaper:
    """Number, keep and log a paper in the caller's transaction.

    Raises DatedBeforeFactsError or IssuedBackwardsError; no number is taken then.
    """
    check_dates(paper, at)
    serial = following(paper.kind, at, _last(connection, paper.kind))
    issued = Issued(serial.text(office.short), office.name, at, paper)
    content = ISSUED_JSON.dump_json(issued)
    row = {
        "kind": paper.kind.value,
        "year": serial.year,
        "serial": serial.serial,
        "subject": paper.subject,
        "issued_at": at,
        "actor": actor,
        "content": content.decode(),
    }
    key = connection.execute(document.insert().values(**row)).inserted_primary_key
    if key is None:
        raise RuntimeError("no key came back for the new row of document")
    told = {
        "document": int(key[0]),
        "kind": paper.kind.value,
        "number": issued.number,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    desk_log.append(connection, at, actor, "document.issued", paper.subject, told)
    return KeptPaper(int(key[0]), actor, issued)


def find(connection: sa.Connection, document_id: int) -> KeptPaper | None:
    """One paper."""
    query = sa.select(document).where(document.c.id == document_id)
    row = connection.execute(query).first()
    return None if row is None else _kept(row)


def newest(
    connection: sa.Connection,
    kind: Kind | None = None,
    subject: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> Iterator[KeptPaper]:
    """Papers of a kind, about a subject, the newest first."""
    query = sa.select(document).order_by(document.c.id.desc()).limit(limit).offset(offset)
    if kind is not None:
        query = query.where(document.c.kind == kind.value)
    if subject is not None:
        query = query.where(document.c.subject == subject)
    for row in connection.execute(query):
        yield _kept(row)


def _last(connection: sa.Connection, kind: Kind) -> tuple[Serial, datetime] | None:
    query = sa.select(document.c.year, document.c.serial, document.c.issued_at)
    newest = query.where(document.c.kind == kind.value)
    newest = newest.order_by(document.c.year.desc(), document.c.serial.desc()).limit(1)
    row = connection.execute(newest).first()
    return None if row is None else (Serial(kind, row.year, row.serial), row.issued_at)


def _kept(row: sa.Row[Any]) -> KeptPaper:
    return KeptPaper(row.id, row.actor, ISSUED_JSON.validate_json(row.content))
