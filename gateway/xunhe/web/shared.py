"""What many readers ask for at once is made once: fifty open pages cost one look at the tables."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

_KEPT = 128

T = TypeVar("T")


class _Slot:
    """One value with the version that it was made for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.version: Hashable = None
        self.value: Any = None


class Shared:
    """Values by key and version; from several threads, whoever comes second waits for the first.

    A caller reads its version before the value is made: what was committed before is in the value.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()

    def get(self, key: Hashable, version: Hashable, make: Callable[[], T]) -> T:
        """The value of `key` as of `version`; made where it is not at hand."""
        slot = self._slot(key)
        with slot.lock:
            if slot.version is None or slot.version != version:
                slot.value = make()
                slot.version = version
            value: T = slot.value
            return value

    def _slot(self, key: Hashable) -> _Slot:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > _KEPT:
                self._slots.popitem(last=False)
            return slot
