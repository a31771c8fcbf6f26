"""What a worker and the gateway say to each other, over a pipe of this machine."""

from dataclasses import dataclass
from typing import Any

from xunhe.domain.camera import Camera
from xunhe.domain.camera_desk import Box, Labelled
from xunhe.domain.sight import Sight, SightKind
from xunhe.domain.zones import Zones


@dataclass(frozen=True, slots=True)
class Watch:
    """To the worker: watch this camera, or go on with it under new zones."""

    camera: Camera
    zones: Zones
    memory: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Drop:
    """To the worker: let this camera go."""

    camera: str


@dataclass(frozen=True, slots=True)
class Show:
    """To the worker: send previews of this camera for some seconds."""

    camera: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    """To the worker: a person said that what this camera sees flowing there is a false alarm."""

    camera: str
    zone: str


@dataclass(frozen=True, slots=True)
class Rain:
    """To the worker: how hard it rains, mm/h; None where nobody measures it."""

    mm_h: float | None


@dataclass(frozen=True, slots=True)
class Seen:
    """To the gateway: a sight, the clean picture as JPEG, and what the pipeline remembers."""

    sight: Sight
    picture_jpeg: bytes | None
    memory: dict[str, Any]
    models: dict[str, str]  # SHA-256 by name


@dataclass(frozen=True, slots=True)
class Filmed:
    """To the gateway: the clip of a sight, cut from what the camera sent, as MP4."""

    camera: str
    zone: str
    kind: SightKind
    started_s: float
    from_s: float
    to_s: float
    mp4: bytes


@dataclass(frozen=True, slots=True)
class Told:
    """To the gateway: how a camera is, once in a while and whenever that changes.

    `at_s` is when it was told, Unix seconds. Among `counts` `age_s` is the age of the newest frame
    at that moment; it is missing before the first one.
    """

    camera: str
    at_s: float
    state: str
    detail_zh: str
    detail_en: str
    counts: dict[str, float]
    memory: dict[str, Any]

    @property
    def detail(self) -> str:
        """In both languages; empty where there is nothing to say."""
        return f"{self.detail_zh} / {self.detail_en}" if self.detail_zh else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """To the gateway: a preview that was asked for."""

    camera: str
    at_s: float
    width: int
    height: int
    jpeg: bytes
    gate: tuple[Box, ...]
    found: tuple[Labelled, ...]
    outfalls: dict[str, tuple[str, float]]
    limits: dict[str, float]  # see Preview


@dataclass(frozen=True, slots=True)
class Misread:
    """What is wrong with the list of cameras or a zones file; nothing: it is right again."""

    problems: tuple[str, ...]


Command = Watch | Drop | Show | Dismiss | Rain
Report = Seen | Filmed | Told | Shown | Misread
