"""Counters of the buoy's own life, since its power-up: they go on over deep sleeps."""

NAMES = ("wakes", "samples", "flash_errors", "reports_lost", "awake_s")


class Counters:
    """`kept`: what `to_json` gave before a deep sleep."""

    def __init__(self, kept=None):
        self._values = dict.fromkeys(NAMES, 0)
        self._values.update(kept or {})
        self.heap_free = None  # the least that was seen in this waking

    def add(self, name, n=1):
        self._values[name] += n

    def see_heap(self, heap):
        """`heap` is (bytes used, bytes free); an interpreter without a heap says 0, 0."""
        free = heap[1]
        if free and (self.heap_free is None or free < self.heap_free):
            self.heap_free = free

    def to_json(self):
        return {name: int(value) for name, value in self._values.items()}
