"""The river as anybody may see it: its class, and the open problems that a person has verified.

Positions are rounded to about a hundred metres. Photographs are shown with faces and plates hidden,
and only of problems that accuse nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from xunhe.adapters.evidence import JPEG, EvidenceError
from xunhe.adapters.store import own_tickets
from xunhe.desk.categories import CATEGORIES, Category
from xunhe.desk.citizens import Stage, stage
from xunhe.domain.position import LonLat
from xunhe.domain.registry import Reach
from xunhe.domain.ticket import Ticket
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.drawing import WIDTH, Paper
from xunhe.web.failures import NotFoundError
from xunhe.web.phone.waters import ReachWater, reach_waters
from xunhe.web.templates import render

router = APIRouter(include_in_schema=False)

_SHOWN = 50
_DECIMALS = 3  # of a degree: some hundred metres


@dataclass(frozen=True, slots=True)
class PublicProblem:
    """An open problem without anything that points at a person. `near` is rounded."""

    category: Category
    reach: Reach | None
    stage: Stage
    opened_on: str
    near: LonLat | None
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RiverDrawing:
    """Reaches with their water as lines, problems as places."""

    width: float
    height: float
    lines: tuple[tuple[ReachWater, str], ...]
    problems: tuple[tuple[float, float], ...]


@router.get("/report/river")
def river(request: Request, console: ConsoleDep) -> Response:
    """The river's class and its open problems."""
    with console.database.read() as connection:
        waters = reach_waters(console, connection, None)
        problems = list(_problems(console, connection))
    return render(
        request,
        "citizen/river.html",
        waters=waters,
        problems=problems,
        drawing=_drawn(waters, problems),
    )


@router.get("/report/pictures/{sha256}")
def picture(
    console: ConsoleDep, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """A photograph of an open problem that accuses nobody, faces and plates hidden."""
    with console.database.read() as connection:
        shown = {digest for one in _problems(console, connection) for digest in one.pictures}
    if sha256 not in shown or console.blurred is None:
        raise NotFoundError("picture", "图片", sha256[:12])
    try:
        data = console.blurred.get(sha256)
    except (EvidenceError, ValueError) as error:
        raise NotFoundError("picture", "图片", sha256[:12]) from error
    return Response(data, media_type=JPEG)


def _problems(console: Console, connection: sa.Connection) -> Iterator[PublicProblem]:
    tickets = [t for t in own_tickets.verified(connection, _SHOWN) if t.category in CATEGORIES]
    kind = CATEGORIES
    plain = [ticket.id for ticket in tickets if not kind[ticket.category].accuses]
    taken: dict[int | None, list[str]] = {}
    for row in own_tickets.pictures(connection, plain):
        if row.media_type == JPEG:
            taken.setdefault(row.ticket_id, []).append(row.sha256)
    for ticket in tickets:
        yield PublicProblem(
            kind[ticket.category],
            console.registry.reaches.get(ticket.reach),
            stage(ticket.state),
            f"{ticket.opened_at:%Y-%m-%d}",
            rounded(ticket),
            tuple(dict.fromkeys(taken.get(ticket.id, []))),
        )


def rounded(ticket: Ticket) -> LonLat | None:
    """A ticket's position to about a hundred metres; None where it has none."""
    if ticket.lon_lat is None:
        return None
    lon, lat = ticket.lon_lat
    return round(lon, _DECIMALS), round(lat, _DECIMALS)


def _drawn(waters: Sequence[ReachWater], problems: Sequence[PublicProblem]) -> RiverDrawing:
    places = [problem.near for problem in problems if problem.near is not None]
    paper = Paper([*(place for water in waters for place in water.reach.line), *places])
    return RiverDrawing(
        WIDTH,
        paper.height,
        tuple((water, paper.points(water.reach.line)) for water in waters),
        tuple(paper.point(place) for place in places),
    )
