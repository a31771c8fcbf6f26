"""What is on its way to the desk: sent, without a receipt yet. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from xunhe.adapters.province.parcel import tag_of


@dataclass(slots=True)
class _Sent:
    wire: bytes
    number: int
    at_s: float
    is_ordered: bool


@dataclass(slots=True)
class Window:
    """At most `size` parcels; one that waits `again_s` for its receipt is due again.

    Only one of the ordered ones is ever in it: whatever is lost or comes twice on the way, the desk
    takes them in the order in which the gateway decided them.
    """

    size: int
    again_s: float
    _sent: dict[bytes, _Sent] = field(default_factory=dict)

    @property
    def room(self) -> int:
        """How many more may be sent."""
        return self.size - len(self._sent)

    @property
    def has_ordered(self) -> bool:
        """One of the ordered ones is on its way."""
        return any(each.is_ordered for each in self._sent.values())

    def add(self, wire: bytes, number: int, now_s: float, *, is_ordered: bool) -> None:
        """A parcel goes out."""
        self._sent[tag_of(wire)] = _Sent(wire, number, now_s, is_ordered)

    def settle(self, tags: Iterable[bytes]) -> list[int]:
        """The desk has these: their numbers. Tags that are not (or no longer) known say nothing."""
        settled = (self._sent.pop(tag, None) for tag in tags)
        return [each.number for each in settled if each is not None]

    def due(self, now_s: float) -> list[bytes]:
        """Those that go again now."""
        due = [each for each in self._sent.values() if now_s - each.at_s >= self.again_s]
        for each in due:
            each.at_s = now_s
        return [each.wire for each in due]
