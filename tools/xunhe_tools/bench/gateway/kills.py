"""SIGKILL at random instants under load: what was acknowledged must be in the store afterwards."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from xunhe_tools.bench.gateway import river
from xunhe_tools.bench.gateway.checker import Verdict, check, tickets
from xunhe_tools.bench.gateway.fleet import Fleet
from xunhe_tools.bench.gateway.site import RUN, Site, built

_STATIONS = 2000
_LIVES_S = (0.3, 2.5)  # a life lasts so long after its first acknowledgement
_READY_S = 60.0
_QUIET_S = 0.2
_SETTLE_S = 120.0
_TICKET_S = 20.0


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of it. `ready_s`: from the start of the process to its first acknowledgement."""

    verdict: Verdict
    acknowledged: int
    messages_per_s: float
    ready_s: list[float]
    is_settled: bool


def kill_again_and_again(
    folder: Path,
    kills: int,
    messages_per_s: float,
    seed: int,
    say: Callable[[str], None],
    command: tuple[str, ...] = RUN,
) -> Killed:
    """Load, kill, start, load …, and at the end hold the store against the ledger."""
    rng = Random(seed)  # noqa: S311  a schedule
    fleet_buoys = river.buoys(_STATIONS)
    with built(folder, fleet_buoys) as site:
        site.command = command
        fleet = Fleet(fleet_buoys, site.broker_port, seed)
        ready_s, begin_s = [], time.monotonic()
        for number in range(kills + 1):
            site.start()
            ready_s.append(_until_heard(site, fleet, messages_per_s))
            fleet.pollute()
            fleet.run(rng.uniform(*_LIVES_S), messages_per_s)
            if number < kills:
                site.kill()
                while fleet.hear(_QUIET_S):  # what it had said is still on its way
                    pass
                say(
                    f"{number + 1}/{kills} 次 SIGKILL，{ready_s[-1]:.1f} s 后再次确认 / ready again"
                )
        sent_per_s = fleet.messages / (time.monotonic() - begin_s)
        is_settled = fleet.settle(_SETTLE_S)
        _until_ticketed(site, fleet)
        site.stop()
        fleet.close()
        verdict = check(site.store, fleet.ledger)
    return Killed(verdict, fleet.ledger.acknowledged, sent_per_s, ready_s[1:], is_settled)


def _until_ticketed(site: Site, fleet: Fleet) -> None:
    """Give it a while: calm water waits longer for its judgement, a change does not."""
    until_s = time.monotonic() + _TICKET_S
    while fleet.ledger.polluted.keys() - tickets(site.store) and time.monotonic() < until_s:
        time.sleep(0.2)


def _until_heard(site: Site, fleet: Fleet, messages_per_s: float) -> float:
    """Go on sending until the gateway acknowledges something; how long that took, s."""
    begin_s, known = time.monotonic(), fleet.ledger.acknowledged
    while fleet.ledger.acknowledged == known:
        fleet.run(0.02, messages_per_s)
        if time.monotonic() - begin_s > _READY_S or not site.is_alive:
            raise RuntimeError(f"no acknowledgement within {_READY_S:g} s:\n{site.tail()}")
    return time.monotonic() - begin_s
