"""Steps of tickets: who may act, what the desk adds, one transaction for all that changes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.store import tickets
from xunhe.adapters.store.members import Member
from xunhe.adapters.store.schema import ticket_incident
from xunhe.adapters.store.tickets import Opening, StaleTicketError
from xunhe.desk import deadline
from xunhe.desk.machine import Action, ForbiddenTransitionError, Move, Refusal, check, offered
from xunhe.desk.roles import SYSTEM, Actor, Relation, Role, relations
from xunhe.desk.routing import superiors
from xunhe.desk.rules import DeskRules
from xunhe.desk.steps import step
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Deadline, Ticket


class UnknownTicketError(KeyError):
    """There is no ticket of this id."""


class UnknownHandlerError(ValueError):
    """Neither a post nor a department has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"handler {code!r} is neither a post nor a department of the registry")


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk of one registry. Every method works in the caller's writing transaction."""

    registry: Registry
    rules: DeskRules

    def act(
        self,
        connection: sa.Connection,
        ticket_id: int,
        move: Move,
        *,
        revision: int | None = None,
        offices: Sequence[Actor] = (),
    ) -> Ticket:
        """Take a step in the first of the offices (else in the move's own) that may take it.

        `revision`: the one that the actor looked at. Raises UnknownTicketError, StaleTicketError,
        UnknownHandlerError, or ForbiddenTransitionError with the last office's refusal.
        """
        before = self.find(connection, ticket_id)
        if revision is not None and before.revision != revision:
            raise StaleTicketError(before, revision, before.revision)
        move = self._prepared(connection, before, move)
        move = self._in_office(before, move, offices or (move.actor,))
        stands = self._stands(before, move.actor)
        after = step(before, move, stands, self.rules.calendar)
        tickets.record(connection, before, after, move)
        if move.action is Action.MERGE:
            self._hand_over(connection, before, after, move)
        return after

    def find(self, connection: sa.Connection, ticket_id: int) -> Ticket:
        """One ticket, or UnknownTicketError."""
        found = tickets.find(connection, ticket_id)
        if found is None:
            raise UnknownTicketError(ticket_id)
        return found

    def open_on_site(
        self, connection: sa.Connection, opening: Opening, handler: str | None = None
    ) -> Ticket:
        """A problem that a person found; where a handler is named, accepted and assigned at once.

        现场交办: the finder must be one who may accept and assign.
        """
        is_new = tickets.of_key(connection, opening.key) is None
        opened = tickets.open_ticket(connection, opening)
        if not is_new or handler is None:
            return opened
        for action in (Action.ACCEPT, Action.ASSIGN):
            move = Move(action, opening.actor, opening.at, opening.reason, handler=handler)
            opened = self.act(connection, opened.id, move)
        return opened

    def deadline(self, category: str, at: datetime) -> Deadline:
        """The deadline of a ticket of this category that a person opens."""
        return deadline.opened(category, at, self.rules.terms, self.rules.calendar)

    def offered(self, of: Ticket, offices: Sequence[Actor]) -> list[Action]:
        """What somebody with these offices may try, in the table's order."""
        found = {action for office in offices for action in offered(of, self._stands(of, office))}
        return [action for action in Action if action in found]

    def _stands(self, of: Ticket, actor: Actor) -> frozenset[Relation]:
        return relations(actor, of, superiors(self.registry, of.reach, of.post))

    def _in_office(self, before: Ticket, move: Move, offices: Sequence[Actor]) -> Move:
        refusal = Refusal.NOT_YOURS
        for office in offices:
            tried = replace(move, actor=office, at=max(move.at, before.changed_at))
            found = check(before, tried, self._stands(before, office))
            if found is None:
                return replace(move, actor=office)
            if found is not Refusal.NOT_YOURS:
                refusal = found
        raise ForbiddenTransitionError(refusal, move.action, before.state)

    def _prepared(self, connection: sa.Connection, before: Ticket, move: Move) -> Move:
        """The move with what the desk counts or must look up."""
        if move.action is Action.DONE:
            has_witness = bool(tickets.incidents_of(connection, before.id))
            until = max(move.at, before.changed_at) + self.rules.watch
            return replace(move, until=until if has_witness else None)
        if move.action is Action.REOPEN and move.deadline is None:
            return replace(move, deadline=self.deadline(before.category, move.at))
        if move.action is Action.ASSIGN and move.handler and not self._knows(move.handler):
            raise UnknownHandlerError(move.handler)
        if move.action is Action.MERGE and move.into is not None:
            target = tickets.find(connection, move.into)
            is_fit = target is not None and target.state.is_open
            return move if is_fit else replace(move, into=None)
        return move

    def _knows(self, code: str) -> bool:
        return code in self.registry.posts or code in self.registry.departments

    def _hand_over(
        self, connection: sa.Connection, before: Ticket, merged: Ticket, move: Move
    ) -> None:
        """What the merged ticket owes goes to the other: its incidents, its reports."""
        into = merged.merged_into
        connection.execute(
            ticket_incident.update()
            .where(ticket_incident.c.ticket_id == merged.id)
            .values(ticket_id=into)
        )
        if before.owes_feedback and into is not None:
            reason = f"合并自 {merged.number} / merged from {merged.number}"
            self.act(connection, into, Move(Action.REPORT, SYSTEM, move.at, reason))


def offices_of(member: Member, posts: Sequence[str]) -> list[Actor]:
    """The offices of a member who holds these posts now: his posts first, then his role."""
    held = [Actor(Role.CHIEF, post, member.personal_id) for post in posts]
    in_role = member.in_role()
    return held if in_role is None else [*held, in_role]
