"""A drone in the air: its MAVLink and its stream become a camera with a moving pose.

`listen` and `watch` belong to a thread each; a call of either is a short step, so that the gateway
may stop at any time. A flight begins when the drone is above `_ALOFT_M` and
its stream gives pictures, and is over `_DOWN_S` after the last pose up there: then the whole of it
goes to the desk once more, as a patrol.
"""

import logging
import time
from collections.abc import Callable, Generator, Mapping
from functools import cache

from xunhe.adapters.camera.source import Arrived
from xunhe.adapters.camera.trouble import SourceError
from xunhe.adapters.drone.live_mavlink import LiveMavlink
from xunhe.adapters.drone.live_poses import LivePoses
from xunhe.adapters.flights.live_flight import LiveFlight
from xunhe.domain.clock import Clock, SystemClock
from xunhe.domain.flight import Flight
from xunhe.domain.mover import Mover
from xunhe.domain.pose import Measured, Pose
from xunhe.domain.registry import Reach
from xunhe.settings import LiveDroneSettings
from xunhe.vision.eyes import Eyes
from xunhe.vision.findings.water import Water
from xunhe.vision.georeference.assumptions import Assumed
from xunhe.vision.georeference.lens import Lens
from xunhe.vision.georeference.placing import View, WaterPlane

log = logging.getLogger(__name__)

Report = Callable[[Flight, Mapping[str, bytes], bool], object]  # the last: it is still flying
Frames = Generator[Arrived, None, None]
Stream = Callable[[], Frames]  # one connection; SourceError at its end

_WAIT_S = 0.5
_RETRY_S = 2.0
_ALOFT_M = 5.0
_DOWN_S = 15.0
_SHOWN_S = 60.0  # on the map after its last word
_LOOK_EVERY_S = 0.7
_BEHIND_S = 3.0  # frames that waited so long are passed over, to catch up
_REPORT_EVERY_S = 3.0
_PITCH_SD, _FOV_SD = 2.0, 3.0


class LiveDrone:
    """`report` takes the flight to the desk; it is asked again with all that is known so far.

    `water` is that of the reach; `stream` opens the drone's pictures.
    """

    def __init__(
        self,
        settings: LiveDroneSettings,
        reach: Reach,
        water: Water,
        eyes: Callable[[], Eyes],
        clock: Clock,
        report: Report,
        stream: Stream,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._reach, self._water = settings, reach, water
        self._eyes, self._clock, self._report, self._now_s = eyes, clock, report, now_s
        self._stream = stream
        self._frames: Frames | None = None  # of the connection that is open
        self._is_closed = False
        self._link = LiveMavlink(settings.mavlink_host, settings.mavlink_port, SystemClock())
        pitch = Measured(settings.pitch_deg, _PITCH_SD)
        self._poses = LivePoses(Assumed(pitch_deg=pitch))
        self._flight: LiveFlight | None = None
        self._aloft_s = float("-inf")  # when it last was
        self._looked_s = self._reported_s = float("-inf")

    @property
    def name(self) -> str:
        """Its code, for logs."""
        return self._settings.code

    @property
    def mavlink_port(self) -> int:
        """Where it listens for MAVLink."""
        return self._link.port

    def mover(self) -> Mover | None:
        """Where it is; None where it has said nothing for a while."""
        pose = self._poses.newest
        if pose is None or self._now_s() - pose.time_s > _SHOWN_S:
            return None
        height = pose.height_above_ground_m
        return Mover(
            code=self._settings.code,
            name=self._settings.name,
            name_en=self._settings.name_en,
            kind="drone",
            at=self._clock.when(pose.time_s),
            lon_lat=pose.lon_lat,
            heading_deg=pose.yaw_deg.value % 360 if pose.yaw_deg else None,
            height_above_ground_m=height.value if height else None,
        )

    def listen(self) -> None:
        """Take in what its MAVLink says."""
        for pose in self._link.poses(_WAIT_S):
            now_s = self._now_s()
            self._poses.take(pose, now_s)
            if _is_aloft(pose):
                self._aloft_s = now_s

    def watch(self) -> None:
        """Look at the next frame of its stream while it flies."""
        if not self._is_flying():
            self._hang_up()
            self._land()
            time.sleep(_WAIT_S)
            return
        self._frames = self._frames or self._stream()
        try:
            arrived = next(self._frames, None)
        except SourceError as error:
            log.info("drone=%s stream: %s", self.name, error.text_en)
            arrived = None
        if arrived is not None:
            self._see(arrived)
        else:
            self._hang_up()
            time.sleep(_RETRY_S)

    def close(self) -> None:
        """Listen no longer; what flies is told as it stands. Once both threads have stopped."""
        self._is_closed = True  # a thread that waits for the network may outlive its time
        self._link.close()
        self._land()

    def _is_flying(self) -> bool:
        return self._now_s() - self._aloft_s <= _DOWN_S

    def _hang_up(self) -> None:
        if self._frames is not None:
            self._frames.close()
            self._frames = None

    def _see(self, arrived: Arrived) -> None:
        # By the stream's own time: how late a frame is read says nothing of when it was taken.
        shown_s = arrived.time_s - self._settings.delay_s
        is_behind = arrived.arrived_s - arrived.time_s > _BEHIND_S
        is_too_soon = shown_s - self._looked_s < _LOOK_EVERY_S
        if is_behind or is_too_soon or self._is_closed:
            return
        pose = self._poses.at(shown_s)
        if pose is None or not _is_aloft(pose):
            return
        self._looked_s = shown_s
        picture = arrived.view.picture()
        lens = _lens(picture.shape[1], picture.shape[0], self._settings.fov_deg)
        view = View.of(pose, lens, WaterPlane())
        if isinstance(view, View):
            flight = self._begun(shown_s)
            since_s = shown_s - flight.began_s
            flight.fly(since_s, pose.lon_lat, view.height.value)
            flight.see(since_s, picture, view)
            self._tell(flight)

    def _begun(self, at_s: float) -> LiveFlight:
        if self._flight is None:
            made = LiveFlight(
                self._settings.name, self._reach, self._water, self._eyes(), round(at_s, 3)
            )
            self._flight = made
        return self._flight

    def _tell(self, flight: LiveFlight) -> None:
        if self._now_s() - self._reported_s >= _REPORT_EVERY_S:
            self._reported_s = self._now_s()
            self._report(*flight.so_far(), True)

    def _land(self) -> None:
        """Once; an error of the store lets it be tried again."""
        if self._flight is not None:
            self._report(*self._flight.landed(), False)
            self._flight = None


def _is_aloft(pose: Pose) -> bool:
    height = pose.height_above_ground_m
    return height is not None and height.value >= _ALOFT_M


@cache
def _lens(width_px: int, height_px: int, fov_deg: float) -> Lens:
    return Lens.of_view(width_px, height_px, Measured(fov_deg, _FOV_SD))
