"""Which cameras of a worker may have every frame decoded: the core would drown in all of them.

Key frames cost a tenth. A camera that has to wait goes on with them, and finds things later.
"""

MOST = 3  # of 1080p at 25 frames a second, beside the key frames of a dozen others, on one core


class FullRate:
    """At most `most` cameras at a time; who has it keeps it as long as it is wanted."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._holders: set[str] = set()

    def grant(self, camera: str, *, wants: bool) -> bool:
        """Whether the camera has it now."""
        if not wants:
            self._holders.discard(camera)
        elif len(self._holders) < self._most:
            self._holders.add(camera)
        return camera in self._holders
