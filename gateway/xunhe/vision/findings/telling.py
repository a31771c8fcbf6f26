"""What is said of a finding: whole sentences, Chinese and English."""

from math import atan2, degrees

from xunhe.domain.finding import FindingKind
from xunhe.vision.findings.bank_change import BankChange
from xunhe.vision.findings.plume import Colour, Plume

Words = tuple[str, str]

_HUES: tuple[tuple[float, Words], ...] = (  # up to which angle in the plane of Lab's a and b
    (-150.0, ("偏青绿", "towards cyan and green")),
    (-105.0, ("偏青蓝", "towards cyan and blue")),
    (-50.0, ("偏蓝紫", "towards blue and violet")),
    (0.0, ("偏紫红", "towards purple")),
    (45.0, ("偏红", "towards red")),
    (80.0, ("偏橙褐", "towards orange and brown")),
    (115.0, ("偏黄", "towards yellow")),
    (181.0, ("偏绿", "towards green")),
)
_PIECES = {
    FindingKind.LITTER: ("漂浮垃圾 {count} 件", "{count} piece(s) of floating litter"),
    FindingKind.MAT: ("水草 {count} 片", "{count} mat(s) of vegetation"),
}


def of_pieces(kind: FindingKind, count: int, area_m2: float | None, frames: int) -> Words:
    """Of litter and mats."""
    zh, en = (words.format(count=count) for words in _PIECES[kind])
    if area_m2 is not None:
        zh, en = f"{zh}，约 {area_m2:.1f} m²", f"{en}, about {area_m2:.1f} m²"
    return f"{zh}，见于 {frames} 幅画面", f"{en}, in {frames} picture(s)"


def of_plume(plume: Plume) -> Words:
    """What differs and by how much; nobody is accused."""
    zh, en = hue(plume.lab, plume.usual)
    side = ("左岸", "left bank") if plume.mouth[1] >= 0 else ("右岸", "right bank")
    area_m2, length_m, hue_off = (round(n) for n in (plume.area_m2, plume.length_m, plume.hue))
    return (
        f"约 {area_m2} m² 水面{zh}，长 {length_m} m，与上下游色差 {hue_off}，上端靠{side[0]}；"
        "宜现场取样",
        f"about {area_m2} m² of water {en}, {length_m} m long, {hue_off} (Lab) off the water"
        f" up- and downstream, its upper end near the {side[1]}; take a sample",
    )


def of_change(change: BankChange) -> Words:
    """A person names it."""
    return (
        f"岸线较上次飞行有新变化，约 {change.area_m2:.0f} m²，"
        "待人认定（乱占、乱采、乱堆、乱建或无问题）",
        f"the bank has changed since the last flight, about {change.area_m2:.0f} m²;"
        " a person has to name it, or dismiss it",
    )


def hue(lab: Colour, usual: Colour) -> Words:
    """In which direction a colour is off."""
    angle = degrees(atan2(lab[2] - usual[2], lab[1] - usual[1]))
    return next(words for limit, words in _HUES if angle < limit)
