"""Tours of dome cameras become patrols, one a day for each dome camera and post."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa

from xunhe.adapters.camera.messages import Report, Told
from xunhe.adapters.store import patrols
from xunhe.adapters.store.database import Database
from xunhe.desk.dome_tour import DomeTour, tours
from xunhe.desk.patrols import Means, Patrol, rule_of
from xunhe.desk.roles import SYSTEM
from xunhe.desk.routing import owner
from xunhe.desk.track import Track, reaches_seen, share_of
from xunhe.domain.camera import Camera
from xunhe.domain.clock import SHANGHAI, Clock
from xunhe.domain.registry import Registry
from xunhe.settings import PatrolSettings

_SHOWN = "live"


class DomeRounds:
    """Follows what workers say of the views. `take` belongs to one thread."""

    def __init__(
        self, database: Database, registry: Registry, clock: Clock, rules: PatrolSettings
    ) -> None:
        self._database, self._clock, self._rules = database, clock, rules
        self.know(registry)

    def know(self, registry: Registry) -> None:
        """The list of cameras has changed: every tour begins anew."""
        self._registry = registry
        views = [(one.code, one.dome) for one in registry.cameras.values() if one.dome]
        self._tours = tours(views)

    def take(self, report: Report) -> bool:
        """True where a tour has become a patrol."""
        camera = self._registry.cameras.get(report.camera) if isinstance(report, Told) else None
        if not isinstance(report, Told) or camera is None or camera.dome is None:
            return False
        tour, at = self._tours[camera.dome], self._clock.when(report.at_s)
        if report.state == _SHOWN:
            tour.show(camera.code, at)
        if not tour.shown or not tour.is_whole(at, self._least(camera)):
            return False
        began_at = tour.began_at
        tour.shown.clear()
        return self._keep(tour, began_at, at)

    def _least(self, camera: Camera) -> timedelta:
        post = self._registry.posts[owner(self._registry, camera.reach)]
        return timedelta(minutes=rule_of(post.level, self._rules).least_minutes)

    def _keep(self, tour: DomeTour, began_at: datetime, ended_at: datetime) -> bool:
        """A patrol for each post whose reaches it saw; none twice on a day."""
        views = [self._registry.cameras[code] for code in sorted(tour.views)]
        with self._database.write() as connection:
            made = [
                patrols.add(connection, patrol, SYSTEM.code, self._clock.now())
                for patrol in self._patrols(views, began_at, ended_at)
                if not _has_one_today(connection, patrol)
            ]
        return any(made)

    def _patrols(
        self, views: list[Camera], began_at: datetime, ended_at: datetime
    ) -> Iterable[Patrol]:
        by_post: dict[str, list[Camera]] = {}
        for view in views:
            by_post.setdefault(owner(self._registry, view.reach), []).append(view)
        for post, seen_by in by_post.items():
            reaches = [
                self._registry.reaches[code] for code in sorted({one.reach for one in seen_by})
            ]
            places = Track(tuple((one.lon_lat,) for one in seen_by), (), 0.0, 0)
            yield Patrol(
                post,
                tuple(reach.code for reach in reaches),
                Means.DOME,
                began_at,
                ended_at,
                0.0,
                note=" ".join(one.code for one in seen_by),
                seen=share_of(reaches_seen(places, reaches), reaches),
            )


def _has_one_today(connection: sa.Connection, patrol: Patrol) -> bool:
    """Of the same views, on the same day in Asia/Shanghai."""
    midnight = patrol.started_at.astimezone(SHANGHAI).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    known = patrols.began(connection, midnight, midnight + timedelta(days=1), [patrol.post])
    return any(one.means is Means.DOME and one.note == patrol.note for one in known)
