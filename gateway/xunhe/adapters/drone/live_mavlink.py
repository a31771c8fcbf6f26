"""Live MAVLink over UDP: the poses of one drone as they come in."""

import socket
from collections.abc import Iterator
from typing import Any

from xunhe.codecs.mavlink import messages
from xunhe.codecs.mavlink.assembly import PoseAssembly
from xunhe.codecs.mavlink.facts import Clock, Position
from xunhe.codecs.mavlink.frames import Frames
from xunhe.domain.clock import Clock as WallClock
from xunhe.domain.pose import Pose
from xunhe.domain.telemetry import Refusal

_DATAGRAM = 65_535


class LiveMavlink:
    """Listens on a UDP port, such as the 14550 that ground stations forward to.

    The first system that tells a position is the drone; others are not heard. `refused` counts
    what was no frame or no possible pose. A drone whose clock is not set has that of `clock`.
    """

    def __init__(self, host: str, port: int, clock: WallClock) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, port))
        self._frames, self._clock = Frames(), clock
        self._assembly = PoseAssembly()
        self._system: int | None = None
        self._has_clock = False
        self.refused = 0

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._socket.getsockname()[1])

    def poses(self, wait_s: float) -> Iterator[Pose]:
        """The poses of the next datagram; none where nothing came in `wait_s`."""
        self._socket.settimeout(wait_s)
        try:
            data, _ = self._socket.recvfrom(_DATAGRAM)
        except TimeoutError:
            return
        for message in self._frames.of_datagrams(data):
            pose = None if self._is_foreign(message) else self._taken(message)
            if pose is not None:
                yield pose

    def close(self) -> None:
        """Listen no longer."""
        self._socket.close()

    def _is_foreign(self, message: Any) -> bool:
        """Also what is no message: it is counted."""
        if isinstance(message, Refusal):
            self.refused += 1
            return True
        if self._system is None and messages.fact(message) is not None:
            self._system = message.get_srcSystem()
        return bool(message.get_srcSystem() != self._system)

    def _taken(self, message: Any) -> Pose | None:
        fact = messages.fact(message)
        if fact is None:
            return None
        self._has_clock = self._has_clock or isinstance(fact, Clock)
        if isinstance(fact, Position) and not self._has_clock:
            self._assembly.take(Clock(fact.time_s, self._clock.now().timestamp()))
        try:
            return self._assembly.take(fact)
        except ValueError:
            self.refused += 1
            return None
