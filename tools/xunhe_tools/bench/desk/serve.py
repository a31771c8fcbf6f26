"""The console over the bench's database, in a process of its own on one core: DATABASE PORT."""

import os
import sys
from pathlib import Path

from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store.database import Database
from xunhe.domain.clock import ScaledClock
from xunhe.settings import WebSettings
from xunhe.web.application import create_app
from xunhe.web.server import ConsoleServer
from xunhe_tools.bench.desk.district import district
from xunhe_tools.bench.desk.year import END


def main(database: str, port: str) -> None:
    """Serve until the process is ended."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    settings = WebSettings(port=int(port), read_without_login=True)
    # The year is over, and no second passes while it is measured.
    clock = ScaledClock(0, END.timestamp() + 1, 0)
    app = create_app(Database(Path(database)), district(), clock, settings, rules=shipped())
    ConsoleServer(app, settings).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
