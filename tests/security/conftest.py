"""The gateway's own river, for who attacks it."""

from tests.gateway.conftest import buoys, clock, database, ingest, registry

__all__ = ["buoys", "clock", "database", "ingest", "registry"]
