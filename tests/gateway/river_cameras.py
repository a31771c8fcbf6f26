"""Cameras on the demo's river, and what their pipelines would say."""

import shutil
from dataclasses import replace
from pathlib import Path

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.domain.camera import Camera
from xunhe.domain.incident import Severity
from xunhe.domain.registry import Registry
from xunhe.domain.sight import Phase, Sight, SightKind

CAMERAS = (
    Camera(
        code="YX-C1",
        name="排口摄像机",
        name_en="Camera at the outfall",
        reach="YX-1",
        position_m=820,
        lon_lat=(119.4201, 30.3180),
        url="rtsp://admin:geheim@192.0.2.1/main",
        zones="zones/YX-C1.json",
    ),
    Camera(
        code="YX-C2",
        name="石渡摄像机",
        name_en="Camera at Shidu",
        reach="YX-2",
        position_m=1250,
        lon_lat=(119.444, 30.322),
        url="rtsp://admin:geheim@192.0.2.2/main",
        zones="zones/YX-C2.json",
    ),
)


def with_cameras(registry: Registry) -> Registry:
    """The river with both."""
    return registry.with_cameras({camera.code: camera for camera in CAMERAS})


def bare_registry(folder: Path) -> Path:
    """The demo's registry without its cameras, to be changed at will."""
    shutil.copytree(DEMO_REGISTRY, folder, ignore=shutil.ignore_patterns("cameras.toml", "zones"))
    return folder


def entry(camera: Camera, **changed: object) -> str:
    """Its entry in cameras.toml; a value is written as it stands."""
    lon, lat = camera.lon_lat
    rows = {
        "code": f'"{camera.code}"',
        "name": f'"{camera.name}"',
        "name_en": f'"{camera.name_en}"',
        "reach": f'"{camera.reach}"',
        "position_m": f"{camera.position_m}",
        "lon_lat": f"[{lon}, {lat}]",
        "url": f'"{camera.url}"',
        **changed,
    }
    lines = [f"{key} = {value}" for key, value in rows.items() if value is not None]
    return "\n".join(["[[camera]]", *lines, ""])


def write_list(folder: Path, *entries: str) -> None:
    """The list, in one step as an editor would."""
    part = folder / "cameras.part"
    part.write_text("\n".join(entries), "utf-8")
    part.replace(folder / "cameras.toml")


SEEN = Sight(
    camera="YX-C1",
    zone="YX-P1",
    kind=SightKind.DISCHARGE,
    phase=Phase.OPENED,
    at_s=8.0,
    started_s=0.0,
    score=0.8,
    count=1,
    area_m2=None,
    share=0.0,
    state="flowing",
    severity=Severity.MINOR,
    boxes=((0.2, 0.3, 0.5, 0.6, 0.8),),
    reason_zh="一号排污口疑似排污：出水",
    reason_en="outfall YX-P1: water flows out",
)


def litter(**changed: object) -> Sight:
    """Litter on the water before the first camera."""
    some = replace(
        SEEN,
        zone="水面",
        kind=SightKind.LITTER,
        state="",
        count=2,
        share=0.01,
        reason_zh="水面有漂浮垃圾",
        reason_en="litter floats",
    )
    return replace(some, **changed)  # type: ignore[arg-type]
