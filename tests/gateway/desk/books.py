"""A desk's log written by hand: what supervision reads, without a database."""

from collections.abc import Mapping
from datetime import UTC, datetime

from xunhe.desk.log import JSON, Entry, chained, iso
from xunhe.desk.seats import Seats
from xunhe.domain.clock import SHANGHAI
from xunhe.domain.offices import Level
from xunhe.domain.registry import Post


def at(text: str) -> datetime:
    """Such as 2026-03-10 18:00:00, Asia/Shanghai, as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


def seats() -> Seats:
    """One post on each of three levels over the reaches R1 and R2, and their units."""
    posts = (
        Post("DISTRICT", "区级河长", "", Level.DISTRICT, ("R1", "R2"), unit="U-D"),
        Post("TOWN", "镇级河长", "", Level.TOWNSHIP, ("R1", "R2"), unit="U-T"),
        Post("V1", "村级河长一", "", Level.VILLAGE, ("R1",), unit="U-V1"),
        Post("V2", "村级河长二", "", Level.VILLAGE, ("R2",), unit="U-V2"),
    )
    units = {
        "U-D": Level.DISTRICT,
        "U-T": Level.TOWNSHIP,
        "U-V1": Level.VILLAGE,
        "U-V2": Level.VILLAGE,
    }
    return Seats({post.code: post for post in posts}, units)


class Book:
    """Entries in the order in which they are written."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def write(
        self, when: str, kind: str, subject: str, actor: str = "OFFICE", **data: JSON
    ) -> Entry:
        return self.add(at(when), kind, subject, data, actor)

    def add(
        self,
        when: datetime,
        kind: str,
        subject: str,
        data: Mapping[str, JSON],
        actor: str = "xunhe",
    ) -> Entry:
        last = self.entries[-1] if self.entries else None
        self.entries.append(chained(last, when, actor, kind, subject, data))
        return self.entries[-1]

    def open(self, when: str, ticket: int, due: str, **other: JSON) -> Entry:
        data: Mapping[str, JSON] = {
            "reach": "R1",
            "post": "V1",
            "category": "floating.litter",
            "source": "camera",
            "severity": "minor",
            "due_at": iso(at(due)),
            **other,
        }
        return self.write(when, "ticket.opened", f"ticket:{ticket}", **data)

    def move(self, when: str, ticket: int, to: str, **other: JSON) -> Entry:
        return self.write(when, "ticket.moved", f"ticket:{ticket}", to=to, **other)

    def task(self, when: str, code: str, **other: JSON) -> Entry:
        data: Mapping[str, JSON] = {
            "list": "measures",
            "year": 2026,
            "title": "清淤",
            "river": "云溪",
            "unit": "U-T",
            "post": "TOWN",
            "measure": "km",
            "targets": [1.0, 2.0, 3.0, 4.0],
            "due_at": iso(at("2026-12-31 18:00:00")),
            **other,
        }
        return self.write(when, "task.set", f"task:{code}", **data)
