"""Cameras of a test, behind the protocol that the pages ask."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from PIL import Image

from xunhe.domain.camera import Camera
from xunhe.domain.camera_desk import CameraStatus, Preview
from xunhe.domain.zones import Zones

WIDTH, HEIGHT = 640, 360
COUNTS = {
    "received": 4210.0,
    "decoded": 180.0,
    "gated": 21.0,
    "inferred": 34.0,
    "skipped": 4030.0,
    "dropped": 0.0,
    "age_s": 0.4,
    "latency_s": 0.12,
    "open_incidents": 1.0,
}
NAMES = {
    "YX-C1": ("竹桥摄像机", "Zhuqiao camera", "YX-1"),
    "YX-C2": ("石渡摄像机", "Shidu camera", "YX-2"),
    "YX-C3": ("柳湾摄像机", "Liuwan camera", "YX-3"),
    "YX-C4": ("北涧摄像机", "Beijian camera", "BJ-1"),
}


def camera(code: str) -> Camera:
    name, name_en, reach = NAMES[code]
    url = f"rtsp://admin:secret@192.0.2.1/{code}"
    return Camera(code, name, name_en, reach, 400, (119.42, 30.318), url, f"{code}.json")


def river_jpeg(shift: float = 0.0) -> bytes:
    """Sky, bank and water, rippled."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    picture = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    picture[:] = (176, 196, 206)
    picture[y > 0.28 * HEIGHT] = (92, 110, 74)
    water = y > (0.42 + 0.05 * np.sin(x / 130)) * HEIGHT
    ripples = 14 * np.sin(x / 9 + y / 4 + shift) * np.sin(y / 6)
    for channel, level in enumerate((84, 116, 118)):
        picture[..., channel][water] = np.clip(level + ripples, 0, 255)[water]
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=80)
    return out.getvalue()


@dataclass
class FakeDesk:
    """Says what a test has set, keeps what was saved."""

    states: dict[str, CameraStatus]
    previews: dict[str, Preview] = field(default_factory=dict)
    drawn: dict[str, Zones] = field(default_factory=dict)
    dismissed: list[tuple[str, str]] = field(default_factory=list)

    def statuses(self) -> list[CameraStatus]:
        return list(self.states.values())

    def preview(self, camera: str) -> Preview | None:
        self.states[camera]  # KeyError where it is not registered
        return self.previews.get(camera)

    def dismiss(self, camera: str, zone: str) -> None:
        self.dismissed.append((camera, zone))

    def zones(self, camera: str) -> Zones:
        self.states[camera]
        return self.drawn.get(camera, Zones.whole())

    def save_zones(self, camera: str, zones: Zones) -> None:
        self.states[camera]
        self.drawn[camera] = zones

    def set_state(self, camera: str, state: str, detail: str = "") -> None:
        self.states[camera] = replace(self.states[camera], state=state, detail=detail)


def preview(at: datetime, jpeg: bytes | None = None) -> Preview:
    return Preview(
        at=at,
        width=WIDTH,
        height=HEIGHT,
        jpeg=jpeg or river_jpeg(),
        gate=((0.4, 0.6, 0.62, 0.8),),
        found=(
            (0.45, 0.65, 0.55, 0.75, 0.91, "litter"),
            (0.7, 0.7, 0.76, 0.76, 0.44, "litter"),
            (0.1, 0.1, 0.16, 0.2, 0.83, "vegetation_mat"),
        ),
        outfalls={"YX-P1": ("flowing", 0.82)},
        limits={"litter": 0.7, "vegetation_mat": 0.6},
    )


def desk(at: datetime, codes: Sequence[str] = ("YX-C1", "YX-C2", "YX-C3")) -> FakeDesk:
    """Live cameras, the first with a picture."""
    states = {code: CameraStatus(camera(code), "live", "", at, dict(COUNTS)) for code in codes}
    return FakeDesk(states, {codes[0]: preview(at)})
