"""The ladder 提醒 → 约谈 → 通报 → 追责: what a light leads to, and who may take the step.

The desk itself takes the lowest rung only. Everything above is proposed, and a person takes it or
leaves it, with a reason. Kinds, each with the subject of the matter:

    escalation.taken       {rung, title, unit, post, reason}; by the desk for a reminder
    escalation.proposed    {rung, title, unit, post, reason}
    escalation.declined    {rung, reason}
    escalation.instructed  批示: {post, text, due_at}
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from xunhe.desk import fields
from xunhe.desk.lights import Light
from xunhe.desk.log import Entry
from xunhe.desk.refused import RefusedError
from xunhe.desk.roles import SYSTEM

KINDS = (
    "escalation.taken",
    "escalation.proposed",
    "escalation.declined",
    "escalation.instructed",
)


class LadderError(RefusedError):
    """A step that cannot be taken."""


@dataclass(frozen=True, slots=True)
class Step:
    """A rung, counted from 0, and whether the desk may take it itself."""

    rung: int
    is_automatic: bool


def step(colour: Light, taken: Iterable[int], is_repeated: bool, ladder: int) -> Step | None:
    """What a light leads to. `taken`: rungs taken for this matter; `ladder`: how many there are.

    Yellow leads to a reminder, once. Red, and public reports again and again, lead one rung above
    what was taken, to 约谈 at least. On the highest rung nothing follows.
    """
    highest = max(taken, default=-1)
    if colour is Light.RED or is_repeated:
        rung = max(highest + 1, 1)
    elif colour is Light.YELLOW and highest < 0:
        rung = 0
    else:
        return None
    return Step(rung, rung == 0) if rung < ladder else None


def check(rung: int, actor: str, ladder: int) -> None:
    """LadderError where this actor may not take this rung."""
    if not 0 <= rung < ladder:
        raise LadderError(f"没有第 {rung + 1} 级 / the ladder has no rung {rung + 1}")
    if rung > 0 and actor == SYSTEM.code:
        raise LadderError("提醒以上须由人决定 / a person decides about everything above a reminder")


@dataclass(frozen=True, slots=True)
class Steps:
    """What was done for each matter: rungs taken, the one that waits for a person, and the matters
    for which something was ever proposed."""

    taken: Mapping[str, tuple[int, ...]]
    waiting: Mapping[str, Entry]
    proposed: Collection[str]


def folded(entries: Iterable[Entry]) -> Steps:
    """The steps of every matter after these entries."""
    taken: dict[str, tuple[int, ...]] = {}
    waiting: dict[str, Entry] = {}
    proposed: set[str] = set()
    for entry in entries:
        if entry.kind == "escalation.proposed":
            waiting[entry.subject] = entry
            proposed.add(entry.subject)
        elif entry.kind == "escalation.taken":
            rung = int(fields.number(entry, "rung"))
            taken[entry.subject] = (*taken.get(entry.subject, ()), rung)
            waiting.pop(entry.subject, None)
        elif entry.kind == "escalation.declined":
            waiting.pop(entry.subject, None)
    return Steps(taken, waiting, proposed)


def counts(entries: Iterable[Entry]) -> Counter[str]:
    """How often each rung was taken, by its title, and 批示 (row 53, 75)."""
    found: Counter[str] = Counter()
    for entry in entries:
        if entry.kind == "escalation.taken":
            found[fields.text(entry, "title")] += 1
        elif entry.kind == "escalation.instructed":
            found["批示"] += 1
    return found
