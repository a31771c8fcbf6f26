"""The tour of a dome camera (球机巡视) as a patrol: every view was shown, for long enough.

A camera stands still: it sees the water near it and no more, and whether that is enough of the
reach is the patrol's own question (`least_seen`).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LONGEST = timedelta(hours=6)  # a tour that takes longer begins anew


@dataclass(slots=True)
class DomeTour:
    """What has been shown of some views, since when."""

    views: frozenset[str]
    shown: dict[str, datetime] = field(default_factory=dict)

    def show(self, view: str, at: datetime) -> None:
        """The camera looked there."""
        if self.shown and at - self.began_at > LONGEST:
            self.shown.clear()
        if view in self.views:
            self.shown.setdefault(view, at)

    @property
    def began_at(self) -> datetime:
        """When the first view was shown. ValueError before."""
        return min(self.shown.values())

    def is_whole(self, at: datetime, least: timedelta) -> bool:
        """Every view was shown, and the tour took at least so long."""
        return self.views == self.shown.keys() and at - self.began_at >= least


def tours(views: Collection[tuple[str, str]]) -> dict[str, DomeTour]:
    """A tour for each dome camera, from (view, dome)."""
    domes: dict[str, set[str]] = {}
    for view, dome in views:
        domes.setdefault(dome, set()).add(view)
    return {dome: DomeTour(frozenset(found)) for dome, found in domes.items()}
