"""A link of HJ 212 to a platform that a test controls, and samples for it."""

import random
from datetime import datetime
from typing import Any

from tests.gateway.conftest import START, StandingClock
from xunhe.adapters.store.database import Database
from xunhe.adapters.upstream.hj212.link import Hj212Link
from xunhe.domain.outward import Message
from xunhe.outward_settings.hj212 import Hj212Settings

MN = "010000A8900016F000169DC0"
STATION = "YX-S1"


def link_settings(port: int = 1, **changed: Any) -> Hj212Settings:
    """A link with one station; a platform that answers has all the time it may need."""
    station = {"station": STATION, "mn": MN, "pw": "123456"}
    given = {"name": "city", "host": "127.0.0.1", "port": port, "station": [station]}
    patience = {"over_time_s": 60.0, "re_count": 1}
    return Hj212Settings.model_validate(given | patience | changed)


def link_to(port: int, database: Database, **changed: Any) -> Hj212Link:
    return Hj212Link(
        link_settings(port, **changed), database, StandingClock(), chance=random.Random(1)
    )


def sample(at: datetime = START, flag: int = 1, **values: float | None) -> Message:
    """A sample as the outbox holds it."""
    said = {prop: [value, flag] for prop, value in (values or {"ph": 7.12}).items()}
    body = {"station": STATION, "values": said}
    return Message(f"dev:1:{at.timestamp():.0f}", "readings", at, body, STATION)
