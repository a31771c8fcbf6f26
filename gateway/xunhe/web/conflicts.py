"""Two people at one ticket: the second learns who changed what, and loses nothing that he typed."""

from datetime import datetime

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from xunhe.adapters.store import desk_log, members
from xunhe.adapters.store.tickets import StaleTicketError
from xunhe.desk.log import Entry
from xunhe.web import desk_words
from xunhe.web.console import Console
from xunhe.web.failures import CallerError, Problem, wants_json
from xunhe.web.models import Instant
from xunhe.web.templates import render
from xunhe.web.wording import Words

_NOT_SHOWN = frozenset({"csrf", "once", "revision"})


class Change(BaseModel):
    """What somebody did meanwhile. `office`: a post or department; `person` None once erased."""

    at: Instant
    office: str
    person: str | None
    action: str
    action_zh: str
    reason: str


class StaleProblem(Problem):
    """A step against an old revision; `changes` are those that its sender has not seen."""

    revision: int
    changes: list[Change]


async def answer_stale(request: Request, error: StaleTicketError) -> Response:
    """409 with the changes; a page offers the same step against the newest revision."""
    console: Console = request.app.state.console
    changes = await run_in_threadpool(changes_since, console, error.ticket_id, error.seen)
    revisions = f"版本 {error.stored}，提交的是 {error.seen}"
    zh = f"工单 {error.number} 已更新（{revisions}）：请刷新后再处理"
    failure = CallerError(409, "stale_revision", f"{error}: reload it and decide again", zh)
    if wants_json(request.url.path):
        problem = StaleProblem(
            **failure.problem.model_dump(), revision=error.stored, changes=changes
        )
        return JSONResponse(problem.model_dump(mode="json"), 409)
    sent = (await request.form()).multi_items()
    page = render(
        request,
        "stale.html",
        error=error,
        changes=changes,
        sent=[(k, v) for k, v in sent if isinstance(v, str) and k not in _NOT_SHOWN],
    )
    page.status_code = 409
    return page


def changes_since(console: Console, ticket_id: int, seen: int) -> list[Change]:
    """What the log says of a ticket after a revision, the oldest first."""
    with console.database.read() as connection:
        entries = desk_log.entries(connection, subject=f"ticket:{ticket_id}")
        later = [entry for entry in entries if _revision(entry) > seen]
        names = [members.name_of(connection, _person(entry)) for entry in later]
    return [_change(console, *pair) for pair in zip(later, names, strict=True)]


def _change(console: Console, entry: Entry, name: str | None) -> Change:
    words = _action(entry)
    post = console.registry.posts.get(entry.actor)
    at: datetime = entry.at
    return Change(
        at=at,
        office=entry.actor if post is None else post.title,
        person=name,
        action=words.en,
        action_zh=words.zh,
        reason=str(entry.data.get("reason", "")),
    )


def _action(entry: Entry) -> Words:
    found = entry.data.get("action")
    if isinstance(found, str) and found in desk_words.ACTIONS:
        return desk_words.ACTIONS[found]  # type: ignore[index]
    return desk_words.KINDS.get(entry.kind, Words(entry.kind, entry.kind))


def _revision(entry: Entry) -> int:
    found = entry.data.get("revision")
    return found if isinstance(found, int) else 0


def _person(entry: Entry) -> int | None:
    found = entry.data.get("by")
    return found if isinstance(found, int) else None
