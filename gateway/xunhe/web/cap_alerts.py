"""GET /cap/feed.xml and /cap/{identifier}.xml: bulletins as CAP 1.2, for everybody.

There only with `[cap]` in the outward file. The feed shows how each incident stands; an alert that
was withdrawn as false is gone (410), and its Cancel stays.
"""

from datetime import timedelta

from fastapi import APIRouter, Request
from fastapi.responses import Response

from xunhe.adapters.upstream.bulletins import Published, find_published, published
from xunhe.codecs.cap import alert, headline, identifier
from xunhe.codecs.cap_feed import Entry, feed
from xunhe.domain.clock import SHANGHAI
from xunhe.outward_settings.upstream import CapSettings
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.etag import unless_known
from xunhe.web.failures import CallerError, NotFoundError

_SHOWN_FOR = timedelta(days=30)
_MOST = 100

router = APIRouter(include_in_schema=False, prefix="/cap")


@router.get("/feed.xml")
def cap_feed(request: Request, console: ConsoleDep) -> Response:
    """How the incidents of the last 30 days stand, the newest first."""
    settings = _settings(console, "feed.xml")
    root = f"{str(request.base_url).rstrip('/')}/cap"
    with console.database.read() as connection:
        found = published(connection, console.clock.now() - _SHOWN_FOR, _MOST)
    entries = [_entry(each, settings.sender, root) for each in found]
    body = feed(entries, settings.sender, f"{root}/feed.xml")
    return unless_known(request, body, "application/atom+xml")


@router.get("/{name}.xml")
def cap_alert(request: Request, console: ConsoleDep, name: str) -> Response:
    """One alert by its identifier."""
    settings = _settings(console, name)
    number = name.rpartition(".")[2]
    with console.database.read() as connection:
        found = find_published(connection, int(number)) if _is_number(number) else None
    if found is None or _identifier(found, settings.sender) != name:
        raise NotFoundError("alert", "预警", name)
    if found.is_withdrawn:
        raise CallerError(
            410, "withdrawn", "found to be false and withdrawn", "经核实为误报，已撤回"
        )
    body = alert(
        found.body,
        found.number,
        found.at.astimezone(SHANGHAI),
        settings.sender,
        is_exercise=settings.is_exercise,
    )
    return unless_known(request, body, "application/cap+xml")


def _settings(console: Console, name: str) -> CapSettings:
    if console.cap is None:
        raise NotFoundError("alert", "预警", name)
    return console.cap


def _entry(found: Published, sender: str, root: str) -> Entry:
    name = _identifier(found, sender)
    url = f"{root}/{name}.xml"
    return Entry(name, headline(found.body, "zh"), found.at.astimezone(SHANGHAI), url)


def _identifier(found: Published, sender: str) -> str:
    return identifier(sender, found.body["incident"], found.number)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18
