"""48 hours without a platform, made good over a narrow line while live samples go on.

The line and all clocks run `HURRY` times as fast. What the programs need for themselves is not
hurried and weighs that many times as much, so the time it takes is rather too long than too short.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from xunhe_tools.bench.upstream.apart import Apart, Arrived, platform_apart
from xunhe_tools.bench.upstream.gateway import Gateway, data_time, store
from xunhe_tools.hj212_platform.narrow import NarrowLine

SAMPLES = 48 * 60
HURRY = 5.0
BITS_PER_S, DELAY_S = 16_000.0, 0.15
HEADERS = 40 / 250  # TCP and IP beside the bytes of a frame
_CUTS = (0.3, 0.7)  # of the backlog, at which the connection breaks
_MINUTE = timedelta(minutes=1)
_PATIENCE_S = 1800.0  # of the line's time


@dataclass
class Return:
    """The platform is back: what goes on until everything has arrived."""

    gateway: Gateway
    platform: Apart
    backlog: Sequence[datetime]
    live: list[datetime]
    began_s: float
    hurry: float

    def watch(self) -> None:
        """A live sample a minute, two cuts, until all is there or patience ends."""
        cuts = [round(share * len(self.backlog)) for share in _CUTS]
        next_at = self.backlog[-1] + _MINUTE
        while self.passed_s < _PATIENCE_S:
            count = self.platform.count()
            if cuts and count >= cuts[0]:
                cuts.pop(0)
                self.platform.hang_up()
            if self.gateway.clock.now() >= next_at:
                self.gateway.take_in([next_at])
                self.live.append(next_at)
                next_at += _MINUTE
            if count > len(self.backlog) and not self.missing():
                return
            time.sleep(0.05)

    @property
    def passed_s(self) -> float:
        """Of the line's time."""
        return (time.monotonic() - self.began_s) * self.hurry

    def missing(self) -> set[str]:
        """Samples of the outage that have not come."""
        came = {said for cn, said, _ in self.platform.arrived() if cn == "2011"}
        return {data_time(at) for at in self.backlog} - came


def outage(seed: int, samples: int = SAMPLES, hurry: float = HURRY) -> dict[str, Any]:
    """The figures by name."""
    with (
        tempfile.TemporaryDirectory() as folder,
        store(Path(folder)) as database,
        platform_apart() as platform,
        NarrowLine(platform.port, BITS_PER_S / (1 + HEADERS), DELAY_S, hurry) as line,
    ):
        gateway = Gateway(database, line.port, seed, hurry)
        gateway.courier.step()
        platform.shut()
        now = gateway.clock.now().replace(second=0, microsecond=0)
        backlog = [now - (samples - n) * _MINUTE for n in range(samples)]
        with gateway.carrying():
            gateway.take_in(backlog)
            time.sleep(1.0)
            platform.open()
            back = Return(gateway, platform, backlog, [], time.monotonic(), hurry)
            back.watch()
        return _figures(back, platform.arrived(), platform.repeats())


def _figures(back: Return, arrived: list[Arrived], repeats: int) -> dict[str, Any]:
    wanted = {data_time(at) for at in back.backlog}
    live_since = data_time(back.backlog[-1] - timedelta(seconds=back.gateway.live_s))
    found = [(said, at_s) for cn, said, at_s in arrived if cn == "2011" and said in wanted]
    times = [said for said, _ in found]
    backlog = [said for said in times if said < live_since]  # the others may go before it
    last_s = max((at_s for _, at_s in found), default=back.began_s)
    return {
        "outage_samples": len(wanted),
        "outage_missing": len(wanted - set(times)),
        "outage_duplicates": len(times) - len(set(times)),
        "outage_out_of_order": sum(b < a for a, b in pairwise(backlog)),
        "outage_repeats_on_the_wire": repeats,
        "outage_aggregates": sum(cn != "2011" for cn, _, _ in arrived),
        "outage_s": round((last_s - back.began_s) * back.hurry),
        "outage_live_delay_s": round(_live_delay_s(back, arrived), 1),
        "outage_hurry": back.hurry,
    }


def _live_delay_s(back: Return, arrived: list[Arrived]) -> float:
    """The longest of a live sample, in the line's time."""
    live = {data_time(at) for at in back.live}
    committed_s = back.gateway.committed_s
    delays = [
        at_s - committed_s[said] for cn, said, at_s in arrived if cn == "2011" and said in live
    ]
    return max(delays, default=0.0) * back.hurry
