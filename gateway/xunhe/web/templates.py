"""Jinja2: autoescape on, an unknown name is an error, instants shown in Asia/Shanghai."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xunhe.domain.clock import SHANGHAI
from xunhe.web import wording
from xunhe.web.console import Console, iso
from xunhe.web.navigation import navigation
from xunhe.web.offering import may_ask
from xunhe.web.static_files import shelf


def shanghai(at: datetime) -> str:
    """Such as 2026-07-01 03:20:00, Asia/Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def short_time(at: datetime) -> str:
    """Such as 07-01 03:20, Asia/Shanghai."""
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M")


def duration(seconds: float) -> wording.Words:
    """A length of time as a person would say it, without its sign."""
    minutes = int(abs(seconds)) // 60
    hours = minutes // 60
    if hours >= 48:
        return wording.Words(f"{hours // 24} 天", f"{hours // 24} d")
    if hours >= 10:
        return wording.Words(f"{hours} 小时", f"{hours} h")
    if hours:
        return wording.Words(f"{hours} 小时 {minutes % 60} 分", f"{hours} h {minutes % 60} min")
    return wording.Words(f"{minutes} 分钟", f"{minutes} min")


def instant(unix_s: float) -> datetime:
    """An instant of Unix seconds."""
    return datetime.fromtimestamp(unix_s, UTC)


def grouped(number: int) -> str:
    """Thousands apart by a thin space, as in 12 345."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        iso=iso,
        shanghai=shanghai,
        short_time=short_time,
        duration=duration,
        grouped=grouped,
        instant=instant,
    )
    environment.globals.update(wording=wording, static=shelf().url, new_key=lambda: uuid4().hex)
    return environment


_ENVIRONMENT = _environment()


def plain_page(template: str, **context: Any) -> str:
    """The text of a page that knows neither person nor river."""
    return _ENVIRONMENT.get_template(template).render(**context)


def render(request: Request, template: str, **context: Any) -> HTMLResponse:
    """A page or fragment; every template knows who is logged in and what time the river has."""
    console: Console = request.app.state.console
    text = _ENVIRONMENT.get_template(template).render(
        session=getattr(request.state, "session", None),
        path=request.url.path,
        navigation=navigation(request, console),
        may=may_ask(request, console),
        is_demo=console.settings.read_without_login,
        river_now=console.clock.now(),
        time_factor=console.time_factor,
        new_challenge=lambda: console.work.challenge(console.wall.now()),
        **context,
    )
    return HTMLResponse(text)
