"""A gateway's store with its courier to one platform; samples come in as the intake writes them."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from xunhe.adapters.outbox.courier import Clocks, Courier
from xunhe.adapters.outbox.sources import Readings
from xunhe.adapters.store import deliveries, taken
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.taken import Taken
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.adapters.upstream.hj212.source import Uploads
from xunhe.domain.clock import ScaledClock
from xunhe.domain.observation import GOOD, Sample
from xunhe.outward_settings.hj212 import Hj212Settings

STATION, MN = "YX-S1", "010000A8900016F000169DC0"
ZONE = timezone(timedelta(hours=8))
_IDLE_S = 0.02


@dataclass
class Gateway:
    """`hurry`: how many times faster than the machine's its clocks run."""

    database: Database
    port: int
    seed: int
    hurry: float = 1.0
    live_s: float = 120.0
    sends: tuple[str, ...] = ("2011", "2051", "2061", "2031")
    committed_s: dict[str, float] = field(default_factory=dict)  # by DataTime
    _seq: int = 0

    def __post_init__(self) -> None:
        wall_s = time.time()
        self.clock = ScaledClock(wall_s, wall_s, self.hurry)
        self._chance = random.Random(self.seed)  # noqa: S311  water, no secret
        station = {"station": STATION, "mn": MN, "pw": "123456"}
        given = {"name": "bench", "host": "127.0.0.1", "port": self.port, "station": [station]}
        settings = Hj212Settings.model_validate(
            {**given, "sends": self.sends, "live_s": self.live_s}
        )
        link = Hj212Link(settings, self.database, self.clock, self._seconds, self._chance)
        clocks = Clocks(self.clock, self.clock, self._seconds)
        uploads = Uploads(settings, link.factors)
        self.courier = Courier(self.database, link, [uploads], clocks, self._chance)
        self.link = link

    def _seconds(self) -> float:
        return time.monotonic() * self.hurry

    def take_in(self, times: list[datetime]) -> None:
        """Samples of these instants, in one transaction."""
        readings = []
        for at in times:
            self._seq += 1
            readings.append(Taken(Sample(STATION, at, self._water()), "bench", 1, self._seq))
        with self.database.write() as connection:
            taken.insert(connection, readings, times[-1])
            taken.insert_arrivals(connection, readings)
        committed_s = time.monotonic()
        for at in times:
            self.committed_s[data_time(at)] = committed_s

    def plan(self) -> None:
        """What an outage is long enough for: everything that has come in waits for the line."""
        with self.database.read() as connection:
            newest = Readings().newest(connection)
        mark = 0
        while mark < newest:
            self.courier.step()
            with self.database.read() as connection:
                name = self.link.name
                mark = deliveries.mark_of(connection, name, Readings.name) or 0

    def _water(self) -> dict[str, tuple[float | None, int]]:
        """What a river buoy measures."""
        draw = self._chance.uniform
        return {
            "water_temp_c": (round(draw(16, 18), 1), GOOD),
            "ph": (round(draw(7, 8), 2), GOOD),
            "do_mg_l": (round(draw(6, 8), 2), GOOD),
            "nh3n_mg_l": (round(draw(0.3, 0.4), 2), GOOD),
            "battery_v": (3.9, GOOD),
        }

    @contextmanager
    def carrying(self) -> Iterator[None]:
        """The courier runs in a thread of its own, as in the gateway."""
        stopping = threading.Event()

        def carry() -> None:
            while not stopping.is_set():
                if not self.courier.step():
                    stopping.wait(_IDLE_S)

        thread = threading.Thread(target=carry, daemon=True)
        thread.start()
        yield
        stopping.set()
        thread.join(60)
        self.link.close()


def data_time(at: datetime) -> str:
    """As HJ 212 writes it."""
    return f"{at.astimezone(ZONE):%Y%m%d%H%M%S}"


@contextmanager
def store(folder: Path) -> Iterator[Database]:
    """A fresh store."""
    database = Database(folder / "bench.sqlite3")
    database.migrate()
    yield database
    database.close()
