"""Feeds spoilt bytes to a target and keeps what it should not have said."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from xunhe_tools.fuzz import of_devices, of_people
from xunhe_tools.fuzz.mutator import spoilt
from xunhe_tools.fuzz.target import Target

TARGETS: dict[str, Target] = {
    target.name: target for target in (*of_devices.TARGETS, *of_people.TARGETS)
}
SLOW_S = 1.0  # for at most MOST_BYTES
_HEAVY = {
    "photo": 50,
    "registry-xlsx": 50,
    "gpx-patrol": 4,
    "gpx-flight": 4,
}  # so many times fewer: they take longer
_MOST_FINDINGS = 20  # of a target


@dataclass(frozen=True, slots=True)
class Finding:
    """What a target should not have done with `data`."""

    target: str
    data: bytes
    what: str


def share(target: Target, frames: int) -> int:
    """How many of a campaign's frames this target gets; all of them together get no fewer."""
    return math.ceil(frames * _weight(target) / sum(map(_weight, TARGETS.values())))


def _weight(target: Target) -> float:
    return 1 / _HEAVY.get(target.name, 1)


def corpus_of(target: Target, folder: Path | None) -> list[bytes]:
    """The target's own seeds, and what was kept of it in the folder."""
    kept = sorted((folder / target.name).glob("*")) if folder is not None else []
    return [*target.seeds, *(path.read_bytes() for path in kept)]


def plain(
    target: Target,
    frames: int,
    seed: int,
    folder: Path | None = None,
    clock: Callable[[], float] = time.process_time,
) -> Iterator[Finding]:
    """Findings among so many frames, spoilt by the plain mutator. The same for the same seed."""
    drawn, corpus = Random(f"{seed} {target.name}"), corpus_of(target, folder)  # noqa: S311
    told: set[str] = set()
    for _ in range(frames):
        finding = _judged(target, spoilt(drawn, corpus), clock)
        if finding is not None and finding.what not in told:
            told.add(finding.what)
            yield finding
        if len(told) >= _MOST_FINDINGS:
            return


def over_corpus(target: Target, corpus: Sequence[bytes]) -> Iterator[Finding]:
    """Findings among these bytes as they are."""
    for data in corpus:
        finding = _judged(target, data, time.process_time)
        if finding is not None:
            yield finding


def _judged(target: Target, data: bytes, clock: Callable[[], float]) -> Finding | None:
    begin = clock()
    error = target.finding(data)
    if error is not None:
        return Finding(target.name, data, f"{type(error).__name__}: {str(error)[:80]}")
    if clock() - begin > SLOW_S:
        return Finding(target.name, data, f"slower than {SLOW_S:g} s")
    return None
