"""Adopted reaches (认领河段): what is signed goes into the log, who signed it stands apart."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import desk_log, personal
from xunhe.desk.adoption import (
    ENDED,
    KINDS,
    PLEDGE,
    SIGNED,
    Adoption,
    AdoptionError,
    Standing,
    folded,
)
from xunhe.desk.log import Entry
from xunhe.desk.roles import Actor, Role


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to adopt which reach, from when until when."""

    name: str
    phone: str
    reach: str
    since: datetime
    until: datetime


def adoptions(connection: sa.Connection) -> dict[int, Adoption]:
    """All adoptions by id."""
    return folded(desk_log.entries(connection, kinds=KINDS))


def running(connection: sa.Connection, at: datetime) -> Counter[str]:
    """How many adoptions run, by reach."""
    known = adoptions(connection).values()
    return Counter(one.reach for one in known if one.standing(at) is Standing.RUNNING)


def sign(connection: sa.Connection, wish: Wish, actor: Actor, at: datetime) -> Entry:
    """Sign the pledge. AdoptionError for a time that is over, or a reach that he holds already.

    A volunteer signs for himself; the office enters what somebody signed on paper.
    """
    by = actor.person if actor.role is Role.VOLUNTEER else None
    draft = Adoption(0, wish.reach, wish.since, wish.until, PLEDGE, at, by)
    if draft.until <= at:
        raise AdoptionError("认领期已过 / the time of this adoption is over already")
    own = [one for one in adoptions(connection).values() if by is not None and one.by == by]
    if any(draft.overlaps(one) for one in own):
        raise AdoptionError("您在此期间已认领该河段 / you hold this reach at that time already")
    kept = personal.keep(connection, "adopter", {"name": wish.name, "phone": wish.phone}, at)
    told = {**replace(draft, id=kept.id).data(), **kept.told()}
    return desk_log.append(connection, at, actor.code, SIGNED, f"adoption:{kept.id}", told)


def end(
    connection: sa.Connection, adoption_id: int, reason: str, actor: Actor, at: datetime
) -> Entry:
    """End it before its time: the office, or who signed it. AdoptionError for anybody else."""
    found = adoptions(connection).get(adoption_id)
    is_own = found is not None and found.by is not None and found.by == actor.person
    if found is None or (actor.role is Role.VOLUNTEER and not is_own):
        raise AdoptionError(f"没有认领 {adoption_id} / there is no adoption {adoption_id}")
    found.check_ending(at)
    subject = f"adoption:{adoption_id}"
    return desk_log.append(connection, at, actor.code, ENDED, subject, {"reason": reason})
