"""The live stream: server-sent events that resume by id, so that nothing is missed or repeated.

id: n  event: alert | incident | ticket | rejected   rows of the event table, each once
       event: heartbeat   every few seconds, with the river's time
       event: stations    at most once a second, when readings were stored
       event: reset       the caller's id is from another database: load everything anew
"""

import json
import math
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from xunhe.adapters.store import queries
from xunhe.adapters.store.accounts import find_session
from xunhe.adapters.store.queries import EventRow
from xunhe.web.access import COOKIE
from xunhe.web.console import Console, ConsoleDep, iso
from xunhe.web.failures import ERRORS
from xunhe.web.scope import reaches_of

_POLL_S = 1.0
_HEARTBEAT_S = 5.0
_TICK_S = 1.0
_BATCH = 200
_RETRY_MS = 2000

EventId = Annotated[int | None, Query(ge=0, le=2**53, description="Resume after this id")]
LastEventId = Annotated[int | None, Header(ge=0, le=2**53, description="What a browser sends")]

router = APIRouter(prefix="/api/v1", responses=ERRORS)


@router.get(
    "/events",
    tags=["events"],
    operation_id="followEvents",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}, "description": "The stream"}},
)
async def events(
    request: Request,
    console: ConsoleDep,
    after: EventId = None,
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """Events after `Last-Event-ID` (or `after`), then new ones as they are committed.

    Without either, only new ones. The header wins: a browser that reconnects knows better.
    """
    since = last_event_id if last_event_id is not None else after
    stream = EventStream(console, _still_allowed(console, request), reaches_of(request))
    return StreamingResponse(
        stream.messages(since),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},  # nginx would hold events back
    )


@dataclass(frozen=True, slots=True)
class _News:
    rows: list[EventRow]
    readings: int


class EventStream:
    """One reader's stream: looks at the tables when woken, and once a second."""

    def __init__(
        self,
        console: Console,
        is_allowed: Callable[[], bool],
        reaches: frozenset[str] | None = None,
    ) -> None:
        self._console = console
        self._is_allowed = is_allowed
        self._reaches = reaches
        self._readings = 0
        self._beat_s = -math.inf
        self._tick_s = -math.inf

    async def messages(self, since: int | None) -> AsyncIterator[str]:
        """The messages, until the gateway goes down or the reader's session ends."""
        live = self._console.live
        yield f"retry: {_RETRY_MS}\n\n"
        with live.stream() as stream:
            last_id, self._readings = await run_in_threadpool(self._start)
            if since is not None and since > last_id:
                yield message("reset", {"last_event_id": last_id})
            cursor = last_id if since is None else min(since, last_id)
            while not live.closed and await self._may_go_on():
                news = await self._news(cursor)
                for row in news.rows:
                    cursor = row.id
                    if self._concerns(row):
                        yield message(row.kind, {**row.data, "at": iso(row.at)}, row.id)
                for text in self._signals(news.readings):
                    yield text
                if len(news.rows) < _BATCH:
                    await stream.wait(_POLL_S)

    async def _may_go_on(self) -> bool:
        """Asked with each heartbeat: a session may have ended meanwhile."""
        if time.monotonic() - self._beat_s < _HEARTBEAT_S:
            return True
        return await run_in_threadpool(self._is_allowed)

    def _signals(self, readings: int) -> list[str]:
        now_s = time.monotonic()
        texts = []
        if readings != self._readings and now_s - self._tick_s >= _TICK_S:
            self._readings, self._tick_s = readings, now_s
            texts.append(message("stations", self._time()))
        if now_s - self._beat_s >= _HEARTBEAT_S:
            self._beat_s = now_s
            texts.append(message("heartbeat", self._time()))
        return texts

    def _time(self) -> dict[str, Any]:
        return {"at": iso(self._console.clock.now()), "time_factor": self._console.time_factor}

    def _start(self) -> tuple[int, int]:
        with self._console.database.read() as connection:
            return queries.last_event_id(connection), queries.readings_counter(connection)

    async def _news(self, cursor: int) -> _News:
        """What came after `cursor`; streams that stand at the same event share one look."""
        live = self._console.live
        return await live.once((cursor, live.commits), lambda: self._look(cursor))

    def _look(self, cursor: int) -> _News:
        with self._console.database.read() as connection:
            rows = queries.events_after(connection, cursor, _BATCH)
            return _News(rows, queries.readings_counter(connection))

    def _concerns(self, row: EventRow) -> bool:
        """Whoever sees some reaches only is told of these, and of nothing without a place."""
        if self._reaches is None:
            return True
        reach = row.data.get("reach") or self._reach_of(row.data.get("station"))
        return reach in self._reaches

    def _reach_of(self, witness: str | None) -> str | None:
        registry = self._console.registry
        known = witness is not None and registry.knows(witness)
        return registry.place(witness).reach if known and witness is not None else None


def message(event: str, data: dict[str, Any], event_id: int | None = None) -> str:
    """One server-sent event; JSON on one line."""
    head = "" if event_id is None else f"id: {event_id}\n"
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _still_allowed(console: Console, request: Request) -> Callable[[], bool]:
    token = request.cookies.get(COOKIE, "")

    def is_allowed() -> bool:
        if console.settings.read_without_login:
            return True
        return find_session(console.database, token, console.wall.now()) is not None

    return is_allowed
