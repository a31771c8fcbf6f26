"""Holds a database file against the ledger, by plain sqlite3 and the description of its tables."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from xunhe_tools.bench.gateway.frames import DIVISORS
from xunhe_tools.bench.gateway.ledger import Key, Ledger


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with a store: nothing, when all are 0.

    `lost`: acknowledged as taken and not there, or as refused and not kept with a reason.
    `altered`: there with other values than the device measured. `ticketless`: polluted stations
    whose acknowledged readings opened no ticket.
    """

    lost: int
    altered: int
    duplicate_tickets: int
    ticketless: int


def check(path: Path, ledger: Ledger) -> Verdict:
    """The verdict on a store that nobody writes to any more."""
    with closing(sqlite3.connect(path)) as store:
        found, rejected = _stored(store), _rejected(store)
        lost = sum(key not in found for key in ledger.accepted)
        lost += sum(key not in rejected for key in ledger.refused)
        altered = sum(found[key] != _values(ledger, key) for key in ledger.accepted & found.keys())
        tickets = _tickets_by_station(store)
    duplicates = sum(max(0, number - 1) for number in tickets.values())
    return Verdict(lost, altered, duplicates, _without(ledger, tickets))


def waiting(path: Path) -> int:
    """How many readings have not been judged yet."""
    with closing(sqlite3.connect(path)) as store:
        return int(store.execute("SELECT count(*) FROM unjudged").fetchone()[0])


def judged(path: Path) -> int:
    """How many readings have been: stored and waiting are counted at one moment."""
    query = "SELECT (SELECT count(*) FROM record) - (SELECT count(*) FROM unjudged)"
    with closing(sqlite3.connect(path)) as store:
        return int(store.execute(query).fetchone()[0])


def tickets(path: Path) -> dict[str, int]:
    """Tickets over discharges, by the station that saw it first."""
    with closing(sqlite3.connect(path)) as store:
        return _tickets_by_station(store)


def _without(ledger: Ledger, tickets: dict[str, int]) -> int:
    """Stations whose discharge nobody has to see to."""
    return sum(station not in tickets for station in ledger.polluted)


def _stored(store: sqlite3.Connection) -> dict[Key, dict[str, float]]:
    """Values of every record, both of its parts being there: what came, and what it means."""
    query = (
        "SELECT device, boot, seq, property, value FROM observation JOIN record"
        " USING (device, boot, seq)"
    )
    found: dict[Key, dict[str, float]] = {}
    for device, boot, seq, prop, value in store.execute(query):
        found.setdefault((device, boot, seq), {})[prop] = value
    return found


def _rejected(store: sqlite3.Connection) -> set[Key]:
    return set(store.execute("SELECT device, boot, seq FROM rejected WHERE device IS NOT NULL"))


def _values(ledger: Ledger, key: Key) -> dict[str, float]:
    scaled = ledger.readings[key].scaled
    return {
        prop: value / divisor
        for (prop, divisor), value in zip(DIVISORS.items(), scaled, strict=True)
    }


def _tickets_by_station(store: sqlite3.Connection) -> dict[str, int]:
    """Tickets over discharges, by the station that saw it first."""
    query = (
        "SELECT incident.station, count(DISTINCT ticket_incident.ticket_id) FROM incident"
        " JOIN ticket_incident ON ticket_incident.incident_id = incident.id"
        " WHERE incident.kind = 'discharge' GROUP BY incident.station"
    )
    return dict(store.execute(query))
