"""A chief's day on a telephone: his tickets by light, one ticket, his water, his duty sheet."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from xunhe.adapters.store import desk_river, own_tickets
from xunhe.adapters.store.evidence import Role as PhotoRole
from xunhe.adapters.store.ticket_filters import Filters
from xunhe.desk.categories import CATEGORIES, lead
from xunhe.desk.lights import Light
from xunhe.desk.periods import Span, period_at
from xunhe.web import desk_words, evidence, present, supervision, supervision_words
from xunhe.web.api import Id
from xunhe.web.console import Console, ConsoleDep
from xunhe.web.desk_access import offices_read
from xunhe.web.desk_files import brought
from xunhe.web.phone.duty import duty_sheet
from xunhe.web.phone.waters import reach_waters
from xunhe.web.scope import Person, person_of, reaches_of
from xunhe.web.supervision_models import ListedView
from xunhe.web.templates import render
from xunhe.web.wording import PROPERTIES

router = APIRouter(prefix="/phone", include_in_schema=False)

_SHOWN = 100
_BY_URGENCY = (Light.RED, Light.YELLOW, Light.GREEN)


@router.get("")
def today(request: Request, console: ConsoleDep) -> Response:
    """What waits for me, the red ones first."""
    person = person_of(request)
    with console.database.read() as connection:
        mine = [] if person is None else _mine(console, connection, person)
    groups = [(light, [one for one in mine if one.light is light]) for light in _BY_URGENCY]
    return render(
        request,
        "phone/today.html",
        groups=groups,
        count=len(mine),
        posts=[] if person is None else [console.registry.posts[code] for code in person.posts],
        reaches=console.registry.reaches,
        categories=CATEGORIES,
        lights=supervision_words.LIGHTS,
    )


@router.get("/tickets/{ticket_id}")
def ticket(request: Request, console: ConsoleDep, ticket_id: Id) -> Response:
    """One ticket: what it is, what was done, what the river says, and what I may do now."""
    with console.database.read() as connection:
        found = present.ticket_detail(
            console, connection, ticket_id, offices_read(request, console, connection)
        )
        since = found.watch.since if found.watch else found.opened_at
        now = console.clock.now()
        photos = brought(connection, ticket_id)
        first = found.incident_id
        return render(
            request,
            "phone/ticket.html",
            ticket=found,
            is_approved=console.desk.find(connection, ticket_id).accepted_by is not None,
            light=own_tickets.light_of(
                connection, ticket_id, supervision.lamp(console, connection)
            ),
            alerts=[] if first is None else present.incident_detail(connection, first).alerts,
            testimonies=desk_river.testimonies(connection, ticket_id, since, now),
            before=[row for row in photos if row.role != PhotoRole.HANDLING.value],
            after=[row for row in photos if row.role == PhotoRole.HANDLING.value],
            shots=evidence.shown(connection, found.incidents).shots,
            reach=console.registry.reaches.get(found.reach),
            category=CATEGORIES.get(found.category),
            departments=console.registry.departments,
            posts=console.registry.posts,
            lead=_lead(console, found.category, found.post.code),
            places=_names(console),
            properties=PROPERTIES,
            desk_words=desk_words,
            evidence_words=evidence,
            lights=supervision_words.LIGHTS,
        )


@router.get("/water")
def water(request: Request, console: ConsoleDep) -> Response:
    """My reaches and their water now."""
    with console.database.read() as connection:
        found = reach_waters(console, connection, reaches_of(request))
    return render(request, "phone/water.html", waters=found)


@router.get("/duty")
def duty(
    request: Request,
    console: ConsoleDep,
    month: Annotated[str, Query(pattern=r"^2\d{3}-(0[1-9]|1[0-2])$")] = "",
) -> Response:
    """The duty sheet of a month (履职月表), of each of my posts."""
    person = person_of(request)
    present_month = period_at(console.clock.now(), Span.MONTH)
    chosen = supervision.period_of(month) if month else present_month
    with console.database.read() as connection:
        posts = () if person is None else person.posts
        sheets = [duty_sheet(console, connection, code, chosen) for code in posts]
    return render(
        request,
        "phone/duty.html",
        sheets=sheets,
        month=chosen,
        is_over=chosen < present_month,
        lights=supervision_words.LIGHTS,
    )


def _mine(console: Console, connection: sa.Connection, person: Person) -> list[ListedView]:
    """The open tickets of my posts, and those that were assigned to my office; once each."""
    mine = [code for code in (*person.posts, person.code) if code]
    asked = [Filters(is_open=True, posts=person.posts)] if person.posts else []
    asked += [Filters(is_open=True, handler=code) for code in mine]
    found = [
        one
        for filters in asked
        for one in supervision.tickets(console, connection, filters, _SHOWN, 0).items
    ]
    return sorted({one.id: one for one in found}.values(), key=lambda one: one.due_at)


def _lead(console: Console, category: str, post: str) -> str | None:
    """The department that leads in a category, as the first choice of an assignment."""
    if category not in CATEGORIES:
        return None
    subject = lead(category, console.registry.leads)
    found = console.registry.department_for(subject, post)
    return None if found is None else found.code


def _names(console: Console) -> dict[str, tuple[str, str]]:
    """Stations and cameras by code, in both languages."""
    registry = console.registry
    stations = {one.code: (one.name, one.name_en) for one in registry.stations.values()}
    return stations | {one.code: (one.name, one.name_en) for one in registry.cameras.values()}
