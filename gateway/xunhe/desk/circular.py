"""The monthly circular (亮灯通报): every matter's light in a month, by unit and by post.

It is made for a whole month, from what the log said before its end, and published from the set day
of the next one on (`due_months`). Kinds:

    circular.published  subject month:2026-07; counts of units and posts, and each row that is not
                        plainly green
    light.warned        subject of the matter: its handler sees that the deadline cannot be made
    light.withdrawn     … and takes that back
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from xunhe.desk.lights import Light, Spell, Standing, Why, light, was_red
from xunhe.desk.log import JSON, Entry
from xunhe.desk.periods import Period, parse

WARNINGS = ("light.warned", "light.withdrawn")
PUBLISHED = "circular.published"

_LAST_INSTANT = timedelta(milliseconds=1)  # the log's resolution

Counts = Mapping[str, Mapping[Light, int]]


@dataclass(frozen=True, slots=True)
class Matter:
    """A task, a problem or a recurring duty, and how it stands at an instant."""

    subject: str  # as in the log: task:…, ticket:…, meeting:…
    unit: str
    post: str
    is_difficult: bool
    spells: tuple[Spell, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class Row:
    """The light of one matter in one month."""

    subject: str
    unit: str
    post: str
    light: Light
    why: Why
    is_difficult: bool


@dataclass(frozen=True, slots=True)
class Circular:
    """The lights of one month. `rows` leaves out what is green and not difficult."""

    month: Period
    units: Counts
    posts: Counts
    rows: tuple[Row, ...]

    def count(self, colour: Light) -> int:
        """How many matters had this light."""
        return sum(counts.get(colour, 0) for counts in self.units.values())

    def data(self) -> dict[str, JSON]:
        """The data of its entry in the log."""
        return {
            "units": _plain(self.units),
            "posts": _plain(self.posts),
            "rows": [
                [row.subject, row.unit, row.post, row.light.value, row.why.value, row.is_difficult]
                for row in self.rows
            ],
        }


def row(matter: Matter, month: Period, tolerance: float) -> Row:
    """The light of a matter in a month: red where it was late at any instant of it.

    `matter` is as at the end of the month; a deadline at that very end is the next month's.
    """
    colour, why = light(matter.standing, month.end - _LAST_INSTANT, tolerance)
    if was_red(matter.spells, month.start, month.end):
        colour, why = Light.RED, Why.PAST_DUE
    return Row(matter.subject, matter.unit, matter.post, colour, why, matter.is_difficult)


def circular(matters: Iterable[Matter], month: Period, tolerance: float) -> Circular:
    """The circular of a month, from the matters that were open in it."""
    units: dict[str, Counter[Light]] = {}
    posts: dict[str, Counter[Light]] = {}
    shown = []
    for matter in matters:
        made = row(matter, month, tolerance)
        units.setdefault(made.unit, Counter())[made.light] += 1
        posts.setdefault(made.post, Counter())[made.light] += 1
        if made.light is not Light.GREEN or made.is_difficult:
            shown.append(made)
    return Circular(month, units, posts, tuple(sorted(shown, key=lambda made: made.subject)))


def due_months(
    published: Iterable[Period], now: datetime, day: int, since: Period
) -> Iterator[Period]:
    """Months from `since` on whose circular is due and not published, the oldest first.

    A month's circular is due at 00:00 of the `day` of the next month.
    """
    known = set(published)
    month = since
    while now >= month.after.day(day):
        if month not in known:
            yield month
        month = month.after


def read(entry: Entry) -> Circular:
    """The circular that an entry published. ValueError where it is none."""
    rows = entry.data.get("rows")
    if not isinstance(rows, list | tuple):
        raise ValueError(f"entry {entry.seq}: rows is {rows!r}, not a list")
    month = parse(entry.subject.removeprefix("month:"))
    made = tuple(_row(entry, found) for found in rows)
    return Circular(month, _counts(entry, "units"), _counts(entry, "posts"), made)


def warned(entries: Iterable[Entry]) -> set[str]:
    """The subjects of which it is said, after these entries, that they cannot be made in time."""
    found: set[str] = set()
    for entry in entries:
        (found.add if entry.kind == "light.warned" else found.discard)(entry.subject)
    return found


def _row(entry: Entry, found: JSON) -> Row:
    if not isinstance(found, list | tuple) or len(found) != 6:
        raise ValueError(f"entry {entry.seq}: {found!r} is no row of a circular")
    subject, unit, post, colour, why, is_difficult = found
    return Row(
        str(subject), str(unit), str(post), Light(str(colour)), Why(str(why)), is_difficult is True
    )


def _plain(counts: Counts) -> dict[str, JSON]:
    """{code: [green, yellow, red]}."""
    return {code: [of.get(colour, 0) for colour in Light] for code, of in counts.items()}


def _counts(entry: Entry, key: str) -> Counts:
    codes = entry.data.get(key)
    if not isinstance(codes, Mapping):
        raise ValueError(f"entry {entry.seq}: {key} is {codes!r}, not an object")
    return {code: _of_code(entry, numbers) for code, numbers in codes.items()}


def _of_code(entry: Entry, numbers: JSON) -> Mapping[Light, int]:
    if not isinstance(numbers, list | tuple) or len(numbers) != len(Light):
        raise ValueError(f"entry {entry.seq}: {numbers!r} are no counts of three lights")
    return {colour: int(str(n)) for colour, n in zip(Light, numbers, strict=True) if n}
