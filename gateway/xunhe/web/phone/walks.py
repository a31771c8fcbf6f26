"""Patrols (巡河): as a telephone recorded them, as a file of another recorder, and as pages."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import RedirectResponse, Response

from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.gpx import MAX_BYTES, GpxError, read_gpx
from xunhe.adapters.phone_desk import NotThereError, Walk, add_walk, problems_of
from xunhe.adapters.store import patrols
from xunhe.adapters.store.patrols import TrackSource
from xunhe.desk.patrols import Means
from xunhe.desk.roles import Role
from xunhe.desk.track import Fix
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_write, require
from xunhe.web.failures import ERRORS, WRITE_ERRORS, CallerError, NotFoundError
from xunhe.web.phone.models import Taken, WalkBrought
from xunhe.web.phone.moments import ago
from xunhe.web.phone.walk_views import CRITERIA, judged_walks, walk_view
from xunhe.web.scope import person_of
from xunhe.web.templates import render

api = APIRouter(prefix="/api/v1/phone", tags=["phone"], responses=ERRORS)
pages = APIRouter(include_in_schema=False)

_SHOWN = 30


@api.post("/patrols", operation_id="bringPatrol", responses=WRITE_ERRORS)
def patrol(console: ConsoleDep, request: Request, brought: WalkBrought) -> Taken:
    """A patrol with its track; however often it is sent, one patrol."""
    ended_at = ago(console, brought.age_s)
    if ended_at is None:
        raise CallerError(
            422,
            "impossible_time",
            "the telephone's clock was changed meanwhile: import its track as GPX",
            "手机时钟在此期间被改动，无法确定巡河时间：请改为导入 GPX 轨迹",
        )
    started_at = ended_at - timedelta(seconds=brought.duration_s)
    walk = Walk(
        key=brought.key,
        post=brought.post,
        means=brought.means,
        fixes=[
            Fix(started_at + timedelta(seconds=since_s), (lon, lat), accuracy_m)
            for since_s, lon, lat, accuracy_m in brought.fixes
        ],
        source=TrackSource.PHONE,
        started_at=started_at,
        ended_at=ended_at,
        note=brought.note,
    )
    patrol_id, is_new = _keep(console, request, walk, brought.problems)
    return Taken(id=patrol_id, number=str(patrol_id), is_new=is_new)


@pages.get("/phone/patrols")
def patrols_page(request: Request, console: ConsoleDep) -> Response:
    """The patrols of one's posts, what counts, and the form for a GPX file."""
    return _list(request, console)


@pages.get("/phone/patrols/{patrol_id}")
def patrol_page(request: Request, console: ConsoleDep, patrol_id: int) -> Response:
    """A patrol: its track over the reach, gaps marked, and whether it counts and why."""
    person = person_of(request)
    with console.database.read() as connection:
        found = patrols.find(connection, patrol_id)
        reaches = None if person is None else person.reaches
        if found is None or not (reaches is None or reaches.issuperset(found.patrol.reaches)):
            raise NotFoundError("patrol", "巡河记录", patrol_id)
        view = walk_view(console, connection, found)
    return render(request, "phone/patrol.html", view=view, criteria=CRITERIA)


@pages.post("/phone/patrols/gpx")
def take_gpx(
    request: Request,
    console: ConsoleDep,
    post: Annotated[str, Form(max_length=64)],
    track: Annotated[UploadFile, File()],
) -> Response:
    """Import the track of another recorder; the same file twice is one patrol."""
    data = track.file.read(MAX_BYTES + 1)
    try:
        fixes = read_gpx(data, console.wall.now())
    except GpxError as error:
        return _list(request, console, problem=(error.zh, str(error)))
    walk = _walk(console, post, EvidenceStore.digest(data), fixes)
    try:
        patrol_id, _ = _keep(console, request, walk, ())
    except CallerError as error:
        return _list(request, console, problem=(error.problem.message_zh, error.problem.message))
    return RedirectResponse(f"/phone/patrols/{patrol_id}", 303)


def _list(request: Request, console: Console, problem: tuple[str, str] | None = None) -> Response:
    person = person_of(request)
    posts = () if person is None else person.posts
    with console.database.read() as connection:
        walks = judged_walks(console, connection, posts, _SHOWN)
    page = render(
        request,
        "phone/patrols.html",
        walks=walks,
        posts=[console.registry.posts[code] for code in posts],
        problem=problem,
    )
    page.status_code = 200 if problem is None else 422
    return page


def _walk(console: Console, post: str, key: str, fixes: Sequence[Fix]) -> Walk:
    """A file's track in the river's time: its end as long ago as it says."""
    age_s = (console.wall.now() - fixes[-1].at).total_seconds()
    ended_at = ago(console, age_s)
    if ended_at is None:
        raise CallerError(422, "too_old", "the track is older than 60 days", "轨迹已超过 60 天")
    shift = ended_at - fixes[-1].at
    moved = [replace(fix, at=fix.at + shift) for fix in fixes]
    return Walk(
        key=key,
        post=post,
        means=Means.ON_FOOT,
        fixes=moved,
        source=TrackSource.GPX,
        started_at=moved[0].at,
        ended_at=ended_at,
    )


def _keep(
    console: Console, request: Request, walk: Walk, problem_keys: Sequence[str]
) -> tuple[int, bool]:
    """Keep a patrol of the writer's own post; its id, and whether it is new."""
    with console.database.write() as connection:
        held = offices_write(request, console, connection)
        own = [office for office in held if office.code == walk.post]
        actor = require(own, Role.CHIEF)
        found = replace(walk, problems=problems_of(connection, problem_keys))
        try:
            return add_walk(connection, console.registry, found, actor.code, console.clock.now())
        except NotThereError as error:
            raise CallerError(
                422,
                "not_there",
                "the track comes within 50 m of no reach of this post",
                "轨迹没有经过该岗位的任何河段（50 米以内）",
            ) from error
