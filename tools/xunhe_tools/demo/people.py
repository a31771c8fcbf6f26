"""Who can log in to a demo: one account for each kind of work, all with the run's own password."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import accounts, members
from xunhe.desk.roles import Role


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the demo. `page`: where its work is; `person`: of the demo's registry."""

    name: str
    work: str
    page: str
    role: Role | None = None
    person: str | None = None
    code: str | None = None


ACCOUNTS = (
    Account("village", "村级河长（云溪上段）chief", "phone", person="P5"),
    Account("town", "镇级河长（上镇）chief", "phone", person="P3"),
    Account("water", "水利局承办 handler", "phone", Role.HANDLER, code="D-WATER"),
    Account("operator", "值班员 operator", "", Role.OPERATOR),
    Account("technician", "运维 technician", "stations", Role.TECHNICIAN),
    Account("office", "河长办、管理员 office", "desk/board", Role.ADMINISTRATOR),
)


def seat_all(connection: sa.Connection, password: str, now: datetime, river_now: datetime) -> None:
    """Make the accounts: sessions live in the machine's time, the desk in the river's."""
    rest = accounts.hashed(password)
    for each in ACCOUNTS:
        accounts.add_user(connection, each.name, rest, now)
        members.add(
            connection, each.name, river_now, person=each.person, role=each.role, code=each.code
        )
