"""What a camera's pipeline says happened: one incident for each camera, zone and kind."""

from dataclasses import dataclass
from enum import StrEnum

from xunhe.domain.incident import Severity

Corners = tuple[float, float, float, float, float]  # x0, y0, x1, y1 in fractions, score


class SightKind(StrEnum):
    """What was seen."""

    LITTER = "litter"  # 漂浮垃圾
    MAT = "vegetation_mat"  # 水草
    DISCHARGE = "discharge"  # 疑似排污
    DUMPING = "dumping"  # 疑似倾倒
    BLIND = "blind_camera"  # 摄像机失明


class Phase(StrEnum):
    """Where an incident of a camera stands."""

    OPENED = "opened"
    GREW = "grew"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Sight:
    """One change of one incident of one camera.

    `camera`, `zone`, `kind` and `started_s` are its identity. Instants are Unix seconds of the
    camera's time. `score` is the confirmed median, 0..1; `count` the things in view; `area_m2` the
    covered water where the ground is calibrated; `share` of the zone covered, 0..1; `state` the
    outfall's state or why the camera is blind; `boxes` in fractions of the frame, with scores.
    """

    camera: str
    zone: str
    kind: SightKind
    phase: Phase
    at_s: float
    started_s: float
    score: float
    count: int
    area_m2: float | None
    share: float
    state: str
    severity: Severity
    boxes: tuple[Corners, ...]
    reason_zh: str
    reason_en: str
