"""What a run gave, from the buoys' consoles, the river's truth and the store itself.

Reads the database with the standard library and not through the gateway: the judge shares no code
with what is judged.
"""

import os
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from xunhe_tools.demo.chain import Chain
from xunhe_tools.demo.children import micropython
from xunhe_tools.demo.ledger import Ledger, read_ledger
from xunhe_tools.demo.plan import Plan, identity
from xunhe_tools.virtual_river.network import Place


def make_report(chain: Chain, seconds: float) -> dict[str, Any]:
    """The figures of a run that has ended. Instants are river time, Unix seconds."""
    plan = chain.plan
    ledgers = {station: read_ledger(buoy.said()) for station, buoy in chain.buoys.items()}
    with closing(sqlite3.connect(f"file:{plan.database}?mode=ro", uri=True)) as store:
        store.row_factory = sqlite3.Row
        stored = {station: _stored(store, identity(plan, station)[0]) for station in ledgers}
        return {
            "seed": plan.seed,
            "seconds_wall": round(seconds, 1),
            "time_factor": plan.clock.factor,
            "firmware_interpreter": "micropython" if micropython() else "cpython",
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
            "readings_sampled": sum(len(ledger.sampled) for ledger in ledgers.values()),
            "readings_acknowledged": sum(len(ledger.accepted) for ledger in ledgers.values()),
            "readings_refused": sum(len(ledger.refused) for ledger in ledgers.values()),
            "readings_stored": sum(map(len, stored.values())),
            "acknowledged_but_missing": sum(
                len(ledger.accepted - stored[station]) for station, ledger in ledgers.items()
            ),
            "duplicates": _counter(store, "duplicate"),
            "rejected": dict(_rejected(store)),
            "gateway_starts": chain.gateway.starts,
            "gateway_kills": chain.gateway_kills,
            "buoys": {station: _buoy(plan, station, ledger) for station, ledger in ledgers.items()},
            "incidents": [dict(row) for row in store.execute(_INCIDENTS)],
            "tickets": [_ticket(plan, row) for row in store.execute(_TICKETS)],
        }


_INCIDENTS = """
SELECT i.id, i.kind, i.reach, i.station, i.severity,
       i.started_at / 1000.0 AS started_at, i.ended_at / 1000.0 AS ended_at,
       (SELECT count(DISTINCT station) FROM alert WHERE incident_id = i.id) AS stations,
       (SELECT count(*) FROM alert WHERE incident_id = i.id) AS alerts
FROM incident i ORDER BY i.id
"""

_TICKETS = """
SELECT t.number, t.post, t.reach, t.state, i.kind, i.station, t.opened_at / 1000.0 AS opened_at,
       (SELECT place FROM alert WHERE incident_id = i.id ORDER BY id LIMIT 1) AS place
FROM ticket t JOIN incident i ON i.id = t.incident_id ORDER BY t.id
"""


def _stored(store: sqlite3.Connection, device: str) -> set[tuple[int, int]]:
    rows = store.execute("SELECT boot, seq FROM record WHERE device = ?", (device,))
    return {(row["boot"], row["seq"]) for row in rows}


def _counter(store: sqlite3.Connection, name: str) -> int:
    row = store.execute("SELECT n FROM counter WHERE name = ?", (name,)).fetchone()
    return int(row["n"]) if row else 0


def _rejected(store: sqlite3.Connection) -> Iterator[tuple[str, int]]:
    for row in store.execute("SELECT name, n FROM counter WHERE name LIKE 'rejected.%'"):
        yield row["name"].removeprefix("rejected."), row["n"]


def _arrival_s(plan: Plan, place: str) -> float | None:
    """When the discharge comes to a station or leaves an outfall."""
    at = (plan.registry.stations | plan.registry.outfalls).get(place)
    return None if at is None else plan.river.arrival_s(Place(at.reach, at.position_m))


def _buoy(plan: Plan, station: str, ledger: Ledger) -> dict[str, Any]:
    return {
        "sampled": len(ledger.sampled),
        "acknowledged": len(ledger.accepted),
        "refused": len(ledger.refused),
        "discharge_arrival_s": _arrival_s(plan, station),
    }


def _ticket(plan: Plan, row: sqlite3.Row) -> dict[str, Any]:
    ticket = {**dict(row), "post_title": plan.registry.posts[row["post"]].title}
    arrival_s = _arrival_s(plan, row["place"])
    if row["kind"] == "discharge" and arrival_s is not None:
        delay_s = row["opened_at"] - arrival_s
        ticket["arrival_to_ticket_river_s"] = round(delay_s, 1)
        ticket["arrival_to_ticket_wall_s"] = round(delay_s / plan.clock.factor, 2)
    return ticket
