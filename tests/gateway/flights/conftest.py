"""A gateway that takes in flights, its clock standing still."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.conftest import StandingClock
from tests.gateway.flights.reported import jpeg
from tests.gateway.test_ingest import rows
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.flights.intake import Brought, FlightBook, Taken
from xunhe.adapters.proof import Keeper
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.domain.flight import Flight
from xunhe.domain.registry import Registry


@dataclass
class Hangar:
    """Where flights come in."""

    book: FlightBook
    database: Database
    evidence: EvidenceStore

    def take(self, flight: Flight, **brought: Any) -> Taken:
        pictures = {one.id: jpeg(60 + i) for i, one in enumerate(flight.findings)}
        values: dict[str, Any] = {"pictures": pictures, "actor": "office", **brought}
        return self.book.take(Brought(flight, **values))

    def rows(self, *tables: str) -> list[Any]:
        return [row for table in tables for row in rows(self.database, getattr(schema, table))]


@pytest.fixture
def hangar(database: Database, registry: Registry, tmp_path: Path) -> Hangar:
    evidence = EvidenceStore(tmp_path / "evidence")
    keeper = Keeper(Budget(database, evidence, 1 << 24))
    book = FlightBook(database, registry, StandingClock(), keeper, shipped())
    return Hangar(book, database, evidence)
