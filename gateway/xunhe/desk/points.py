"""Points (绿水币): who earns how many, and the ledger that they move through.

Double entry: a transfer's postings add up to nothing, so that all accounts together always hold
zero. Points come from `ISSUED`, the only account that may fall below zero; they leave through
`exchange:PARTNER`, and `settled:PARTNER` once they were exported. An account's name is made of a
hash: whoever reads the ledger cannot spend from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from xunhe.desk.citizens import code_hash
from xunhe.domain.clock import SHANGHAI

ISSUED = "issued"


class Act(StrEnum):
    """What moves points."""

    REPORT = "report"  # a report that a person found true
    PATROL = "patrol"  # a volunteer's patrol
    EXCHANGE = "exchange"
    EXPORT = "export"


class Why(StrEnum):
    """Why somebody earned as many as he did."""

    FULL = "full"
    ACT_CAP = "act_cap"  # as many as this act may bring a day
    DAY_CAP = "day_cap"
    MONTH_CAP = "month_cap"
    TOO_LITTLE = "too_little"  # a patrol too short to count


@dataclass(frozen=True, slots=True)
class ActRule:
    """What an act brings. A patrol counts from its least length and duration on.

    `step_m` further metres bring one more; 0: none do. `per_day` 0: no cap of its own.
    """

    points: int
    per_day: int = 0
    least_minutes: float = 0.0
    least_m: float = 0.0
    step_m: float = 0.0


@dataclass(frozen=True, slots=True)
class PointRules:
    """The rules file. An exchange is a multiple of `exchange_unit`."""

    per_day: int
    per_month: int
    exchange_unit: int
    acts: Mapping[Act, ActRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earned:
    """What an account has earned before: by this act today, today, this month."""

    act_today: int = 0
    today: int = 0
    month: int = 0


@dataclass(frozen=True, slots=True)
class Award:
    """Points, and why so many."""

    points: int
    why: Why


def award(
    rules: PointRules, act: Act, before: Earned, minutes: float = 0.0, length_m: float = 0.0
) -> Award:
    """What an act brings on top of what was earned before. ValueError where no rule names it."""
    rule = rules.acts.get(act)
    if rule is None:
        raise ValueError(f"the rules of points do not name {act.value}")
    if minutes < rule.least_minutes or length_m < rule.least_m:
        return Award(0, Why.TOO_LITTLE)
    further = int((length_m - rule.least_m) // rule.step_m) if rule.step_m else 0
    wanted = rule.points + further
    room = [
        (rule.per_day - before.act_today if rule.per_day else wanted, Why.ACT_CAP),
        (rules.per_day - before.today, Why.DAY_CAP),
        (rules.per_month - before.month, Why.MONTH_CAP),
    ]
    least, cap = min(room, key=lambda left: left[0])
    return Award(wanted, Why.FULL) if wanted <= least else Award(max(least, 0), cap)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Points that move, once for each `key`. What a cap left nothing of has no postings."""

    key: str
    at: datetime
    act: Act
    postings: Mapping[str, int]

    def __post_init__(self) -> None:
        if sum(self.postings.values()):
            raise ValueError(f"transfer {self.key}: its postings add up to something")
        if 0 in self.postings.values():
            raise ValueError(f"transfer {self.key}: a posting of nothing")


def moved(key: str, at: datetime, act: Act, points: int, giver: str, taker: str) -> Transfer:
    """A transfer of points from one account to another. ValueError for less than none."""
    if points < 0:
        raise ValueError(f"transfer {key}: {points} points cannot move")
    return Transfer(key, at, act, {giver: -points, taker: points} if points else {})


def exchanged(
    key: str, at: datetime, points: int, account: str, partner: str, rules: PointRules
) -> Transfer:
    """An exchange with a partner. ValueError where it is no multiple of the unit."""
    if points <= 0 or points % rules.exchange_unit:
        raise ValueError(
            f"兑换须为 {rules.exchange_unit} 的整数倍"
            f" / an exchange is a multiple of {rules.exchange_unit}, not {points}"
        )
    return moved(key, at, Act.EXCHANGE, points, account, exchange(partner))


def volunteer(code: str) -> str:
    """The account of whoever holds this code."""
    return f"volunteer:{code_hash(code)[:20]}"


def exchange(partner: str) -> str:
    """Points given to a partner and not exported yet."""
    return f"exchange:{partner}"


def settled(partner: str) -> str:
    """Points that were exported to a partner."""
    return f"settled:{partner}"


def day_start(at: datetime) -> datetime:
    """00:00 of the day, Asia/Shanghai, as UTC."""
    return (
        at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    )
