"""How long a live sample takes to its platform while a backlog goes the same way."""

import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path

from xunhe_tools.bench.upstream.apart import platform_apart
from xunhe_tools.bench.upstream.gateway import Gateway, data_time, store

BACKLOG, LIVE = 20_000, 400
_EVERY_S = 0.05
_APART = timedelta(seconds=30)  # the shortest real-time interval: nothing is left out
_LIVE_FOR = timedelta(hours=4)
_PATIENCE_S = 30.0


def live_delays_ms(seed: int) -> tuple[list[float], int]:
    """From COMMIT to arrival, ms each; and how much of the backlog was still to go at the end.

    RuntimeError where a live sample did not arrive.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        store(Path(folder)) as database,
        platform_apart() as platform,
    ):
        gateway = Gateway(
            database, platform.port, seed, live_s=_LIVE_FOR.total_seconds(), sends=("2011",)
        )
        gateway.courier.step()
        platform.shut()
        now = gateway.clock.now().replace(microsecond=0)
        first = now - timedelta(days=1) - BACKLOG * _APART
        gateway.take_in([first + n * _APART for n in range(BACKLOG)])
        gateway.plan()
        platform.open()
        live = [now - (LIVE - n) * _APART for n in range(LIVE)]
        with gateway.carrying():
            while not platform.count():
                time.sleep(0.01)
            for at in live:
                time.sleep(_EVERY_S)
                gateway.take_in([at])
            left = BACKLOG + LIVE - platform.count()
            end_s = time.monotonic() + _PATIENCE_S
            while time.monotonic() < end_s and len(_arrived(platform.arrived(), live)) < LIVE:
                time.sleep(0.2)
        arrived = _arrived(platform.arrived(), live)
    if len(arrived) < LIVE:
        raise RuntimeError(f"{LIVE - len(arrived)} live samples have not arrived")
    return [1000 * (at_s - gateway.committed_s[said]) for said, at_s in arrived.items()], left


def _arrived(found: list[tuple[str, str, float]], live: list[datetime]) -> dict[str, float]:
    wanted = {data_time(at) for at in live}
    return {said: at_s for _, said, at_s in found if said in wanted}
