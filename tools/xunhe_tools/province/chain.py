"""Runs a province, starts again what dies, and may itself kill what it is told to."""

import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from xunhe_tools.demo.children import Child
from xunhe_tools.private_postgres import PrivatePostgres, ServerError
from xunhe_tools.province.gateways import READY
from xunhe_tools.province.ledger import Standing, audit
from xunhe_tools.province.nodes import Node, make_nodes
from xunhe_tools.province.plan import Plan, Worker, make_database

_UP_S = 300.0  # a busy machine, a registry of a hundred thousand stations
_TICK_S = 0.5
_AGAIN_S = 2.0  # as a supervisor of the system would wait


class ProvinceError(RuntimeError):
    """A part did not come up; the message names its log."""


@dataclass
class Province:
    """Three nodes, a database, desk workers, simulated gateways: all on this machine."""

    plan: Plan
    workers_wanted: int
    seed: int
    every_s: float
    nodes: list[Node] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    url: str = ""
    kills: int = 0
    _down_s: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everything up inside the block."""
        with ExitStack() as stack:
            self.plan.lay_out()
            self.server = PrivatePostgres.temporary()
            stack.callback(shutil.rmtree, self.server.folder, ignore_errors=True)
            self.server.start()
            stack.callback(self.server.stop)
            self.url = make_database(self.server, self.plan.land)
            self.nodes = make_nodes(self.plan.folder)
            numbers = range(1, self.workers_wanted + 1)
            self.workers = [self.plan.worker(n, self.nodes, self.url) for n in numbers]
            self.gateways = self.plan.gateways(self.nodes, self.seed, self.every_s)
            for child in self.children():
                child.start()
                stack.callback(child.stop)
            for worker in self.workers:
                await_said(worker.child, "console:")
            await_said(self.gateways, READY)
            yield

    def children(self) -> list[Child]:
        """Every process but the database's."""
        nodes = [node.child for node in self.nodes]
        return [*nodes, *(worker.child for worker in self.workers), self.gateways]

    def watch(self, until: Callable[[], bool], tick: Callable[[], None], due: list[float]) -> None:
        """Until `until`; kills something at each of these seconds, one kind after another."""
        begun_s, waiting = time.monotonic(), sorted(due)
        chance = random.Random(f"kills {self.seed}")  # noqa: S311  a plan, no secret
        while not until():
            if waiting and time.monotonic() - begun_s >= waiting[0]:
                waiting.pop(0)
                self._kill(chance)
            self.heal()
            tick()
            time.sleep(_TICK_S)

    def audit(self) -> Standing:
        """How the ledger stands now."""
        return audit(self.plan.folder / "gateways", self.url)

    def drain(self, patience_s: float = 120.0) -> None:
        """Let the gateways measure no more, and bring what waits."""
        if self.gateways.process is None:
            return
        self.gateways.process.send_signal(signal.SIGTERM)
        end_s = time.monotonic() + patience_s
        while self.gateways.is_running and time.monotonic() < end_s:
            self.heal(but=self.gateways)
            time.sleep(_TICK_S)

    def heal(self, but: Child | None = None) -> None:
        """Start again what has been down for a moment."""
        if self._is_due("postgres", self.server.is_running):
            with suppress(ServerError):  # what is left of the killed one may not have gone yet
                self.server.start()
        for child in self.children():
            if child is not but and self._is_due(child.name, child.is_running):
                child.start()

    def _is_due(self, name: str, is_running: bool) -> bool:
        now_s = time.monotonic()
        if is_running:
            self._down_s.pop(name, None)
            return False
        return now_s - self._down_s.setdefault(name, now_s) >= _AGAIN_S

    def _kill(self, chance: random.Random) -> None:
        """A worker, a node, the database, in turn: SIGKILL."""
        self.kills += 1
        kind = self.kills % 3
        if kind == 0:
            self.server.stop(signal.SIGKILL)
            return
        child = chance.choice(self.workers).child if kind == 1 else chance.choice(self.nodes).child
        child.kill()


def await_said(child: Child, said: str) -> None:
    """Wait until a process has printed a line with this. Raises ProvinceError."""
    end_s = time.monotonic() + _UP_S
    while not any(said in line for line in child.said()):
        if time.monotonic() > end_s or not child.is_running:
            last = "\n".join(child.said()[-5:])
            raise ProvinceError(f"{child.name} 没有起来 / did not come up: {child.log}\n{last}")
        time.sleep(_TICK_S)
