"""One real gateway at a real broker with a few buoys, and what they all know at the end."""

import json
import re
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xunhe_tools.bench.gateway import river
from xunhe_tools.bench.gateway.checker import Verdict, check
from xunhe_tools.bench.gateway.fleet import Fleet
from xunhe_tools.bench.gateway.ledger import Key
from xunhe_tools.bench.gateway.site import Site, broker, laid_out

BUOYS = 6
LONG_S = 90.0
_MESSAGES_PER_S = float(BUOYS)  # each buoy once a second
_STEP_S = 0.25
_ALARM = re.compile(r'^xunhe_alarm\{alarm="(\w+)"\} 1$', re.MULTILINE)


@dataclass(slots=True)
class Trial:
    """A site under a trickle of readings."""

    site: Site
    fleet: Fleet
    broker: subprocess.Popen[bytes]
    _brokers: ExitStack
    refused: set[Key] = field(default_factory=set)  # by a gateway with a wrong clock

    def kill_broker(self) -> None:
        """SIGKILL; what it held for the gateway is gone."""
        self.fleet.close()
        self.broker.kill()
        self._brokers.close()

    def start_broker(self) -> None:
        """A successor, to which the buoys go."""
        self.broker = self._brokers.enter_context(broker(self.site.folder, self.site.broker_port))
        self.fleet.connect()

    def load(self, seconds: float) -> int:
        """The buoys measure and send for a while; how many readings were acknowledged."""
        before = self.fleet.ledger.acknowledged
        self.fleet.run(seconds, _MESSAGES_PER_S)
        return self.fleet.ledger.acknowledged - before

    def load_until(self, condition: Callable[[], bool], what: str) -> None:
        """The same until something is so."""
        self._until(condition, what, lambda: self.load(_STEP_S))

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        """Without the buoys."""
        self._until(condition, what, lambda: time.sleep(_STEP_S))

    def alarms(self) -> set[str]:
        """What the gateway tells Prometheus about itself."""
        return set(_ALARM.findall(self._get("/metrics")))

    def is_ready(self) -> bool:
        """What a probe is told."""
        try:
            return bool(json.loads(self._get("/health/ready"))["ready"])
        except urllib.error.HTTPError:
            return False

    def is_settled(self) -> bool:
        """The buoys resend; is everything acknowledged as taken, but for `refused`?"""
        ledger = self.fleet.ledger
        is_all = self.fleet.settle(LONG_S)
        return is_all and ledger.accepted == ledger.readings.keys() - self.refused

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Of the store as it stands."""
        with closing(sqlite3.connect(self.site.store)) as store:
            return store.execute(query).fetchall()

    def verdict(self) -> Verdict:
        """Of the store as it stands."""
        return check(self.site.store, self.fleet.ledger)

    def _until(self, condition: Callable[[], bool], what: str, step: Callable[[], object]) -> None:
        until_s = time.monotonic() + LONG_S
        while not condition():
            assert self.site.is_alive, self.site.tail()
            assert time.monotonic() < until_s, f"{what} never came:\n{self.site.tail()}"
            step()

    def _get(self, path: str) -> str:
        url = f"http://127.0.0.1:{self.site.web_port}{path}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return str(answer.read().decode())


@contextmanager
def trial(folder: Path, environment: Mapping[str, str]) -> Iterator[Trial]:
    """A gateway that listens, with such an environment."""
    buoys = river.buoys(BUOYS)
    site = laid_out(folder, buoys)
    site.environment = environment
    with ExitStack() as stack:
        brokers = stack.enter_context(ExitStack())
        process = brokers.enter_context(broker(folder, site.broker_port))
        stack.callback(site.kill)
        site.start()
        site.wait_connected()
        fleet = Fleet(buoys, site.broker_port, seed=1)
        stack.callback(fleet.close)
        yield Trial(site, fleet, process, brokers)
