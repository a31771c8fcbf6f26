"""The ticket (工单): its states and the transitions allowed between them.

Everything that decides a transition lives in `TRANSITIONS`. This is the first part of the state
machine of the river-chief system; the duty desk extends the table.
"""

from enum import StrEnum


class State(StrEnum):
    """States of a ticket; the value is what is stored."""

    UNVERIFIED = "unverified"  # 待核实
    ACCEPTED = "accepted"  # 已受理（挂单）
    FALSE_ALARM = "false_alarm"  # 误报

    @property
    def label_zh(self) -> str:
        """The desk's word."""
        return _LABELS_ZH[self]


_LABELS_ZH = {
    State.UNVERIFIED: "待核实",
    State.ACCEPTED: "已受理（挂单）",
    State.FALSE_ALARM: "误报",
}

TRANSITIONS: dict[State, frozenset[State]] = {
    State.UNVERIFIED: frozenset({State.ACCEPTED, State.FALSE_ALARM}),
    State.ACCEPTED: frozenset({State.FALSE_ALARM}),
    State.FALSE_ALARM: frozenset(),
}


class ForbiddenTransitionError(ValueError):
    """A ticket cannot go from this state to that one."""

    def __init__(self, before: State, after: State) -> None:
        super().__init__(f"a ticket that is {before.value} cannot become {after.value}")


def check_transition(before: State, after: State) -> None:
    """Raises ForbiddenTransitionError where `TRANSITIONS` does not name the step."""
    if after not in TRANSITIONS[before]:
        raise ForbiddenTransitionError(before, after)
