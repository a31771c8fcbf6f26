"""The office that issues papers: joins a ticket's case, its paper and its number in one write."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from xunhe.adapters.documents.cases import NoTicketError, case_of
from xunhe.adapters.documents.package import Package, contents_of, write_package
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import desk_log, documents, handovers, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.documents import KeptPaper, Office
from xunhe.desk.documents import ticket_papers
from xunhe.desk.documents.model import Issued, Kind, Paper
from xunhe.desk.documents.sign_board import Chief, sign_board_paper
from xunhe.desk.log import JSON
from xunhe.desk.routing import superiors
from xunhe.domain.registry import Registry
from xunhe.domain.ticket import Ticket
from xunhe.settings import DocumentSettings


class NoRecipientError(ValueError):
    """A ticket that nobody has handed over has no letter."""


class NoEvidenceError(ValueError):
    """There is no store of evidence to make a package from."""


@dataclass(frozen=True, slots=True)
class PaperOffice:
    """Issues papers. `evidence` None: packages hold no originals, so none are made."""

    registry: Registry
    settings: DocumentSettings
    evidence: EvidenceStore | None

    @property
    def office(self) -> Office:
        """Who issues."""
        return Office(self.settings.office, self.settings.office_short)

    def issue(self, connection: sa.Connection, paper: Paper, actor: str, at: datetime) -> KeptPaper:
        """Number and keep a paper; raises what `documents.issue` does."""
        return documents.issue(connection, paper, self.office, actor, at)

    def assign(
        self, connection: sa.Connection, ticket_id: int, demand: str, actor: str, at: datetime
    ) -> KeptPaper:
        """交办单 of a ticket. NoTicketError."""
        case = case_of(connection, self.registry, ticket_id)
        return self.issue(connection, ticket_papers.assignment(case, demand), actor, at)

    def urge(
        self, connection: sa.Connection, ticket_id: int, why: str, actor: str, at: datetime
    ) -> KeptPaper:
        """督办函 of a ticket, with copies to the posts above its owner. NoTicketError."""
        case = case_of(connection, self.registry, ticket_id)
        earlier = documents.newest(connection, Kind.ASSIGNMENT, case.subject, limit=1)
        before = next((kept.issued.number for kept in earlier), "")
        paper = ticket_papers.urging(case, at, why, before, self._above(connection, ticket_id))
        return self.issue(connection, paper, actor, at)

    def pack(self, database: Database, ticket_id: int, actor: str, at: datetime) -> Package:
        """The evidence package of a ticket, told in the log. NoTicketError, NoEvidenceError."""
        if self.evidence is None:
            raise NoEvidenceError("本控制台不保存证据 / this console keeps no evidence")
        with database.read() as connection:
            contents = contents_of(connection, self._ticket(connection, ticket_id), at)
        package = write_package(contents, self.evidence, self.settings.packages, at)
        told: dict[str, JSON] = {
            "manifest": package.digest,
            "files": package.files,
            "absent": package.absent,
        }
        with database.write() as connection:
            subject = f"ticket:{ticket_id}"
            desk_log.append(connection, at, actor, "package.made", subject, told)
        return package

    def refer(
        self, database: Database, ticket_id: int, actor: str, at: datetime
    ) -> tuple[Package, KeptPaper]:
        """Package and 移送函 of a ticket in 移送: as `pack`, and NoRecipientError."""
        with database.read() as connection:
            ticket = self._ticket(connection, ticket_id)
        if ticket.recipient is None:
            raise NoRecipientError(
                f"工单 {ticket.number} 未移送：请先移送并写明接收单位"
                f" / ticket {ticket.number} is not handed over: hand it over first"
            )
        package = self.pack(database, ticket_id, actor, at)
        with database.write() as connection:
            case = case_of(connection, self.registry, ticket_id)
            paper = ticket_papers.referral(case, ticket.recipient, package.digest, at)
            return package, self.issue(connection, paper, actor, at)

    def sign_board(self, connection: sa.Connection, code: str, at: datetime) -> Issued:
        """A board as it has to look today; it names people, so that no row keeps it. KeyError."""
        board = self.registry.boards[code]
        reach = self.registry.reaches[board.reach]
        holder = handovers.duty(connection, self.registry).holder
        chiefs = [
            Chief(post.level.label_zh, post.title, self._name(holder, post.code, at))
            for post in reversed(self.registry.posts_of(board.reach))
        ]
        hotline = board.hotline or self.settings.hotline or "12345"
        public_url = self.settings.public_url
        paper = sign_board_paper(board, reach, tuple(chiefs), hotline, public_url, at)
        return Issued("", self.settings.office, at, paper)

    def _ticket(self, connection: sa.Connection, ticket_id: int) -> Ticket:
        found = tickets.find(connection, ticket_id)
        if found is None:
            raise NoTicketError(f"no ticket {ticket_id}")
        return found

    def _above(self, connection: sa.Connection, ticket_id: int) -> tuple[str, ...]:
        """Titles of the posts above the owner."""
        ticket = self._ticket(connection, ticket_id)
        codes = superiors(self.registry, ticket.reach, ticket.post)
        return tuple(self.registry.posts[code].title for code in sorted(codes))

    def _name(self, holder: Callable[[str, datetime], str | None], post: str, at: datetime) -> str:
        person = holder(post, at)
        known = None if person is None else self.registry.persons.get(person)
        return "" if known is None else known.name
