"""The gateway's own river, for who attacks it."""

from tests.gateway.conftest import address, buoys, clock, database, engine, ingest, registry

__all__ = ["address", "buoys", "clock", "database", "engine", "ingest", "registry"]
