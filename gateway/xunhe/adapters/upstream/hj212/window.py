"""Uploads under way: what may be written, what is overdue, what came of each message. Pure.

An upload that is not answered within OverTime goes again with the same QN, at most ReCount times;
after that the link counts as unusable (HJ 212-2017 §6.2.1). With one overdue all go again, in their
order, because a platform that has lost one has lost those behind it. The packets of a split
transfer follow one another (C.49).

A batch ends when it has lasted as long as eight of the quickest answer: the line stays full, narrow
or wide, and a live sample that has come meanwhile waits no longer than that.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from xunhe.codecs.hj212.area import plain
from xunhe.codecs.hj212.segment import Packet
from xunhe.domain.outward import DONE, Outcome, Sent

_ACCEPTED = "1"
_ANSWERS_LONG = 8


@dataclass(slots=True)
class Sending:
    """A packet of the message at this place of the batch."""

    message: int
    packet: Packet
    tries: int = 0
    written_s: float = 0.0
    outcome: Outcome | None = None


@dataclass(slots=True)
class Window:
    """At most `size` packets wait for their answers; `patience_s` each, `repeats` times."""

    sendings: Sequence[Sending]
    size: int
    patience_s: float
    repeats: int
    is_lost: bool = False
    _began_s: float | None = None
    _quickest_s: float | None = None  # of the answers
    _left: deque[Sending] = field(init=False)
    _under_way: dict[tuple[str, str], Sending] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._left = deque(self.sendings)

    def is_over(self, now_s: float) -> bool:
        """Everything has been answered, or nothing will be, or it is somebody else's turn."""
        is_done = not self._left or self._has_lasted(now_s)
        return self.is_lost or (is_done and not self._under_way)

    def waits_s(self, now_s: float) -> float:
        """Until the next packet is overdue."""
        written_s = min((each.written_s for each in self._under_way.values()), default=now_s)
        return max(written_s + self.patience_s - now_s, 0.0) if self._under_way else 0.0

    def to_write(self, now_s: float) -> list[Packet]:
        """What goes over the line now."""
        if self._under_way and self.waits_s(now_s) <= 0:
            again = list(self._under_way.values())
            self.is_lost = any(sending.tries > self.repeats for sending in again)
            return [] if self.is_lost else self._written(again, now_s)
        return self._written(self._admitted(now_s), now_s)

    def take(self, answer: Packet, now_s: float) -> None:
        """A 9014; in some dialects it says whether the data were accepted."""
        sending = self._under_way.pop((answer.mn, answer.qn), None)
        if sending is not None:
            took_s = now_s - sending.written_s
            self._quickest_s = min(self._quickest_s or took_s, took_s)
            said = plain(answer.cp).get("QnRtn", _ACCEPTED)
            refused = Outcome(Sent.FAILED, f"the platform answered QnRtn={said}")
            sending.outcome = DONE if said == _ACCEPTED else refused

    def trust(self, packet: Packet) -> None:
        """It wants no answer: what was written counts as arrived."""
        self._under_way.pop((packet.mn, packet.qn)).outcome = DONE

    def outcomes(self, count: int) -> list[Outcome]:
        """What came of the first messages, up to the first that is unanswered."""
        by_message: list[list[Outcome | None]] = [[] for _ in range(count)]
        for sending in self.sendings:
            by_message[sending.message].append(sending.outcome)
        found: list[Outcome] = []
        for outcomes in by_message:
            if None in outcomes:
                break
            failed = (each for each in outcomes if each is not None and each is not DONE)
            found.append(next(failed, DONE))
        return found

    def _has_lasted(self, now_s: float) -> bool:
        if self._began_s is None or not self._quickest_s:
            return False
        return now_s - self._began_s >= _ANSWERS_LONG * self._quickest_s

    def _admitted(self, now_s: float) -> Iterable[Sending]:
        if self._began_s is None:
            self._began_s = now_s
        while self._left and len(self._under_way) < self.size and not self._has_lasted(now_s):
            follows = (self._left[0].packet.part or (1, 1))[0] > 1
            if follows and self._under_way:
                return
            sending = self._left.popleft()
            self._under_way[sending.packet.mn, sending.packet.qn] = sending
            yield sending

    def _written(self, sendings: Iterable[Sending], now_s: float) -> list[Packet]:
        packets = []
        for sending in sendings:
            sending.tries += 1
            sending.written_s = now_s
            packets.append(sending.packet)
        return packets
