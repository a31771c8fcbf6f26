"""Power cuts over updates: whatever is cut where, the buoy starts a whole version and gets on.

A life: a good release is offered, then one that hangs, then a good one. It is run once without a
cut; then again and again with the power going in one of its file operations, half of them at the
switch of the slots, and every second time once more while it recovers.

What must hold: what starts is whole to the byte; what was confirmed is never forgotten; outside a
trial the confirmed version runs; the one that hangs is never confirmed; the last one arrives.
"""

import functools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from unittest.mock import patch

from xunhe_buoy.update import ed25519
from xunhe_tools.bench.firmware.torn_disk import PowerCut, TornDisk
from xunhe_tools.bench.firmware.update_bed import BrickedError, Buoy, Image

_STARTS = 40  # a life has some ten; a buoy that needs more is caught in a loop
_AGAIN_WITHIN = 30  # operations after the first cut


@dataclass(slots=True)
class Outcome:
    """How many cuts there were, and the lives that they ended, by what went wrong."""

    cuts: int = 0
    bricked: Counter[str] = field(default_factory=Counter)


class Life(Buoy):
    """A buoy and the gateway's plan for it."""

    def __init__(self, images: Sequence[Image], seed: int = 0, cut_at: int = 0) -> None:
        super().__init__(TornDisk(seed, cut_at), images)
        self.offers = list(images)
        self.cuts = 0
        self.confirmed = 0

    def live(self, cut_again_after: int = 0) -> int:
        """Until nothing is left to do; returns the number of starts."""
        for count in range(1, _STARTS):
            try:
                if self._go_on():
                    return count
            except PowerCut:
                self.cuts += 1
                self.disk.power_back()
                self.disk.cut_at = self.disk.operations + cut_again_after if cut_again_after else 0
                cut_again_after = 0
        raise BrickedError("it never comes to rest")

    def _go_on(self) -> bool:
        """One start; True when there is nothing left to be done."""
        self.start()
        self._look()
        self.measure()
        if self.updates.on_trial:
            return False  # it hangs, the watchdog bites
        self._drop_offers()
        if not self.updates.busy and self.offers and self.release < self.offers[0].release:
            ok, reason = self.offer(self.offers[0])
            if not ok:
                raise BrickedError(f"a good offer is refused: {reason}")
        self.pull()
        return not self.updates.restart_due and not self.offers

    def _look(self) -> None:
        self.confirmed = max(self.confirmed, self.slots.newest)
        if self.slots.newest < self.confirmed:
            raise BrickedError("what was confirmed is forgotten")
        if self.confirmed and not self.images[self.confirmed].good:
            raise BrickedError("a version that hangs is confirmed")
        if not self.updates.on_trial and self.release != self.confirmed:
            raise BrickedError("another version than the confirmed one runs")

    def _drop_offers(self) -> None:
        """A good one that lost its two starts to power cuts is offered again."""
        told = {release for state, release in self.states() if state == "rolled back"}
        self.offers = [
            image
            for image in self.offers
            if image.release > self.slots.newest and (image.good or image.release not in told)
        ]


def plan() -> list[Image]:
    """The releases of a life."""
    return [Image(1), Image(2, good=False), Image(3)]


def points(count: int) -> list[int]:
    """Operations to cut in: half of them in the switch of the slots, half anywhere."""
    life = Life(plan())
    life.live()
    switch = [n for n, path in enumerate(life.disk.touched, 1) if path.startswith("slots/state")]
    cuts = [switch[n % len(switch)] for n in range(count // 2)]
    return cuts + [n % life.disk.operations + 1 for n in range(count - len(cuts))]


def sweep(cuts: Sequence[int], seed: int = 0) -> Outcome:
    """A life for each cut. Signatures are checked as ever, but the same one only once."""
    images, outcome = plan(), Outcome()
    rng = random.Random(seed)  # noqa: S311  a plan, not a secret
    with patch.object(ed25519, "verify", functools.cache(ed25519.verify)):
        for number, cut_at in enumerate(cuts):
            life = Life(images, seed + number, cut_at)
            again = rng.randrange(1, _AGAIN_WITHIN) if number % 2 else 0
            try:
                life.live(again)
            except BrickedError as error:
                outcome.bricked[str(error)] += 1
            outcome.cuts += life.cuts
    return outcome
