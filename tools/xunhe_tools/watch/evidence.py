"""Pictures and clips of a run's incidents, in a folder beside its JSON file."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from xunhe.adapters.annotate import annotated_jpeg
from xunhe.adapters.camera.clip import ClipError, cut_ring
from xunhe.adapters.camera.ring import Ring
from xunhe.domain.sight import Phase, Sight
from xunhe.settings import VisionSettings
from xunhe_tools.watch.incidents import Found

_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90]


@dataclass(slots=True)
class _Due:
    found: Found
    from_s: float
    to_s: float


@dataclass(slots=True)
class EvidenceFolder:
    """Writes into `folder`, which is made when there is something to write. OSError as usual."""

    folder: Path
    settings: VisionSettings
    ring: Ring
    _due: list[_Due] = field(default_factory=list)

    def show(self, found: Found, sight: Sight, picture: NDArray[np.uint8]) -> None:
        """Keep the picture of a peak, in place of an earlier one, clean and annotated."""
        done, data = cv2.imencode(".jpg", picture, _QUALITY)
        if not done:
            raise ValueError(f"no JPEG of a picture of shape {picture.shape}")
        clean = data.tobytes()
        self._write(found, "picture", f"{found.name}.jpg", clean)
        drawn = annotated_jpeg(clean, sight.boxes, sight.kind.value)
        self._write(found, "annotated", f"{found.name}-annotated.jpg", drawn)

    def film(self, found: Found, sight: Sight) -> None:
        """Ask for the clip of an incident that opened: it is cut once its end has come."""
        if sight.phase is Phase.OPENED:
            before_s, after_s = self.settings.pre_roll_s, self.settings.post_roll_s
            self._due.append(_Due(found, sight.at_s - before_s, sight.at_s + after_s))

    def cut(self, now_s: float) -> None:
        """Cut the clips whose end has come; at the source's end, with infinity, all others."""
        for due in [each for each in self._due if each.to_s <= now_s]:
            self._due.remove(due)
            try:
                mp4 = cut_ring(self.ring, due.from_s, due.to_s)
            except ClipError:
                continue  # an animation, or a codec that MP4 cannot hold: the pictures remain
            self._write(due.found, "clip", f"{due.found.name}.mp4", mp4)

    def cut_rest(self) -> None:
        """At the source's end: clips that end with it."""
        self.cut(float("inf"))

    def _write(self, found: Found, role: str, name: str, data: bytes) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(data)
        found.evidence[role] = f"{self.folder.name}/{name}"
