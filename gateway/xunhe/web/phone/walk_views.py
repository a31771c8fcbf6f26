"""A patrol as a page shows it: whether it counts, and its track drawn over the water."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from xunhe.adapters.store import patrols
from xunhe.adapters.store.patrols import Tracked
from xunhe.desk.patrols import Check, Criterion, Patrol, judged, rule_of
from xunhe.desk.track import Gap, Track, measured, reaches_seen
from xunhe.domain.position import LonLat
from xunhe.domain.registry import Reach
from xunhe.web.console import Console
from xunhe.web.drawing import WIDTH, Paper
from xunhe.web.phone.planned import Compared, compared
from xunhe.web.wording import Words

CRITERIA = {
    Criterion.MINUTES: Words("时长（分钟）", "Minutes"),
    Criterion.METRES: Words("里程（米）", "Metres"),
    Criterion.SEEN: Words("画面覆盖河段（%）", "Per cent of the reach in the pictures"),
    Criterion.HOURS_APART: Words("距上次有效巡河（小时）", "Hours since the last that counts"),
}
_LOOK_BACK = timedelta(days=60)  # for the last one that counted before the first that is shown


@dataclass(frozen=True, slots=True)
class JudgedWalk:
    """A patrol of a list, and what decides whether it counts."""

    tracked: Tracked
    checks: tuple[Check, ...]

    @property
    def counts(self) -> bool:
        """It is a valid patrol (有效巡河)."""
        return all(check.holds for check in self.checks)


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines as points of an SVG of `width` × `height`: water, plan, track, gaps."""

    width: float
    height: float
    water: tuple[str, ...]
    stretches: tuple[str, ...]
    gaps: tuple[str, ...]
    planned: tuple[str, ...]
    missed: tuple[str, ...]
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True)
class WalkView:
    """Everything of one patrol. `seen`: share of each reach that was looked at, 0 to 1.

    `planned` are the routes of its post, of a patrol on foot or by boat.
    """

    walk: JudgedWalk
    title: str
    title_en: str
    track: Track | None
    gaps: tuple[Gap, ...]
    seen: tuple[tuple[Reach, float], ...]
    planned: tuple[Compared, ...]
    drawing: Drawing | None


def judged_walks(
    console: Console, connection: sa.Connection, posts: Collection[str], limit: int
) -> list[JudgedWalk]:
    """The last patrols of some posts, the newest first."""
    newest = patrols.newest(connection, posts, limit)
    checks = checks_of(console, connection, [one.patrol for one in newest])
    return [JudgedWalk(one, checks[one.patrol.post, one.patrol.started_at]) for one in newest]


def walk_view(console: Console, connection: sa.Connection, found: Tracked) -> WalkView:
    """One patrol."""
    post = console.registry.posts.get(found.patrol.post)
    reaches = [
        console.registry.reaches[code]
        for code in found.patrol.reaches
        if code in console.registry.reaches
    ]
    fastest_m_s = found.patrol.means.fastest_m_s
    track = measured(found.fixes, fastest_m_s) if found.fixes else None
    shares = {} if track is None else reaches_seen(track, reaches)
    planned = _planned(console, found.patrol, track)
    (checks,) = checks_of(console, connection, [found.patrol]).values()
    return WalkView(
        JudgedWalk(found, checks),
        found.patrol.post if post is None else post.title,
        "" if post is None else post.title_en,
        track,
        () if track is None else track.gaps,
        tuple((reach, shares.get(reach.code, 0.0)) for reach in reaches),
        planned,
        None if track is None else drawn(track, [reach.line for reach in reaches], planned),
    )


def checks_of(
    console: Console, connection: sa.Connection, shown: Sequence[Patrol]
) -> dict[tuple[str, datetime], tuple[Check, ...]]:
    """What decides on each of some patrols, by post and start; the post's earlier ones count in."""
    found = {}
    for code in {patrol.post for patrol in shown}:
        starts = [patrol.started_at for patrol in shown if patrol.post == code]
        since, until = min(starts) - _LOOK_BACK, max(starts) + timedelta(seconds=1)
        post = console.registry.posts.get(code)
        rules = console.supervision.patrols
        rule = rules.village if post is None else rule_of(post.level, rules)
        for patrol, checks in judged(patrols.began(connection, since, until, [code]), rule):
            found[code, patrol.started_at] = checks
    wanted = {(patrol.post, patrol.started_at) for patrol in shown}
    return {key: checks for key, checks in found.items() if key in wanted}


def _planned(console: Console, patrol: Patrol, track: Track | None) -> tuple[Compared, ...]:
    if track is None or patrol.means.is_from_afar:
        return ()
    return compared(track, console.registry.routes_of(patrol.post))


def drawn(
    track: Track, water: Sequence[Sequence[LonLat]], planned: Sequence[Compared] = ()
) -> Drawing:
    """The track over the water's lines and the plan, north up, as wide as the drawing."""
    routes = [one.route.line for one in planned]
    paper = Paper([place for line in (*track.stretches, *water, *routes) for place in line])
    ends = [(line[-1], after[0]) for line, after in pairwise(track.stretches)]
    return Drawing(
        WIDTH,
        paper.height,
        tuple(paper.points(line) for line in water),
        tuple(paper.points(line) for line in track.stretches),
        tuple(paper.points(pair) for pair in ends),
        tuple(map(paper.points, routes)),
        tuple(paper.points(part) for one in planned for part in one.missed),
        paper.point(track.stretches[0][0]),
        paper.point(track.stretches[-1][-1]),
    )
