"""What leaves the gateway: messages, where they go, and what came of sending them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """Something that was raised and goes out once to each destination that wants it.

    `key` is unique in a destination and travels with the message where its form has room, so that a
    receiver can tell a repetition. Messages of one `lane` keep their order. `at` is the river's
    time: when it happened, not when it was sent.
    """

    key: str
    kind: str  # ticket, supervision, desk-head, alert, incident, readings …
    at: datetime
    body: Mapping[str, Any]
    lane: str = ""


class Sent(StrEnum):
    """What came of sending a message."""

    DONE = "done"  # the receiver has it, and said so
    LATER = "later"  # the link's trouble: nothing is wrong with the message
    FAILED = "failed"  # the message's trouble, that may pass: tried again a few times
    REFUSED = "refused"  # the message's trouble, that will not pass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one message; `detail` is for people and holds no secret."""

    sent: Sent
    detail: str = ""


DONE = Outcome(Sent.DONE)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a destination wants to be spoken to.

    `batch`: messages in one call. `most` of them in `every`: 0 for no limit; where a call `is_one`
    text to the receiver, `most` calls. `live_for`: messages younger than that go before older ones;
    None keeps the order of raising. `tries` of a message that fails before it is put aside.
    """

    batch: int = 50
    most: int = 0
    every: timedelta = timedelta(minutes=1)
    live_for: timedelta | None = None
    tries: int = 8
    is_one: bool = False


class Destination(Protocol):
    """Where messages go. Used by one thread."""

    @property
    def name(self) -> str:
        """What it is called in the settings, on pages and in the store; never changes."""
        ...

    @property
    def pace(self) -> Pace:
        """How it wants to be spoken to."""
        ...

    def wants(self, message: Message) -> bool:
        """Is this message for it?"""
        ...

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        """Send in this order; one outcome each. Fewer outcomes leave the rest as they are.

        Stops at the first LATER. Called with nothing where nothing waits, so that a link can keep
        itself up; an outcome that answers no message is about the link.
        """
        ...
