"""What an engine gives to the store: its connections, by what their transactions may do."""

from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Pools:
    """Connections to one database.

    `writer`: a transaction of it is the only one that writes, from its first statement on.
    `appender`: adds rows that have keys of their own, beside a writer where the engine can do so.
    `reader`: a transaction of it sees one snapshot and writes nothing.
    """

    writer: sa.Engine
    appender: sa.Engine
    reader: sa.Engine

    def dispose(self) -> None:
        """Give all connections back."""
        for pool in (self.writer, self.appender, self.reader):
            pool.dispose()
