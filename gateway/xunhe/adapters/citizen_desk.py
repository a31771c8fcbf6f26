"""What becomes of a citizen's report: a ticket, or one more report of an open one; its answer.

A report's words and telephone are personal data; the log has their salted hash. Its photographs
lose EXIF data, places included, before they are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random, SystemRandom

import sqlalchemy as sa

from xunhe.adapters import points_rules
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.photo_shelf import Bringing, PhotoShelf, name_photos
from xunhe.adapters.store import citizens, desk_log, personal, points, tickets
from xunhe.adapters.store.citizens import ReportRow
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.evidence import Role
from xunhe.adapters.store.personal import Kept
from xunhe.adapters.store.tickets import Opening
from xunhe.adapters.supervision import returns
from xunhe.desk.citizens import (
    OpenProblem,
    Report,
    Stage,
    code_hash,
    is_verified,
    reaches_near,
    same_problem,
    stage,
    tracking_code,
    verify_by,
)
from xunhe.desk.machine import Action, Move
from xunhe.desk.points import ISSUED, Act, PointRules, award, moved, volunteer
from xunhe.desk.roles import SYSTEM
from xunhe.desk.routing import owner
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source, State, Ticket
from xunhe.settings import CitizenSettings


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender gets: the code that only he has. `photos_lost` found no room on the disk."""

    code: str
    joined: bool
    photos_lost: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk answered, and when."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """How a report stands, as its code shows it."""

    received_at: datetime
    verify_by: datetime
    category: str
    stage: Stage
    joined: bool
    answers: tuple[Answer, ...]
    points: int | None  # None: nobody has named an account
    may_rate: bool
    is_rated: bool


@dataclass(frozen=True, slots=True)
class CitizenDesk:
    """Reports of citizens. `shelf` None: photographs are not kept. `random`: of the codes."""

    desk: Desk
    settings: CitizenSettings
    rules: PointRules
    shelf: PhotoShelf | None
    random: Random

    def receive(
        self, database: Database, report: Report, photos: Sequence[bytes], at: datetime
    ) -> Receipt:
        """Keep a report; its code once it is committed.

        Photographs that find no room are counted in the receipt: the words are never lost for them.
        Raises UnfitReportError, UnknownCategoryError or PhotoError.
        """
        reaches = reaches_near(report.lon_lat, self.desk.registry.reaches, self.settings.reach_m)
        kept = [] if self.shelf is None else self.shelf.put(photos, Role.REPORT, at)
        code = tracking_code(self.random)
        with database.write() as connection:
            problems = citizens.open_problems(connection, self.desk.registry, set(reaches))
            problem = same_problem(report, problems, self.settings.join_m)
            words = {"text": report.text.strip(), "phone": report.phone}
            said = personal.keep(connection, "citizen_report", words, at)
            ticket = self._ticket(connection, report, reaches[0], problem, code, at)
            self._add(connection, report, ticket, said, code, problem is not None, at)
            name_photos(connection, Bringing(kept, Role.REPORT, at, at), ticket.id)
        lost = sum(photo.absent is not None for photo in kept)
        return Receipt(code, problem is not None, lost)

    def track(self, connection: sa.Connection, code: str) -> Tracking | None:
        """How the report of a code stands; None for a code that is none."""
        row = citizens.by_code(connection, code_hash(code))
        if row is None:
            return None
        ticket = self._present(connection, row)
        answers = tuple(_answers(connection, ticket.id, row.received_at))
        return Tracking(
            row.received_at,
            verify_by(row.received_at, self.settings.verify_hours),
            row.category,
            stage(ticket.state),
            row.joined,
            answers,
            None if row.account is None else points.balance(connection, row.account),
            may_rate=bool(answers) and not row.rated,
            is_rated=row.rated,
        )

    def name_account(
        self, connection: sa.Connection, code: str, account_code: str, at: datetime
    ) -> bool:
        """Say who gets the points of a report, once; False where the code is none."""
        row = citizens.by_code(connection, code_hash(code))
        if row is None:
            return False
        if row.account is None:
            citizens.set_account(connection, row.id, volunteer(account_code))
            self.reward(connection, at)
        return True

    def rate(self, connection: sa.Connection, code: str, rating: int, at: datetime) -> bool:
        """Keep how content a sender is, 1 to 5; False for no code, no answer or a second time."""
        row = citizens.by_code(connection, code_hash(code))
        if row is None or row.rated:
            return False
        ticket = self._present(connection, row)
        if not _answers(connection, ticket.id, row.received_at):
            return False
        citizens.set_rated(connection, row.id)
        returns.rate(connection, ticket.id, rating, SYSTEM.code, at)
        return True

    def reward_waiting(self, database: Database, at: datetime) -> None:
        """As `reward`, and no write where nothing waits: for a loop that asks often."""
        with database.read() as connection:
            waiting = citizens.unrewarded(connection)
            if not any(is_verified(self._present(connection, row).state) for row in waiting):
                return
        with database.write() as connection:
            self.reward(connection, at)

    def reward(self, connection: sa.Connection, at: datetime) -> int:
        """Give the points of verified reports that have an account; how many reports that were."""
        given = 0
        for row in citizens.unrewarded(connection):
            if row.account is None or not is_verified(self._present(connection, row).state):
                continue
            before = points.earned(connection, row.account, Act.REPORT, at)
            earned = award(self.rules, Act.REPORT, before)
            key = citizens.reward_key(row)
            transfer = moved(key, at, Act.REPORT, earned.points, ISSUED, row.account)
            given += points.post(connection, transfer, SYSTEM.code)
        return given

    def _ticket(
        self,
        connection: sa.Connection,
        report: Report,
        reach: str,
        problem: OpenProblem | None,
        code: str,
        at: datetime,
    ) -> Ticket:
        if problem is not None:
            reason = "群众再次举报同一问题 / another citizen's report of the same problem"
            move = Move(Action.REPORT, SYSTEM, at, reason)
            return self.desk.act(connection, problem.ticket_id, move)
        opening = Opening(
            key=f"report:{code_hash(code)}",
            source=Source.CITIZEN,
            category=report.category,
            severity=Severity.MAJOR,
            reach=reach,
            post=owner(self.desk.registry, reach),
            at=at,
            deadline=self.desk.deadline(report.category, at),
            reason="群众举报，待核实 / a citizen's report, to be verified",
            lon_lat=report.lon_lat,
            owes_feedback=True,
        )
        return tickets.open_ticket(connection, opening)

    def _add(
        self,
        connection: sa.Connection,
        report: Report,
        ticket: Ticket,
        said: Kept,
        code: str,
        joined: bool,
        at: datetime,
    ) -> None:
        row = {
            "code_hash": code_hash(code),
            "received_at": at,
            "category": report.category,
            "lon": report.lon_lat[0],
            "lat": report.lon_lat[1],
            "reach": ticket.reach,
            "personal_id": said.id,
            "ticket_id": ticket.id,
            "joined": joined,
            "account": volunteer(report.account) if report.account else None,
        }
        told = {"report": citizens.add(connection, row), "joined": joined, **said.told()}
        subject = f"ticket:{ticket.id}"
        desk_log.append(connection, at, SYSTEM.code, "citizen.received", subject, told)

    def _present(self, connection: sa.Connection, row: ReportRow) -> Ticket:
        """The ticket that a report belongs to now: merged ones lead on."""
        ticket = self.desk.find(connection, row.ticket_id)
        while ticket.state is State.MERGED and ticket.merged_into is not None:
            ticket = self.desk.find(connection, ticket.merged_into)
        return ticket


def open_citizen_desk(
    desk: Desk, settings: CitizenSettings, shelf: PhotoShelf | None
) -> CitizenDesk:
    """The desk with its file of rules, and codes that nobody can guess. PointRulesError."""
    rules = points_rules.load(settings.points_rules)
    return CitizenDesk(desk, settings, rules, shelf, SystemRandom())


def _answers(connection: sa.Connection, ticket_id: int, since: datetime) -> list[Answer]:
    entries = desk_log.entries(connection, kinds=["ticket.noted"], subject=f"ticket:{ticket_id}")
    return [
        Answer(entry.at, str(entry.data["reason"]))
        for entry in entries
        if entry.data.get("action") == Action.FEEDBACK.value and entry.at >= since
    ]
