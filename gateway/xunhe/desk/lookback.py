"""Look-back (回头看): every quarter a sample of what was closed is inspected again.

The sample is drawn by rank: the SHA-256 of "seed:quarter:ticket", smallest first. Anybody with a
checksum program can draw it again, and a ticket's rank depends on no other ticket. Kinds:

    lookback.drawn      subject quarter:2026Q3, {seed, tickets, of}
    lookback.inspected  subject ticket:ID, {quarter, holds, note}; where it does not hold, the
                        ticket is reopened and counts as 顽疾
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from xunhe.desk import fields
from xunhe.desk.log import Entry
from xunhe.desk.periods import Period, parse
from xunhe.desk.refused import RefusedError

KINDS = ("lookback.drawn", "lookback.inspected")


class LookBackError(RefusedError):
    """A draw or an inspection that cannot be."""


@dataclass(frozen=True, slots=True)
class LookBack:
    """A quarter's sample. `failed` are the tickets that had to be reopened."""

    quarter: Period
    tickets: tuple[int, ...]
    drawn_from: int
    held: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()

    @property
    def waiting(self) -> tuple[int, ...]:
        """Tickets that nobody has inspected yet."""
        done = {*self.held, *self.failed}
        return tuple(ticket for ticket in self.tickets if ticket not in done)

    def sentence_zh(self) -> str:
        """As the yearly report says it."""
        return (
            f"{self.quarter.label_zh}对{len(self.tickets)}个问题“回头看”，"
            f"{len(self.held)}个已整改到位，{len(self.failed)}个重开，{len(self.waiting)}个待查"
        )


def sample(closed: Iterable[int], quarter: Period, seed: int, size: int) -> tuple[int, ...]:
    """`size` tickets (or all, where there are fewer), in the order of their rank."""
    ranked = sorted(set(closed), key=lambda ticket: _rank(seed, quarter, ticket))
    return tuple(ranked[:size])


def size(closed: int, share: float, least: int) -> int:
    """How many to draw: a share, rounded up to a whole ticket, and `least` where there are."""
    wanted = max(-(-closed * round(share * 1000) // 1000), least)
    return min(wanted, closed)


def check_inspection(found: LookBack, ticket: int, actor: str, handler: str | None) -> None:
    """LookBackError where this actor may not inspect this ticket for this sample now."""
    if ticket not in found.tickets:
        raise LookBackError(
            f"工单 {ticket} 不在{found.quarter.label_zh}的样本中"
            f" / ticket {ticket} is not in the sample of {found.quarter.label}"
        )
    if ticket not in found.waiting:
        raise LookBackError(f"工单 {ticket} 已回头看 / ticket {ticket} has been inspected already")
    if actor == handler:
        raise LookBackError("处理人不得自查 / who handled it cannot inspect it")


def folded(entries: Iterable[Entry]) -> dict[str, LookBack]:
    """The samples by their quarter's label after these entries."""
    samples: dict[str, LookBack] = {}
    for entry in entries:
        if entry.kind == "lookback.drawn":
            label = entry.subject.removeprefix("quarter:")
            tickets = tuple(int(ticket) for ticket in fields.numbers(entry, "tickets"))
            samples[label] = LookBack(parse(label), tickets, int(fields.number(entry, "of")))
        else:
            label = fields.text(entry, "quarter")
            samples[label] = _inspected(samples[label], entry)
    return samples


def _inspected(found: LookBack, entry: Entry) -> LookBack:
    ticket = int(entry.subject.removeprefix("ticket:"))
    if fields.flag(entry, "holds"):
        return replace(found, held=(*found.held, ticket))
    return replace(found, failed=(*found.failed, ticket))


def _rank(seed: int, quarter: Period, ticket: int) -> str:
    return hashlib.sha256(f"{seed}:{quarter.label}:{ticket}".encode()).hexdigest()
