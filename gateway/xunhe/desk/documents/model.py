"""A paper of the desk (公文) as a value: its kind, its addressee, and blocks in order.

A paper is decided here once and drawn three times, as .docx, PDF and a page to print. What is
issued names posts and units, never persons: who signs, signs by hand. Only a sign board names them,
and no row keeps it. The words are Chinese, as such papers are.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import TypeAdapter

from xunhe.domain.clock import SHANGHAI


class Kind(StrEnum):
    """Which paper; each kind is numbered by itself, but for sign boards, which have no number."""

    ASSIGNMENT = "assignment"  # 交办单
    URGING = "urging"  # 督办函
    CIRCULAR = "circular"  # 通报
    MONTHLY = "monthly"  # 月报
    HANDOVER = "handover"  # 离任交接清单
    REFERRAL = "referral"  # 移送函
    SIGN_BOARD = "sign_board"  # 河长公示牌

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return _LABELS_ZH[self]

    @property
    def sign(self) -> str:
        """Its letter in a number (发文代字): 交 in 河长办交〔2026〕1号. KeyError for a board."""
        return _SIGNS[self]


_LABELS_ZH = {
    Kind.ASSIGNMENT: "交办单",
    Kind.URGING: "督办函",
    Kind.CIRCULAR: "通报",
    Kind.MONTHLY: "月报",
    Kind.HANDOVER: "离任交接清单",
    Kind.REFERRAL: "移送函",
    Kind.SIGN_BOARD: "河长公示牌",
}
_SIGNS = {
    Kind.ASSIGNMENT: "交",
    Kind.URGING: "督",
    Kind.CIRCULAR: "通",
    Kind.MONTHLY: "报",
    Kind.HANDOVER: "接",
    Kind.REFERRAL: "移",
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a part."""

    text: str
    block: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    block: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of facts; `at` is when it was so, None for what has no instant (a deadline)."""

    label: str
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts in two columns."""

    rows: tuple[Fact, ...]
    block: Literal["facts"] = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `widths` are shares of the line, as many as columns, empty for equal ones."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    block: Literal["table"] = "table"

    def __post_init__(self) -> None:
        for row in (*self.rows, *([self.widths] if self.widths else [])):
            if len(row) != len(self.header):
                raise ValueError(f"table {self.title!r}: {row} has not {len(self.header)} columns")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the evidence, by the SHA-256 of its file."""

    sha256: str
    caption: str
    at: datetime
    block: Literal["picture"] = "picture"


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip to fill in and send back (回执): a label and an empty field each."""

    title: str
    fields: tuple[str, ...]
    block: Literal["slip"] = "slip"


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on, with a date each."""

    roles: tuple[str, ...]
    block: Literal["signatures"] = "signatures"


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code that leads to `link`."""

    link: str
    caption: str
    block: Literal["code"] = "code"


Block = Heading | Text | Facts | Table | Picture | Slip | Signatures | Code


@dataclass(frozen=True, slots=True)
class Paper:
    """What a paper says, before it has a number. `subject` such as `ticket:12`."""

    kind: Kind
    title: str
    addressee: str
    subject: str
    blocks: tuple[Block, ...]
    copies_to: tuple[str, ...] = ()

    def halves(self) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
        """What stands before the office's name and date, and what is filled in by hand after it."""
        by_hand = [isinstance(block, Slip | Signatures) for block in self.blocks]
        cut = by_hand.index(True) if any(by_hand) else len(self.blocks)
        return self.blocks[:cut], self.blocks[cut:]

    def facts(self) -> list[Fact]:
        """Everything in it that has an instant, pictures too."""
        rows = [row for block in self.blocks if isinstance(block, Facts) for row in block.rows]
        shown = [block for block in self.blocks if isinstance(block, Picture)]
        dated = [row for row in rows if row.at is not None]
        return dated + [Fact("图片", picture.caption, picture.at) for picture in shown]


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper with its number and date, as the office gave it out: it never changes again."""

    number: str
    office: str
    issued_at: datetime
    paper: Paper

    @property
    def issued_on(self) -> date:
        """Its date, in Asia/Shanghai."""
        return self.issued_at.astimezone(SHANGHAI).date()


ISSUED_JSON = TypeAdapter(Issued)


class DatedBeforeFactsError(ValueError):
    """A paper would carry a date earlier than what it tells of."""

    def __init__(self, paper: Paper, issued_at: datetime, late: list[Fact]) -> None:
        self.late = late
        facts = "; ".join(f"{fact.label} {day_zh(fact.at)}" for fact in late if fact.at)
        super().__init__(
            f"{paper.kind.label_zh} of {paper.subject} would be dated {day_zh(issued_at)},"
            f" before its own facts: {facts}. Check the gateway's clock."
        )


def check_dates(paper: Paper, issued_at: datetime) -> None:
    """Raises DatedBeforeFactsError where a fact lies on a later day, in Asia/Shanghai."""
    day = issued_at.astimezone(SHANGHAI).date()
    late = [f for f in paper.facts() if f.at and f.at.astimezone(SHANGHAI).date() > day]
    if late:
        raise DatedBeforeFactsError(paper, issued_at, late)


def day_zh(at: datetime) -> str:
    """2026年7月1日, in Asia/Shanghai."""
    local = at.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"


def minute_zh(at: datetime) -> str:
    """2026年7月1日 03:20, in Asia/Shanghai."""
    return f"{day_zh(at)} {at.astimezone(SHANGHAI):%H:%M}"
