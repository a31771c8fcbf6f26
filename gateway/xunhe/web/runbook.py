"""应急手册: what to do about each alarm. The text ships with the gateway, which may be off line."""

from functools import cache
from itertools import pairwise
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from xunhe.web.templates import render

FILE = Path(__file__).with_name("runbook.md")

router = APIRouter(include_in_schema=False)


@router.get("/runbook")
def runbook_page(request: Request) -> Response:
    """The whole of it; alarms link to their sections."""
    return render(request, "runbook.html", text=_page())


@cache
def _page() -> Markup:
    """The runbook as HTML. It is our own text, and raw HTML in it is shown as letters."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(FILE.read_text("utf-8"))
    for token, words in pairwise(tokens):
        if (name := section_name(token, words)) is not None:
            token.attrSet("id", name)
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704


def section_name(token: Token, words: Token) -> str | None:
    """The name of a section at its heading: `### silent_station 站点失联`; None elsewhere."""
    if token.type != "heading_open" or token.tag != "h3":
        return None
    return words.content.split()[0].strip("`")


def sections() -> list[str]:
    """The names of all sections, as alarms link to them."""
    lines = FILE.read_text("utf-8").splitlines()
    return [line.split()[1].strip("`") for line in lines if line.startswith("### ")]
