"""Cameras as pages and the API show them: the desk's answers joined with the registry and words.

Ages are the machine's time, not the river's: a person judges by them whether a picture is live.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from xunhe.domain.camera_desk import CameraDesk, CameraStatus, Labelled, Preview
from xunhe.domain.registry import Reach
from xunhe.domain.zones import Zones, ZonesError
from xunhe.web import camera_models as models
from xunhe.web.camera_words import LABELS, OUTFALL_STATES, StateWords, state_words
from xunhe.web.console import Console
from xunhe.web.failures import CallerError, NotFoundError
from xunhe.web.wording import words
from xunhe.web.zone_problems import ZonesInvalidError

LIVE_S = 10.0  # an older picture is not called live

T = TypeVar("T")


class VisionOffError(CallerError):
    """This gateway watches no cameras."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "vision_off",
            "this gateway watches no cameras: set `enabled = true` under [vision] in its settings"
            " file and restart it",
            "本网关没有启用摄像机：在设置文件的 [vision] 中写 enabled = true，然后重启",
        )


class StaleZonesError(CallerError):
    """Somebody else saved meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            409,
            "stale_zones",
            "somebody else saved this camera's zones meanwhile: reload and draw again",
            "其他人刚保存过此摄像机的区域：请刷新后重画",
        )


@dataclass(frozen=True, slots=True)
class CameraCard:
    """A camera as a page shows it."""

    status: CameraStatus
    words: StateWords
    reach: Reach | None

    @property
    def open_incidents(self) -> int:
        """Incidents that this camera sees now."""
        return round(self.status.counts.get("open_incidents", 0))


def desk(console: Console) -> CameraDesk:
    """The cameras, or VisionOffError."""
    if console.cameras is None:
        raise VisionOffError
    return console.cameras


def asked(ask: Callable[[str], T], code: str) -> T:
    """What the desk answers about a camera, or NotFoundError."""
    try:
        return ask(code)
    except KeyError:
        raise NotFoundError("camera", "摄像机", code) from None


def status_of(console: Console, code: str) -> CameraStatus:
    """A camera's status, or NotFoundError."""
    found = (each for each in desk(console).statuses() if each.camera.code == code)
    if status := next(found, None):
        return status
    raise NotFoundError("camera", "摄像机", code)


def card(console: Console, status: CameraStatus) -> CameraCard:
    """A status with its words."""
    reach = console.registry.reaches.get(status.camera.reach)
    return CameraCard(status, state_words(status.state), reach)


def part(console: Console) -> dict[str, Any]:
    """What the fragments of the camera list and of the console's strip need."""
    statuses = console.cameras.statuses() if console.cameras else []
    return {
        "is_watching": console.cameras is not None,
        "cameras": [card(console, status) for status in statuses],
    }


def view(status: CameraStatus) -> models.CameraView:
    """A camera."""
    return models.CameraView(**_fields(status))


def detail(console: Console, status: CameraStatus) -> models.CameraDetail:
    """A camera with the outfalls of its reach."""
    outfalls = [
        models.OutfallChoice(code=each.code, name=each.name, name_en=each.name_en)
        for each in console.registry.outfalls.values()
        if each.reach == status.camera.reach
    ]
    return models.CameraDetail(**_fields(status), outfalls=outfalls)


def age_s(console: Console, preview: Preview) -> float:
    """Seconds since the picture was taken."""
    return max((console.wall.now() - preview.at).total_seconds(), 0.0)


def overlay(console: Console, preview: Preview | None) -> models.OverlayView:
    """What the pipeline makes of a frame."""
    if preview is None:
        return models.OverlayView(
            at=None,
            age_s=None,
            is_live=False,
            width=None,
            height=None,
            gate=[],
            found=[],
            outfalls=[],
        )
    age = age_s(console, preview)
    return models.OverlayView(
        at=preview.at,
        age_s=round(age, 3),
        is_live=age <= LIVE_S,
        width=preview.width,
        height=preview.height,
        gate=list(preview.gate),
        found=[_found(each, preview.limits) for each in preview.found],
        outfalls=[_outfall(code, *now) for code, now in preview.outfalls.items()],
    )


def tag(zones: Zones) -> str:
    """Which zones these are, as an entity tag: two people must not overwrite each other."""
    text = json.dumps(zones.to_json(), sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def parsed(console: Console, value: dict[str, Any]) -> Zones:
    """The zones of a request, or ZonesInvalidError with every problem."""
    problems = list(_unregistered(console, value))
    try:
        zones = Zones.parse(value)
    except ZonesError as error:
        raise ZonesInvalidError([*error.problems, *problems], value) from None
    if problems:
        raise ZonesInvalidError(problems, value)
    return zones


def _fields(status: CameraStatus) -> dict[str, Any]:
    camera, said = status.camera, state_words(status.state)
    return {
        "code": camera.code,
        "name": camera.name,
        "name_en": camera.name_en,
        "reach": camera.reach,
        "position_m": camera.position_m,
        "state": status.state,
        "state_zh": said.words.zh,
        "state_en": said.words.en,
        "next_step_zh": said.next_step.zh,
        "next_step_en": said.next_step.en,
        "is_up": said.is_up,
        "is_blind": said.tone == "blind",
        "detail": status.detail,
        "at": status.at,
        "counts": status.counts,
    }


def _found(found: Labelled, limits: dict[str, float]) -> models.FoundView:
    x0, y0, x1, y1, score, label = found
    said = words(LABELS, label)
    return models.FoundView(
        box=(x0, y0, x1, y1),
        score=score,
        limit=limits.get(label),
        label=label,
        label_zh=said.zh,
        label_en=said.en,
    )


def _outfall(code: str, state: str, score: float) -> models.OutfallNow:
    said = words(OUTFALL_STATES, state)
    return models.OutfallNow(
        code=code, state=state, state_zh=said.zh, state_en=said.en, score=score
    )


def _unregistered(console: Console, value: dict[str, Any]) -> list[str]:
    """Outfalls that the registry does not know: nobody could be sent there."""
    rows = value.get("outfalls")
    codes = [
        (i, row.get("code"))
        for i, row in enumerate(rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    ]
    return [
        f"outfalls[{i}]: no outfall {code!r} is registered: choose one, or register it first"
        for i, code in codes
        if isinstance(code, str) and code.strip() and code not in console.registry.outfalls
    ]
