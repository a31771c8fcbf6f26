"""What an engine gives to the store: its connections, by what their transactions may do."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Pools:
    """Connections to one database.

    `writer`: a transaction of it is the only one that writes, from its first statement on.
    `appender`: adds rows that have keys of their own, beside a writer where the engine can do so.
    `reader`: a transaction of it sees one snapshot and writes nothing.
    `turns`: where this process's writers wait for each other, if the engine does not see to it.
    """

    writer: sa.Engine
    appender: sa.Engine
    reader: sa.Engine
    turns: AbstractContextManager[None] = field(default_factory=nullcontext)

    def dispose(self) -> None:
        """Give all connections back."""
        for pool in (self.writer, self.appender, self.reader):
            pool.dispose()
