"""A destination that a test controls, and a courier for it whose clocks stand still."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from tests.gateway.conftest import START, StandingClock
from xunhe.adapters.outbox.courier import Clocks, Courier
from xunhe.adapters.outbox.sources import Source
from xunhe.adapters.store.database import Database
from xunhe.domain.outward import DONE, Message, Outcome, Pace, Sent


@dataclass
class Receiver:
    """Takes what it is sent, unless told how to answer."""

    pace: Pace = field(default_factory=Pace)
    name: str = "receiver"
    taken: list[Message] = field(default_factory=list)
    answers: dict[str, Sent] = field(default_factory=dict)  # by key
    is_down: bool = False

    def wants(self, message: Message) -> bool:
        return message.kind != "unwanted"

    def send(self, messages: Sequence[Message]) -> Sequence[Outcome]:
        if self.is_down:
            return [Outcome(Sent.LATER, "nobody answers")]
        outcomes = [
            Outcome(self.answers[message.key], "told so") if message.key in self.answers else DONE
            for message in messages
        ]
        self.taken += [
            message for message, outcome in zip(messages, outcomes, strict=True) if outcome is DONE
        ]
        return outcomes

    @property
    def keys(self) -> list[str]:
        return [message.key for message in self.taken]


@dataclass
class Given:
    """A source that a test fills; it survives its courier, as a table does."""

    name: str = "given"
    messages: list[Message] = field(default_factory=list)

    def put(self, key: str, at: datetime = START, lane: str = "", kind: str = "ticket") -> None:
        self.messages.append(Message(key, kind, at, {"of": key}, lane))

    def newest(self, connection: sa.Connection) -> int:
        return len(self.messages)

    def after(
        self, connection: sa.Connection, position: int, limit: int
    ) -> Sequence[tuple[int, Message]]:
        return list(enumerate(self.messages, 1))[position : position + limit]


class Seconds:
    """A clock for pauses."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def courier(
    database: Database,
    receiver: Receiver,
    source: Source,
    clock: StandingClock,
    seconds: Seconds | None = None,
) -> Courier:
    """Begun, so that it delivers what is raised from now on."""
    clocks = Clocks(clock, clock, seconds or Seconds())
    begun = Courier(database, receiver, [source], clocks, random.Random(1))
    begun.step()
    return begun
