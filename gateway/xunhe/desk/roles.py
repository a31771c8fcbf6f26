"""Who acts at the desk, and how he stands to a ticket.

A person acts in an office: a post that he holds, a department, or a role of the desk. The log names
the office; the person is an id of the erasable table `personal`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from xunhe.domain.ticket import Ticket


class Role(StrEnum):
    """What an office is for."""

    SYSTEM = "xunhe"  # the gateway itself
    OFFICE = "office"  # 河长办
    CHIEF = "chief"  # 河长
    HANDLER = "handler"  # 部门、保洁员、网格员
    INSPECTOR = "inspector"  # 暗访、督查、回头看
    CONTRACTOR = "contractor"  # 第三方
    VOLUNTEER = "volunteer"  # 民间河长、志愿者
    OBSERVER = "observer"  # 监督: reads only
    OPERATOR = "operator"  # 值班员: verifies and hands out
    TECHNICIAN = "technician"  # 运维: buoys and cameras
    ADMINISTRATOR = "administrator"  # keeps the accounts, and acts as the office


class Relation(StrEnum):
    """How an actor stands to a ticket."""

    SYSTEM = "system"
    OFFICE = "office"
    OWNER = "owner"  # the post that the ticket belongs to
    SUPERIOR = "superior"  # a post of the same reach above the owner
    HANDLER = "handler"  # whom it is assigned to
    INSPECTOR = "inspector"
    OPERATOR = "operator"  # whoever is on duty in the office
    MEMBER = "member"  # anybody who may bring something


@dataclass(frozen=True, slots=True)
class Actor:
    """An office, and the id of the person who acts in it (None: the gateway itself)."""

    role: Role
    code: str  # what the log names: VILLAGE-1, a department's code, or the role itself
    person: int | None = None


SYSTEM = Actor(Role.SYSTEM, Role.SYSTEM.value)

_BY_ROLE = {
    Role.SYSTEM: Relation.SYSTEM,
    Role.OFFICE: Relation.OFFICE,
    Role.INSPECTOR: Relation.INSPECTOR,
    Role.OPERATOR: Relation.OPERATOR,
}


def relations(actor: Actor, ticket: Ticket, superiors: Collection[str]) -> frozenset[Relation]:
    """How an actor stands to a ticket; `superiors` are the codes of the posts above its owner."""
    found = set()
    if actor.role in _BY_ROLE:
        found.add(_BY_ROLE[actor.role])
    if actor.code == ticket.post:
        found.add(Relation.OWNER)
    if actor.code in superiors:
        found.add(Relation.SUPERIOR)
    if actor.code == ticket.handler:
        found.add(Relation.HANDLER)
    if actor.role is not Role.OBSERVER:
        found.add(Relation.MEMBER)
    return frozenset(found)
