"""One camera in a worker: its reader, its pipeline, and what goes to the gateway.

`wall_s` is the machine's time, as that of frames; pauses count in `steady_s`, which never jumps.
"""

import logging
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.adapters.camera.dome import Dome
from xunhe.adapters.camera.full_rate import FullRate
from xunhe.adapters.camera.link import Link
from xunhe.adapters.camera.messages import Filmed, Report, Seen, Shown, Told, Watch
from xunhe.adapters.camera.reader import Reader, Wanted
from xunhe.adapters.camera.source import Arrived
from xunhe.domain.camera import Camera
from xunhe.domain.sight import Phase, Sight
from xunhe.domain.zones import Zones
from xunhe.settings import VisionSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.memory import Memory
from xunhe.vision.pipeline import CameraPipeline

log = logging.getLogger(__name__)

_TELL_EVERY_S = 5.0
_CHECK_EVERY_S = 1.0
_BOOTS_S = 60.0  # a camera that gets its power together with the gateway
_SHOW_FOR_S = 10.0
_SHOW_EVERY_S = 0.4
_SHOWN_PX = 960
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 88]
_NEVER_S = float("-inf")
_TURNED = Link("turned", "球机正看别处", "the camera looks elsewhere")


class Watched:
    """Reads one camera and judges its frames. `step` belongs to the worker's thread."""

    def __init__(
        self,
        watch: Watch,
        eyes: Eyes,
        settings: VisionSettings,
        say: Callable[[Report], None],
        ready: Callable[[], None],
        full_rate: FullRate,
        dome: Dome | None = None,
    ) -> None:
        """`dome` says when it is this view's turn; without one it always is."""
        self.camera: Camera = watch.camera
        self._full_rate, self._dome = full_rate, dome
        self._eyes, self._settings, self._say, self._ready = eyes, settings, say, ready
        self._pipeline = self._piped(watch.zones, _remembered(watch))
        self._begun_s = time.monotonic()
        self.is_busy = False  # something happens that is worth every frame
        self._latency_s = 0.0
        self._told_at_s, self._told_state = _NEVER_S, ""
        self._show_until_s, self._shown_at_s = _NEVER_S, _NEVER_S
        self._checked_at_s = _NEVER_S
        self._reader = self._started()

    @property
    def wants_every_frame(self) -> bool:
        """For the reader: something happens, or somebody looks."""
        return self.is_busy or time.monotonic() < self._show_until_s

    def step(self, wall_s: float, steady_s: float) -> bool:
        """Judge the newest frame; False where there was none."""
        if self._dome is not None:
            self._take_turns(self._dome, steady_s)
        arrived = self._reader.latest.take(steady_s)
        if arrived is not None:
            for sight in self._pipeline.see(arrived.view):
                self._report(sight, arrived)
            wants = self._pipeline.wants_every_frame
            self.is_busy = self._full_rate.grant(self.camera.code, wants=wants)
            self._latency_s = max(0.0, time.time() - arrived.arrived_s)
            self._preview(arrived, steady_s)
        if steady_s - self._checked_at_s >= _CHECK_EVERY_S:
            self._checked_at_s = steady_s
            self._check(wall_s, steady_s)
            if self._reader.link.state != "live":  # nothing to decode: others may
                self.is_busy = self._full_rate.grant(self.camera.code, wants=False)
        self._tell(wall_s, steady_s)
        return arrived is not None

    def show(self) -> None:
        """Send previews for some seconds, at the full rate."""
        self._show_until_s = time.monotonic() + _SHOW_FOR_S

    def take_over(self, zones: Zones) -> None:
        """Go on under other zones with what is remembered, and without losing the stream."""
        rain_mm_h = self._pipeline.rain_mm_h
        self._pipeline = self._piped(zones, self._pipeline.memory())
        self._pipeline.rain_mm_h = rain_mm_h

    def take_rain(self, mm_h: float | None) -> None:
        """How hard it rains, mm/h; None where nobody measures it."""
        self._pipeline.rain_mm_h = mm_h

    def dismiss(self, zone: str) -> None:
        """What flows at this outfall is a false alarm, a person said."""
        for sight in self._pipeline.dismiss(zone):
            self._report(sight, None)

    def memory(self) -> dict[str, object]:
        """What the pipeline remembers, as JSON takes it."""
        return self._pipeline.memory().to_json()

    def stop(self) -> None:
        """Let the stream go."""
        self._full_rate.grant(self.camera.code, wants=False)
        self._reader.stop()

    def _take_turns(self, dome: Dome, steady_s: float) -> None:
        """Read only while the dome camera looks this way."""
        has_turn = dome.shows(self.camera.code, steady_s)
        if has_turn and self._reader.is_resting:
            self._begun_s = steady_s
            self._reader.wake()
        elif not has_turn and not self._reader.is_resting:
            self._reader.rest()

    def _piped(self, zones: Zones, memory: Memory | None) -> CameraPipeline:
        return CameraPipeline(self.camera.code, zones, self._eyes, self._settings, memory)

    def _started(self) -> Reader:
        reader = Reader(self.camera, self._settings, self, self._ready)
        if self._dome is not None:
            reader.rest()
        reader.start()
        return reader

    def _report(self, sight: Sight, arrived: Arrived | None) -> None:
        picture = None
        if arrived is not None and sight.phase is not Phase.ENDED:
            picture = _jpeg(arrived.view.picture())
        self._say(Seen(sight, picture, self.memory(), self._eyes.sha256))
        if sight.phase is Phase.OPENED and arrived is not None:
            self._film(sight)

    def _film(self, sight: Sight) -> None:
        from_s = sight.at_s - self._settings.pre_roll_s
        to_s = sight.at_s + self._settings.post_roll_s

        def send(mp4: bytes) -> None:
            identity = (sight.camera, sight.zone, sight.kind, sight.started_s)
            self._say(Filmed(*identity, from_s, to_s, mp4))

        self._reader.want(Wanted(from_s, to_s, send))

    def _check(self, wall_s: float, steady_s: float) -> None:
        """No frame for long: the camera is blind, whatever the reason. A recording may end."""
        if self._reader.has_failed:
            log.error("camera=%s its reader failed and is started again", self.camera.code)
            self._reader = self._started()
        if self._reader.is_over:
            return
        if self._unseen_s(steady_s) > self._settings.blind_after_s:
            for sight in self._pipeline.blind("lost", wall_s):
                self._report(sight, None)

    def _unseen_s(self, steady_s: float) -> float:
        """How long it should have shown something and has not."""
        if self._dome is not None and self._reader.is_resting:
            return self._dome.refused_s(self.camera.code, steady_s)
        age_s = self._reader.age_s()
        if age_s is not None:
            return age_s
        more_s = 0.0 if self._dome else max(0.0, _BOOTS_S - self._settings.blind_after_s)
        return steady_s - self._begun_s - more_s

    def _tell(self, wall_s: float, steady_s: float) -> None:
        """How it is, when that changes and every few seconds."""
        link = self._link()
        if link.state == self._told_state and steady_s - self._told_at_s < _TELL_EVERY_S:
            return
        self._told_at_s, self._told_state = steady_s, link.state
        words = link.state, link.detail_zh, link.detail_en
        self._say(Told(self.camera.code, wall_s, *words, self._counts(), self.memory()))

    def _link(self) -> Link:
        """The connection's state; while frames come, why they show nothing."""
        if self._dome is not None and self._reader.is_resting:
            return self._dome.refusal(self.camera.code) or _TURNED
        link = self._reader.link
        blindness = self._pipeline.blindness
        if link.state == "live" and blindness not in ("", "lost"):
            return Link(blindness)
        return link

    def _counts(self) -> dict[str, float]:
        """The reader's and the pipeline's, by the names of the metrics."""
        counts, age_s = self._pipeline.counts, self._reader.age_s()
        return {
            **self._reader.counts(),
            "judged": counts.received - counts.skipped,
            "gated": counts.changed,
            "inferred": counts.scanned + counts.inferred,
            "runs": counts.runs,
            "latency_s": self._latency_s,
            "open_incidents": self._pipeline.open_incidents,
        } | ({} if age_s is None else {"age_s": age_s})

    def _preview(self, arrived: Arrived, steady_s: float) -> None:
        is_soon = steady_s - self._shown_at_s < _SHOW_EVERY_S
        if steady_s > self._show_until_s or is_soon:
            return
        self._shown_at_s = steady_s
        picture = arrived.view.picture()
        glance = self._pipeline.glance()
        self._say(
            Shown(
                self.camera.code,
                arrived.time_s,
                picture.shape[1],
                picture.shape[0],
                _jpeg(_small(picture)),
                glance.gate,
                glance.found,
                glance.outfalls,
                glance.limits,
            )
        )


def _remembered(watch: Watch) -> Memory | None:
    """What an older version remembered is no reason to be blind."""
    try:
        return Memory.from_json(watch.memory) if watch.memory else None
    except ValueError as error:
        log.warning("camera=%s starts without memory: %s", watch.camera.code, error)
        return None


def _small(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = _SHOWN_PX / picture.shape[1]
    if scale >= 1:
        return picture
    size = (_SHOWN_PX, round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _jpeg(picture: NDArray[np.uint8]) -> bytes:
    is_good, data = cv2.imencode(".jpg", picture, _QUALITY)
    if not is_good:
        raise ValueError(f"no JPEG of a picture of shape {picture.shape}")
    return data.tobytes()
