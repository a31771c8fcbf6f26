"""对外链路: what leaves this gateway, how each link is, what waits and what was put aside."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel

from xunhe.adapters.outbox.courier import Courier, LinkStanding
from xunhe.adapters.store import deliveries
from xunhe.adapters.store.deliveries import Standing
from xunhe.web.api import Id
from xunhe.web.console import ConsoleDep
from xunhe.web.failures import ERRORS, WRITE_ERRORS, NotFoundError
from xunhe.web.models import Instant
from xunhe.web.templates import render

router = APIRouter(tags=["links"], responses=ERRORS)

_SHOWN = 100
_NONE = Standing(waiting=0, dead=0, sent=0, oldest_waiting=None)
# What a destination is, by the first word of its name.
_KINDS = {
    "broker": ("本机消息代理，发给各岗位", "this machine's broker, to offices"),
    "hj212": ("HJ 212 平台", "HJ 212 platform"),
    "mqtt": ("上级平台的 MQTT", "a platform's MQTT"),
    "sparkplug": ("SCADA（Sparkplug B）", "SCADA (Sparkplug B)"),
    "home_assistant": ("Home Assistant", "Home Assistant"),
    "webhook": ("Webhook", "webhook"),
    "notify": ("通知渠道", "notifications"),
}


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A destination, how it is and how its deliveries stand."""

    name: str
    state: LinkStanding
    standing: Standing

    @property
    def kind(self) -> tuple[str, str]:
        """What it is, in Chinese and in English."""
        return _KINDS[self.name.partition(".")[0]]


class LinkView(BaseModel):
    """`is_up` is null before anything was tried; `oldest_waiting` is in the river's time."""

    name: str
    is_up: bool | None
    waiting: int
    put_aside: int
    sent: int
    oldest_waiting: Instant | None
    last_done: Instant | None
    trouble: str
    trouble_at: Instant | None


@router.get("/links", include_in_schema=False)
def links_page(request: Request, console: ConsoleDep) -> Response:
    """Every link, and what was put aside with the reason."""
    with console.database.read() as connection:
        rows = _rows(console.links, connection)
        dead = deliveries.dead(connection, _SHOWN)
    return render(request, "links.html", rows=rows, dead=dead)


@router.get("/api/v1/links", operation_id="listLinks")
def list_links(console: ConsoleDep) -> list[LinkView]:
    """Every link of this gateway."""
    with console.database.read() as connection:
        return [_view(row) for row in _rows(console.links, connection)]


@router.post("/links/deliveries/{delivery_id}", include_in_schema=False, responses=WRITE_ERRORS)
def resend(console: ConsoleDep, delivery_id: Id) -> Response:
    """Send again what was put aside."""
    with console.database.write() as connection:
        done = deliveries.resend(connection, delivery_id, console.wall.now())
    if not done:
        raise NotFoundError("delivery", "投递", delivery_id)
    return RedirectResponse("/links", 303)


def _rows(links: Sequence[Courier], connection: sa.Connection) -> list[LinkRow]:
    standings = deliveries.standing(connection)
    return [
        LinkRow(each.destination.name, each.standing, standings.get(each.destination.name, _NONE))
        for each in links
    ]


def _view(row: LinkRow) -> LinkView:
    state, standing = row.state, row.standing
    return LinkView(
        name=row.name,
        is_up=state.is_up,
        waiting=standing.waiting,
        put_aside=standing.dead,
        sent=standing.sent,
        oldest_waiting=standing.oldest_waiting,
        last_done=state.last_done,
        trouble=state.trouble,
        trouble_at=state.trouble_at,
    )
