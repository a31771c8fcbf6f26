"""Patrols of a month: what every post owed and made (巡河率), and each walk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from xunhe.adapters.store import patrols as kept_patrols
from xunhe.adapters.supervision import reports
from xunhe.desk.indicators import Rate, patrol_rate
from xunhe.desk.patrols import Made, Patrol, judged, rule_of
from xunhe.desk.periods import Period, Span, period_at
from xunhe.desk.scoring import patrols_made
from xunhe.desk.seats import seats_of
from xunhe.domain.offices import Level
from xunhe.domain.registry import Post
from xunhe.web import supervision
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.listing import AskedDep, Choice, Column, listed
from xunhe.web.office import words
from xunhe.web.scope import reaches_of
from xunhe.web.templates import render
from xunhe.web.wording import Words

router = APIRouter(include_in_schema=False)

Label = Annotated[str | None, Query(max_length=7)]


@dataclass(frozen=True, slots=True)
class OfPost:
    """What a post owed and made."""

    post: Post
    unit: str
    made: Made
    last: Patrol | None

    @property
    def rate(self) -> Rate:
        """巡河率."""
        return Rate(self.made.done, self.made.required)


@dataclass(frozen=True, slots=True)
class Walk:
    """One patrol, and whether it counts."""

    post: Post
    patrol: Patrol
    counts: bool

    @property
    def minutes(self) -> int:
        """How long it took."""
        return round((self.patrol.ended_at - self.patrol.started_at) / timedelta(minutes=1))

    @property
    def seen_percent(self) -> int | None:
        """How much of its reaches was looked at."""
        return None if self.patrol.seen is None else round(100 * self.patrol.seen)


_LEVELS = [(level.label_en, Words(level.label_zh, level.label_en)) for level in Level]

POSTS: Sequence[Column[OfPost]] = (
    Column("post", Words("岗位", "Post"), lambda one: one.post.title),
    Column("unit", Words("单位", "Unit"), lambda one: one.unit),
    Column("level", Words("层级", "Level"), lambda one: one.post.level.label_zh),
    Column("required", Words("应巡", "Owed"), lambda one: one.made.required, is_number=True),
    Column("done", Words("已巡", "Made"), lambda one: one.made.done, is_number=True),
    Column("missing", Words("缺次", "Missing"), lambda one: one.made.missing, is_number=True),
    Column("rate", Words("巡河率", "Rate"), lambda one: one.rate.value, is_number=True),
    Column(
        "last",
        Words("最近一次", "Last"),
        lambda one: one.last.started_at if one.last else None,
    ),
)
WALKS: Sequence[Column[Walk]] = (
    Column("started", Words("开始", "Begun"), lambda walk: walk.patrol.started_at),
    Column("post", Words("岗位", "Post"), lambda walk: walk.post.title),
    Column("reaches", Words("河段", "Reaches"), lambda walk: " ".join(walk.patrol.reaches)),
    Column("means", Words("方式", "Means"), lambda walk: words.MEANS[walk.patrol.means].zh),
    Column("minutes", Words("时长 分", "Minutes"), lambda walk: walk.minutes, is_number=True),
    Column("length", Words("里程 m", "Metres"), lambda walk: walk.patrol.length_m, is_number=True),
    Column("seen", Words("覆盖 %", "Seen %"), lambda walk: walk.seen_percent, is_number=True),
    Column(
        "problems", Words("发现", "Found"), lambda walk: len(walk.patrol.problems), is_number=True
    ),
    Column("counts", Words("有效", "Counts"), lambda walk: "是 yes" if walk.counts else "否 no"),
    Column("note", Words("备注", "Note"), lambda walk: walk.patrol.note),
)


@router.get("/desk/patrols")
def page(request: Request, console: ConsoleDep, asked: AskedDep, month: Label = None) -> Response:
    """The posts of a month; with `?show=walks` its walks."""
    now, rules = console.clock.now(), console.supervision.patrols
    period = supervision.period_of(month) if month else period_at(now, Span.MONTH)
    posts = _seen(console, reaches_of(request))
    seats = seats_of(console.registry)
    with console.database.read() as connection:
        known = reports.patrols_of(connection, seats, rules, period)
        walked = [patrol for patrol in known if patrol.post in posts]
        began = kept_patrols.began(connection, period.start, period.end, posts)
    made = patrols_made(walked, seats, rules, period, now)
    last = {patrol.post: patrol for patrol in sorted(began, key=lambda one: one.started_at)}
    of_posts = [
        OfPost(post, supervision.name_of(console, seats.unit_of(code)), made[code], last.get(code))
        for code, post in posts.items()
    ]
    choice: Choice[OfPost] = Choice(
        "level", Words("层级", "Level"), _LEVELS, lambda one: one.post.level.label_en
    )
    walks = listed(_walks(console, walked, period), WALKS, asked)
    found = listed(of_posts, POSTS, asked, [choice])
    shows_walks = asked.chosen.get("show") == "walks"
    if asked.is_csv:
        return walks.csv("walks") if shows_walks else found.csv("patrols")
    return render(
        request,
        "office/patrols.html",
        period=period,
        posts=found,
        walks=walks,
        shows_walks=shows_walks,
        rate=patrol_rate(one.made for one in of_posts),
        rules={level: rule_of(level, rules) for level in Level},
        reaches=console.registry.reaches,
        words=words,
    )


def _seen(console: Console, reaches: frozenset[str] | None) -> dict[str, Post]:
    """The posts that whoever asks may see: those of whose reaches all are his."""
    return {
        code: post
        for code, post in console.registry.posts.items()
        if reaches is None or reaches.issuperset(post.reaches)
    }


def _walks(console: Console, walked: Iterable[Patrol], period: Period) -> Iterator[Walk]:
    """The patrols that began in the period, judged by their post's rule."""
    by_post: dict[str, list[Patrol]] = defaultdict(list)
    for patrol in walked:
        by_post[patrol.post].append(patrol)
    for code, of_post in by_post.items():
        post = console.registry.posts[code]
        rule = rule_of(post.level, console.supervision.patrols)
        for patrol, checks in judged(of_post, rule):
            if period.contains(patrol.started_at):
                yield Walk(post, patrol, all(check.holds for check in checks))
