"""Who holds which post, instant by instant: what the registry says, and every handover since.

A duty belongs to a post, so a handover leaves no problem without an owner: it changes only who
answers in the post's name. History keeps who held it before.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from xunhe.domain.registry import Tenure


@dataclass(frozen=True, slots=True)
class Move:
    """A post goes to `successor` at an instant, to whoever held it no longer."""

    post: str
    successor: str
    at: datetime


class Duty:
    """Tenures by post. Nobody holds a post twice at a time."""

    def __init__(self, tenures: Iterable[Tenure], moves: Iterable[Move] = ()) -> None:
        held: defaultdict[str, list[Tenure]] = defaultdict(list)
        for tenure in tenures:
            held[tenure.post].append(tenure)
        for move in sorted(moves, key=lambda move: move.at):
            held[move.post] = moved(held[move.post], move)
        self._held = {post: sorted(each, key=lambda t: t.since) for post, each in held.items()}

    @property
    def tenures(self) -> tuple[Tenure, ...]:
        """All of them, each post's in order of time."""
        return tuple(tenure for each in self._held.values() for tenure in each)

    def holder(self, post: str, at: datetime) -> str | None:
        """Code of the person who holds a post at an instant; None while it is vacant."""
        held = self._held.get(post, ())
        return next((tenure.person for tenure in held if tenure.holds_at(at)), None)

    def posts_of(self, person: str, at: datetime) -> list[str]:
        """The posts that a person holds at an instant."""
        return [post for post in self._held if self.holder(post, at) == person]

    def owed_by(self, person: str, at: datetime) -> list[Tenure]:
        """The tenures of a person that run at an instant or begin later."""
        return [
            tenure
            for tenure in self.tenures
            if tenure.person == person and (tenure.until is None or tenure.until > at)
        ]

    def changes(self, post: str) -> list[datetime]:
        """The instants at which a post passed from one person to another, or fell vacant."""
        held = self._held.get(post, ())
        return sorted({t.since for t in held[1:]} | {t.until for t in held if t.until is not None})


def moved(held: Iterable[Tenure], move: Move) -> list[Tenure]:
    """The tenures of one post after a move: whoever holds it then ends, the successor begins.

    A tenure that begins later stays, and the successor's ends where it begins; one that begins at
    the same instant gives way.
    """
    before, later = [], []
    for tenure in held:
        if tenure.since < move.at:
            ends = move.at if tenure.until is None else min(tenure.until, move.at)
            before.append(replace(tenure, until=ends))
        elif tenure.since > move.at:
            later.append(tenure)
    until = min((tenure.since for tenure in later), default=None)
    return [*before, Tenure(move.post, move.successor, move.at, until), *later]
