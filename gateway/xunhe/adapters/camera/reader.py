"""Keeps one camera's stream coming: connects, reads, connects again. A thread of its own.

The newest frame waits in a slot for the pipeline. The ring of encoded packets is the thread's own,
so clips are cut here too.
"""

import logging
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from xunhe.adapters.camera.address import Address, AddressError
from xunhe.adapters.camera.backoff import Backoff
from xunhe.adapters.camera.clip import ClipError, cut_ring
from xunhe.adapters.camera.latest import LatestFrame
from xunhe.adapters.camera.link import Link
from xunhe.adapters.camera.ring import Ring
from xunhe.adapters.camera.source import Arrived, CameraSource
from xunhe.adapters.camera.trouble import SourceError, Trouble
from xunhe.domain.camera import Camera
from xunhe.settings import VisionSettings

log = logging.getLogger(__name__)

_AGE_LIMIT_S = 5.0
_RING_BYTES = 24 << 20  # 30 s of 6 Mbit/s
_RING_SLACK_S = 4.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A clip that is to be cut once the stream has come to its end; instants as the frames'."""

    from_s: float
    to_s: float
    cut: Callable[[bytes], None]


class Hints(Protocol):
    """What the reader asks of the pipeline."""

    @property
    def wants_every_frame(self) -> bool:
        """Key frames only, or all of them."""


class Reader:
    """One camera's stream. `ready` is called after each new frame.

    `camera`'s frames come in the machine's time, those of a recording too: it is played at its own
    pace, as if it were filmed now.
    """

    def __init__(
        self, camera: Camera, settings: VisionSettings, hints: Hints, ready: Callable[[], None]
    ) -> None:
        self._camera, self._settings, self._hints, self._ready = camera, settings, hints, ready
        self.latest: LatestFrame[Arrived] = LatestFrame(_AGE_LIMIT_S)
        self.link = Link("connecting")
        self.is_over = False  # nothing more will come: a recording, or an address that is none
        self._frame_at_s: float | None = None
        self._ring = Ring(settings.pre_roll_s + settings.post_roll_s + _RING_SLACK_S, _RING_BYTES)
        self._ring_begun_s = 0.0  # what the ring's times count from
        self._wanted: list[Wanted] = []
        self._lock = threading.Lock()
        self._stopping, self._awake = threading.Event(), threading.Event()
        self._awake.set()
        self._rests = 0  # a connection from before a rest is not gone on with
        self._counts: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name=camera.code, daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """End soon; a blocked read ends at its timeout."""
        self._stopping.set()
        self._awake.set()

    def rest(self) -> None:
        """Let the stream go for a while: what it shows is not wanted."""
        self._rests += 1
        self._awake.clear()

    def wake(self) -> None:
        """Connect again."""
        self.latest.take(math.inf)
        self._frame_at_s, self.link = None, Link("connecting")
        self._awake.set()

    @property
    def is_resting(self) -> bool:
        """Whether it was sent to rest."""
        return not self._awake.is_set()

    @property
    def has_failed(self) -> bool:
        """Whether its thread died of an error that nobody foresaw."""
        return not self._thread.is_alive() and not self.is_over and not self._stopping.is_set()

    def age_s(self) -> float | None:
        """Since the newest frame came, whatever the clock says; None before the first."""
        return None if self._frame_at_s is None else time.monotonic() - self._frame_at_s

    def want(self, clip: Wanted) -> None:
        """Cut a clip as soon as its end has come; what cannot be cut is left out and logged."""
        with self._lock:
            self._wanted.append(clip)

    def counts(self) -> dict[str, float]:
        """Packets, decoded frames, damage and connections so far, and what nobody took."""
        return {**self._counts, "dropped": self.latest.dropped}

    def _run(self) -> None:
        backoff = Backoff(random.random)
        while self._is_wanted():
            pause_s = 0.0
            try:
                address = Address.parse(self._camera.url, self._camera.substream)
                self._read(address, backoff)
            except AddressError as error:
                self.link, self.is_over = Link("bad_address", str(error), str(error)), True
            except SourceError as error:
                self.link = Link(error.kind.value, error.text_zh, error.text_en)
                log.warning("camera=%s %s", self._camera.code, error)
                self.is_over = not address.decoded.is_live
                is_patient = error.kind is Trouble.WRONG_PASSWORD
                pause_s = backoff.failed(is_patient=is_patient)
            self._cut_due(math.inf)  # the next connection empties the ring
            if self.is_over:
                return
            self._stopping.wait(pause_s)

    def _is_wanted(self) -> bool:
        """Wait while it rests; False where it is to end."""
        self._awake.wait()
        return not self._stopping.is_set()

    def _read(self, address: Address, backoff: Backoff) -> None:
        """One connection. What was wrong stays on show until a frame comes."""
        source = CameraSource(address, self._settings, time.time, self._ring)
        before, begun_s, rests = dict(self._counts), time.time(), self._rests
        self._ring_begun_s = 0.0 if address.decoded.is_live else begun_s
        for arrived in source.frames(lambda: self._hints.wants_every_frame):
            shown = arrived if address.decoded.is_live else self._paced(arrived, begun_s)
            if self._stopping.is_set() or rests != self._rests:
                return
            self.link = Link("live")
            self._frame_at_s = time.monotonic()
            backoff.good(self._frame_at_s)
            self._counts = _summed(before, source)
            self.latest.put(shown, self._frame_at_s)
            self._ready()
            self._cut_due(shown.time_s)
        self.link = Link("ended", "录像已看完", "the recording has been watched to its end")
        self.is_over = True

    def _paced(self, arrived: Arrived, begun_s: float) -> Arrived:
        """A recording's frame at its own pace, as if it were filmed now."""
        time_s = begun_s + arrived.time_s
        self._stopping.wait(max(0.0, time_s - time.time()))
        view = replace(arrived.view, time_s=time_s)
        return replace(arrived, time_s=time_s, arrived_s=time.time(), view=view)

    def _cut_due(self, time_s: float) -> None:
        with self._lock:
            due = [clip for clip in self._wanted if clip.to_s <= time_s]
            self._wanted = [clip for clip in self._wanted if clip.to_s > time_s]
        for clip in due:
            begun_s = self._ring_begun_s
            try:
                clip.cut(cut_ring(self._ring, clip.from_s - begun_s, clip.to_s - begun_s))
            except ClipError as error:
                log.warning("camera=%s no clip: %s", self._camera.code, error)


def _summed(before: dict[str, float], source: CameraSource) -> dict[str, float]:
    """Counts of this connection on top of those before."""
    counts = source.counts
    now = {
        "received": counts.packets,
        "decoded": counts.decoded,
        "skipped": counts.skipped,
        "damaged": counts.damaged,
        "connections": counts.connections,
        "bytes": counts.bytes,
    }
    return {name: before.get(name, 0) + value for name, value in now.items()}
