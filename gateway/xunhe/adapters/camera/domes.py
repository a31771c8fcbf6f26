"""The dome cameras of one worker, by the address of their ONVIF service."""

from collections.abc import Callable, Collection

from xunhe.adapters.camera.dome import Dome, Turning, onvif_turning
from xunhe.domain.camera import Camera


class Domes:
    """`turning` gives what turns the camera of an address."""

    def __init__(self, turning: Callable[[str], Turning] = onvif_turning) -> None:
        self._turning = turning
        self._domes: dict[str, Dome] = {}

    def join(self, camera: Camera) -> Dome | None:
        """The dome camera that this is a view of; None where it does not turn."""
        if camera.dome is None:
            return None
        if camera.dome not in self._domes:
            self._domes[camera.dome] = Dome(self._turning(camera.dome))
        dome = self._domes[camera.dome]
        dome.join(camera)
        return dome

    def leave(self, camera: Camera) -> None:
        """The view is watched no more; nor is the dome camera after its last one."""
        if camera.dome is None:
            return
        dome = self._domes[camera.dome]
        dome.leave(camera.code)
        if not dome.views:
            self._domes.pop(camera.dome).stop()

    def step(self, steady_s: float, busy: Collection[str]) -> None:
        """Turn those whose time it is; in the views `busy` something happens."""
        for dome in self._domes.values():
            dome.step(steady_s, is_busy=not dome.views.isdisjoint(busy))

    def stop(self) -> None:
        """Order nothing more."""
        for dome in self._domes.values():
            dome.stop()
