"""How much a sight matters, and its reason in words with numbers."""

from xunhe.domain.incident import Severity
from xunhe.domain.sight import Phase, SightKind

_MAJOR_COUNT, _MAJOR_SHARE, _MAJOR_M2 = 10, 0.05, 10.0
_SEVERE_SHARE = 0.30

_BLIND = {
    "dark": ("画面突然全黑", "the picture went dark at once"),
    "covered": ("镜头被遮挡或失焦", "the lens is covered or out of focus"),
    "moved": ("摄像机已移位，监测区不再对准", "the camera was moved, its zones no longer fit"),
    "frozen": ("画面冻结", "the picture is frozen"),
    "lost": ("视频中断", "the stream is lost"),
}


def severity_of(kind: SightKind, count: int, area_m2: float, share: float) -> Severity:
    """Of things on the water: `area_m2` 0 where it is not known, `share` of the zone, 0..1."""
    if kind is SightKind.BLIND:
        return Severity.MINOR
    if share >= _SEVERE_SHARE:
        return Severity.SEVERE
    if count >= _MAJOR_COUNT or share >= _MAJOR_SHARE or area_m2 >= _MAJOR_M2:
        return Severity.MAJOR
    return Severity.MINOR


def reason(
    kind: SightKind, phase: Phase, count: int, area_m2: float | None, share: float, state: str
) -> tuple[str, str]:
    """In Chinese and in English."""
    if kind is SightKind.BLIND:
        zh, en = _BLIND.get(state, (state, state))
        return (
            (f"画面恢复（此前{zh}）", f"it sees again ({en})") if phase is Phase.ENDED else (zh, en)
        )
    zh, en = _amount(kind, count, area_m2, share)
    if phase is Phase.GREW:
        return f"增至{zh}", f"now {en}"
    if phase is Phase.ENDED:
        return f"已不再看到（此前{zh}）", f"seen no more (before: {en})"
    return zh, en


def _amount(kind: SightKind, count: int, area_m2: float | None, share: float) -> tuple[str, str]:
    if kind is SightKind.MAT:
        zh, en = f"{count} 片水草", f"{count} vegetation mat{'s' * (count != 1)}"
    else:
        zh, en = f"{count} 件漂浮物", f"{count} floating thing{'s' * (count != 1)}"
    if area_m2 is not None:
        return f"{zh}，约 {_number(area_m2)} m²", f"{en}, about {_number(area_m2)} m²"
    percent = _number(100 * share)
    return f"{zh}，约占水面 {percent} %", f"{en}, about {percent} % of the water"


def _number(value: float) -> str:
    """Two figures: 0.041, 2.1, 35."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
