"""The desk's log: append-only, each entry chained to the one before it by SHA-256.

Everything that scores and reports is computed from these entries alone. Kinds:

    ticket.opened    a ticket comes to be: number, source, category, severity, reach, post, due_at
    ticket.moved     its state changes: action, from, to, reason, due_at, post, handler, round
    ticket.noted     its state stays: action and what it brought (evidence, the river's answer …)
    ticket.due       its deadline changes: action, due_at, before, is_provisional
    ticket.reported  another public report joined it
    ticket.linked    another incident of the same water became its own
    member.seated    an account got its seat: personal id, role, code;  member.unseated  lost it
    document.issued  a paper got its number: document, kind, number, sha256 of its content
    citizen.received a citizen's report opened or joined a ticket: report, joined, personal, hash
    points.moved     points moved: key, postings
    package.made     the evidence package of a ticket: sha256 of its manifest, files, absent
    clock.set_back   the gateway's clock went back: from, to
    personal.erased  personal data were erased: what they were about stays, they are gone
    task.* list.*    tasks and the three lists: desk/tasks.py, desk/lists.py
    plan.*           plans of rivers and their approvals: desk/river_plans.py
    adoption.*       reaches that volunteers adopt: desk/adoption.py
    offer.*          tickets offered to and by neighbours: desk/offers.py
    patrol.made      a patrol: desk/patrols.py
    light.*          a handler warns that a deadline cannot be made, or takes it back
    circular.published  the lights of a month: desk/circular.py
    escalation.*     steps of the ladder: desk/escalation.py
    lookback.*       samples and what was found: desk/lookback.py
    report.submitted meeting.held ledger.reminded   what units hand in: desk/returns.py
    grade.given satisfaction.rated water.year       what scores count besides: desk/tally.py
    water.judged     the desk has compared a year's water with the one before: year
    registry.changed rows of the registry were edited or imported: adapters/registry_desk.py

The chain's rule, for whoever checks it elsewhere: `hash` is the SHA-256 (hex) of the UTF-8 text of
`canonical` of {seq, at, actor, kind, subject, data, prev}; `at` is ISO 8601 in UTC with three
decimals and Z; `prev` is the hash of the entry before, 64 zeros for the first.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import TypeAlias

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"

ORIGIN = "0" * 64  # `prev` of the first entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. `actor` is a post or a role, never a person; `subject` such as `ticket:12`."""

    seq: int
    at: datetime
    actor: str
    kind: str
    subject: str
    data: Mapping[str, JSON]
    prev: str
    hash: str


class Flaw(Enum):
    """What is wrong with an entry."""

    GAP = "an entry before it is missing"
    LINK = "it does not follow from the entry before it"
    CONTENT = "its content has been changed"
    UNREADABLE = "it cannot be read"
    HEAD = "it is not what was published at the time"


@dataclass(frozen=True, slots=True)
class Broken:
    """The first entry at which the chain fails."""

    seq: int
    flaw: Flaw


def canonical(value: JSON) -> str:
    """JSON with sorted keys, no spaces, no escapes but JSON's own. ValueError for NaN."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: how every instant stands in the log."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def chained(
    previous: Entry | None,
    at: datetime,
    actor: str,
    kind: str,
    subject: str,
    data: Mapping[str, JSON],
) -> Entry:
    """The entry that follows `previous` (None: the first). `at` is cut to milliseconds."""
    at = at.astimezone(UTC)
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    seq, prev = (1, ORIGIN) if previous is None else (previous.seq + 1, previous.hash)
    entry = Entry(seq, at, actor, kind, subject, data, prev, "")
    return Entry(seq, at, actor, kind, subject, data, prev, digest(entry))


def digest(entry: Entry) -> str:
    """SHA-256 of an entry's content, in hex; its own `hash` does not count."""
    return hashlib.sha256(canonical(_content(entry)).encode()).hexdigest()


def written(entry: Entry) -> dict[str, JSON]:
    """An entry as it is written down outside the database, with its hash."""
    return {**_content(entry), "hash": entry.hash}


def _content(entry: Entry) -> dict[str, JSON]:
    return {
        "seq": entry.seq,
        "at": iso(entry.at),
        "actor": entry.actor,
        "kind": entry.kind,
        "subject": entry.subject,
        "data": entry.data,
        "prev": entry.prev,
    }


def first_broken(entries: Iterable[Entry], after: Entry | None = None) -> Broken | None:
    """The first entry that breaks the chain, None where it holds. `after`: one that is trusted."""
    seq, prev = (0, ORIGIN) if after is None else (after.seq, after.hash)
    for entry in entries:
        if entry.seq != seq + 1:
            return Broken(entry.seq, Flaw.GAP)
        if entry.prev != prev:
            return Broken(entry.seq, Flaw.LINK)
        if digest(entry) != entry.hash:
            return Broken(entry.seq, Flaw.CONTENT)
        seq, prev = entry.seq, entry.hash
    return None
