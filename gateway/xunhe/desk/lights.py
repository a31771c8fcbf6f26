"""Three lights (三色): how a task or a problem stands against its plan and its deadline.

Everything that decides a light lives here; the numbers of the rows are those of the specification.

    绿 green   (44) done, or on schedule
    黄 yellow  (45) before its deadline, and behind its plan by more than the tolerance, or its
                    handler says that it cannot be made
    红 red     (46) at or after its deadline, and not done

The open question of row 46 is settled so: what is done late is red in the circular of every month
in which it was late, and green from then on (`was_red`). While a clock stands (挂起) no deadline
runs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_ROUNDING = 1e-9  # fractions such as 0.8 - 0.1 must meet their threshold exactly


class Light(StrEnum):
    """The colour; the value is what the log says."""

    GREEN = "green"  # 绿
    YELLOW = "yellow"  # 黄
    RED = "red"  # 红


class Why(StrEnum):
    """Why a light has its colour."""

    DONE = "done"  # 已完成
    ON_SCHEDULE = "on_schedule"  # 按序时进度
    CLOCK_STANDS = "clock_stands"  # 挂起
    BEHIND_PLAN = "behind_plan"  # 滞后于序时进度
    CANNOT_BE_MADE = "cannot_be_made"  # 责任人报告难以按时完成
    PAST_DUE = "past_due"  # 逾期未完成


@dataclass(frozen=True, slots=True)
class Standing:
    """How something stands at an instant. `progress` and `planned` are fractions of the whole.

    `due_at` is None while its clock stands.
    """

    due_at: datetime | None
    is_done: bool
    progress: float
    planned: float
    cannot_be_made: bool = False


def light(standing: Standing, at: datetime, tolerance: float) -> tuple[Light, Why]:
    """The light at an instant, and why. `tolerance` is a fraction of the whole."""
    if standing.is_done:
        return Light.GREEN, Why.DONE
    if standing.due_at is None:
        return Light.GREEN, Why.CLOCK_STANDS
    if at >= standing.due_at:
        return Light.RED, Why.PAST_DUE
    if standing.cannot_be_made:
        return Light.YELLOW, Why.CANNOT_BE_MADE
    if standing.planned - standing.progress > tolerance + _ROUNDING:
        return Light.YELLOW, Why.BEHIND_PLAN
    return Light.GREEN, Why.ON_SCHEDULE


@dataclass(frozen=True, slots=True)
class Spell:
    """From `since` until the next spell this deadline ran; None while none did (done, 挂起)."""

    since: datetime
    due_at: datetime | None


def was_red(spells: Sequence[Spell], start: datetime, end: datetime) -> bool:
    """Was there an instant in [start, end) at which the deadline of the spell had passed?"""
    ends = (*(later.since for later in spells[1:]), end)
    return any(
        spell.due_at is not None and max(spell.since, spell.due_at, start) < min(until, end)
        for spell, until in zip(spells, ends, strict=False)  # without a spell, one end too many
    )
