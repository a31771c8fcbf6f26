"""A dome camera: its views take turns, and it is turned to the preset of whose turn it is.

The views of one dome camera are watched by one worker. `join`, `leave`, `step` and the questions
belong to that worker's thread; an order, which waits for the camera's answer, goes out on another.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit, urlunsplit

import httpx

from xunhe.adapters.camera.link import Link
from xunhe.adapters.camera.onvif import OnvifCamera
from xunhe.adapters.camera.patrol import Patrol, Stop
from xunhe.adapters.camera.soap import Login
from xunhe.adapters.camera.trouble import SourceError, Trouble
from xunhe.domain.camera import Camera

_SETTLE_S = 6.0  # to turn half round, to focus and to expose
_ANSWER_S = 5.0

Turning = Callable[[str], None]  # turns to a preset; SourceError where that fails


class Dome:
    """Which view of a dome camera may watch now."""

    def __init__(self, turn_to: Turning) -> None:
        self._turn_to = turn_to
        self._views: dict[str, Stop] = {}
        self._patrol: Patrol | None = None
        self._orders = ThreadPoolExecutor(1, thread_name_prefix="dome")
        self._order: Future[None] | None = None
        self._asked = ""  # the view to which the newest order turns
        self._refused: dict[str, tuple[float, SourceError]] = {}  # by view: since when, and why

    @property
    def views(self) -> frozenset[str]:
        """Codes of its views."""
        return frozenset(self._views)

    def join(self, camera: Camera) -> None:
        """Another view, or one whose turn has changed. ValueError where it has no turn."""
        turn = camera.turn
        if turn is None:
            raise ValueError(f"camera {camera.code} is no view of a dome camera")
        self._views[camera.code] = Stop(turn.preset, camera.code, turn.dwell_s, turn.longest_s)
        self._plan()

    def leave(self, view: str) -> None:
        """One view less."""
        del self._views[view]
        self._refused.pop(view, None)
        self._plan()

    def stop(self) -> None:
        """Order nothing more."""
        self._orders.shutdown(wait=False, cancel_futures=True)

    def step(self, steady_s: float, *, is_busy: bool) -> None:
        """Turn where it is time. `is_busy`: something is happening in the view that is shown."""
        if self._patrol is None or not self._has_answered(self._patrol, steady_s):
            return
        move = self._patrol.due(steady_s, is_busy)
        if move is not None:
            self._asked = move.stop.view
            self._order = self._orders.submit(self._turn_to, move.stop.preset)

    def shows(self, view: str, steady_s: float) -> bool:
        """Does the camera look there, still and settled?"""
        stop = self._patrol.watching(steady_s) if self._patrol else None
        return stop is not None and stop.view == view

    def refused_s(self, view: str, steady_s: float) -> float:
        """How long ago the camera first refused to turn there; 0 where it did not."""
        return steady_s - self._refused[view][0] if view in self._refused else 0.0

    def refusal(self, view: str) -> Link | None:
        """Why the camera did not turn there when it was last asked."""
        if view not in self._refused:
            return None
        error = self._refused[view][1]
        return Link("not_turned", error.text_zh, error.text_en)

    def _plan(self) -> None:
        stops = list(self._views.values())
        self._patrol = Patrol(stops, _SETTLE_S) if stops else None
        self._order = None  # the answer to an order of the old plan is not waited for

    def _has_answered(self, patrol: Patrol, steady_s: float) -> bool:
        """Take the answer to the last order; False while there is none."""
        if self._order is None:
            return True
        if not self._order.done():
            return False
        error = self._order.exception()
        self._order = None
        if error is None:
            patrol.moved(steady_s)
            self._refused.pop(self._asked, None)
        elif isinstance(error, SourceError):
            patrol.refused(steady_s)
            since_s = self._refused.get(self._asked, (steady_s, error))[0]
            self._refused[self._asked] = since_s, error
        else:
            raise error
        return True


def onvif_turning(address: str) -> Turning:
    """Turns the camera whose ONVIF service has this address, login included."""
    parts = urlsplit(address)
    login = Login(unquote(parts.username or ""), unquote(parts.password or ""))
    device_url = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    http = httpx.Client(timeout=_ANSWER_S, trust_env=False)
    camera = OnvifCamera(device_url, login, http, lambda: datetime.now(UTC), lambda: os.urandom(16))
    profiles: list[str] = []

    def turn_to(preset: str) -> None:
        if not profiles:
            profiles.extend(profile.token for profile in camera.profiles())
        if not profiles:
            raise SourceError(Trouble.UNSUPPORTED, "the camera has no profile")
        camera.go_to(profiles[0], preset)

    return turn_to
