"""Taking a person out of a registry: not while he holds a duty, and without a gap in history."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from xunhe.adapters.registry_rows import Book
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.duty import Duty
from xunhe.domain.registry import RegistryError

GONE = "（已注销）"  # the name of somebody who held a post once and has been taken out


def duties_left(persons: Iterable[str], duty: Duty, now: datetime) -> Iterator[str]:
    """Why persons cannot be taken out: each duty that one holds or is to hold, and what to do."""
    for person in persons:
        for tenure in duty.owed_by(person, now):
            since = tenure.since.astimezone(SHANGHAI)
            yield (
                f"人员 {person} 自 {since:%Y-%m-%d} 担任 {tenure.post}：先办交接，或登记任期终止"
                f" / person {person} holds post {tenure.post}: hand it over (page /handovers) or"
                " give the tenure its end, then try again"
            )


def without_person(book: Book, person: str, duty: Duty, now: datetime) -> Book:
    """The book without a person; the name only is taken out of one whose tenures are history.

    Raises RegistryError where there is no such person, or one who holds a duty.
    """
    people = list(book.rows.get("person", ()))
    if all(row["code"] != person for row in people):
        raise RegistryError([f"没有人员 {person} / no person {person} is registered"])
    if problems := list(duties_left([person], duty, now)):
        raise RegistryError(problems)
    is_history = any(tenure.person == person for tenure in duty.tenures)
    kept = [{**row, "name": GONE} if row["code"] == person else row for row in people]
    if not is_history:
        kept = [row for row in kept if row["code"] != person]
    return replace(book, rows={**book.rows, "person": kept})
