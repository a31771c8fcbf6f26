"""What the report says in numbers and sentences, the same on the page, on paper and in KML."""

from dataclasses import dataclass
from datetime import datetime

from xunhe.domain.clock import SHANGHAI
from xunhe.domain.finding import FindingKind, FindingStatus, FlightFinding
from xunhe.domain.flight import Flight
from xunhe.domain.registry import Reach

COLOURS = {
    FindingKind.LITTER: "#d9480f",
    FindingKind.MAT: "#2b8a3e",
    FindingKind.PLUME: "#9c36b5",
    FindingKind.BANK_CHANGE: "#1864ab",
}
GONE_COLOUR = "#868e96"
_LEAST_GAP_M = 1.0
_NEEDS_PLACES = (FindingKind.PLUME, FindingKind.BANK_CHANGE)


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name, Chinese and English."""

    zh: str
    en: str
    value: str


@dataclass(frozen=True, slots=True)
class Row:
    """A finding as a reader wants it."""

    id: str
    kind_zh: str
    kind_en: str
    status_zh: str
    status_en: str
    where: str
    position: str
    size: str
    seen: str
    confidence: str
    reason_zh: str
    reason_en: str
    picture: str | None
    colour: str


def colour_of(finding: FlightFinding) -> str:
    """By its kind; grey for what is gone."""
    return COLOURS[finding.kind] if finding.is_there else GONE_COLOUR


def headline(reach: Reach) -> str:
    """The report's title."""
    return f"{reach.name}空中巡河报告"


def headline_en(reach: Reach) -> str:
    """The same in English."""
    return f"Drone patrol of {reach.name_en}"


def facts(flight: Flight) -> list[Fact]:
    """The few numbers that come first."""
    found = [Fact(kind.label_zh, kind.label_en, _count(flight, kind)) for kind in FindingKind]
    pieces = sum(one.count for one in flight.of_kind(FindingKind.LITTER))
    return [
        Fact("河段覆盖", "of the reach seen", _share(flight)),
        Fact("垃圾件数", "pieces of litter", str(pieces)),
        *found,
        *_compared(flight),
    ]


def about(flight: Flight, reach: Reach) -> list[Fact]:
    """When, where, by what."""
    minutes = f"{flight.lasts_s / 60:.1f} min"
    rows = [
        Fact("河段", "reach", f"{reach.name} {reach.name_en}（{reach.code}）"),
        Fact("时间", "time", _span(flight)),
        Fact("录像", "film", f"{flight.film}，{minutes}"),
        Fact("查看画面", "frames looked at", str(flight.frames_looked_at)),
        Fact("飞行编号", "flight", flight.id),
    ]
    if flight.drone:
        rows.insert(2, Fact("无人机", "drone", flight.drone))
    return rows


def sentence(flight: Flight) -> tuple[str, str]:
    """The result in one sentence."""
    there = [one for one in flight.findings if one.is_there]
    if not there and flight.coverage is None:
        return "录像中未发现漂浮物。", "Nothing was found afloat on this film."
    if not there:
        return "本次飞行未发现问题。", "This flight found nothing."
    kinds = [(kind, len(flight.of_kind(kind))) for kind in FindingKind]
    zh = "、".join(f"{kind.label_zh} {count} 处" for kind, count in kinds if count)
    en = ", ".join(f"{count} × {kind.label_en}" for kind, count in kinds if count)
    waiting = sum(one.kind.waits_for_a_name for one in there)
    if waiting:
        zh, en = f"{zh}；{waiting} 处待人认定", f"{en}; {waiting} wait for a person's decision"
    return f"本次飞行发现 {zh}。", f"This flight found {en}."


def coverage_words(flight: Flight) -> tuple[str, str]:
    """What was seen and what was not, by kilometre."""
    if flight.coverage is None:
        return (
            "没有遥测，不知道飞过何处：发现只按录像时间排列，也可能不在河里。"
            "没有查找异色水流和岸线变化：前者要与上下游的水色相比，后者要与上次飞行的同一地点相比，"
            "而这里不知道哪里是水。",
            "Without telemetry nobody knows where it flew: findings stand on the film's time axis"
            " and may lie beside the river. Coloured water and changes of the bank were not looked"
            " for: the one is compared with the water up- and downstream, the other with the same"
            " place on the last flight, and here nobody knows where the water is.",
        )
    seen = flight.coverage
    gaps = [gap for gap in seen.unseen if gap.length_m >= _LEAST_GAP_M]
    zh = f"看清水面 {seen.seen_m:.0f} m，占河段 {seen.length_m:.0f} m 的 {seen.share:.0%}。"
    en = f"{seen.seen_m:.0f} m of {seen.length_m:.0f} m of water were seen, {seen.share:.0%}."
    if gaps:
        told = "、".join(f"{gap.from_m / 1000:.2f}–{gap.to_m / 1000:.2f} km" for gap in gaps)
        zh, en = f"{zh}未看到：{told}。", f"{en} Not seen: {told}."
    return zh, en


def rows(flight: Flight) -> list[Row]:
    """Every finding."""
    return [_row(one) for one in flight.findings]


def stamp(at: datetime | None) -> str:
    """2026-05-01 10:00:05, in Asia/Shanghai."""
    return "" if at is None else f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


def film_time(time_s: float) -> str:
    """12:05 on the film."""
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}:{seconds:02d}"


def _row(one: FlightFinding) -> Row:
    lon_lat = None if one.at is None else one.at.lon_lat
    size = [f"{one.count} 件" if one.kind is FindingKind.LITTER else ""]
    size.append("" if one.area_m2 is None else f"{one.area_m2:.1f} m²")
    return Row(
        id=one.id,
        kind_zh=one.kind.label_zh,
        kind_en=one.kind.label_en,
        status_zh=one.status.label_zh if one.status else "",
        status_en=one.status.label_en if one.status else "",
        where=_where(one),
        position="" if lon_lat is None else f"{lon_lat[1]:.6f}, {lon_lat[0]:.6f}",
        size=" ".join(part for part in size if part),
        seen=_seen(one),
        confidence=f"{one.confidence:.2f}",
        reason_zh=one.reason_zh,
        reason_en=one.reason_en,
        picture=one.picture,
        colour=colour_of(one),
    )


def _where(one: FlightFinding) -> str:
    if one.at is None or one.at.river is None:
        return f"录像 {film_time(one.first_s)}"
    river = one.at.river
    side = "左" if river.off_line_m >= 0 else "右"
    unsure_m = one.at.ellipse.major_m
    return f"{river.kilometre:.2f} km {side} {abs(river.off_line_m):.0f} m（±{unsure_m:.1f} m）"


def _seen(one: FlightFinding) -> str:
    on_film = f"{film_time(one.first_s)}–{film_time(one.last_s)}"
    return on_film if one.first_at is None else f"{stamp(one.first_at)[11:]}（{on_film}）"


def _span(flight: Flight) -> str:
    if flight.started_at is None or flight.ended_at is None:
        return "不知 not known"
    return f"{stamp(flight.started_at)} – {stamp(flight.ended_at)[11:]}"


def _count(flight: Flight, kind: FindingKind) -> str:
    """How many; a dash for what a film without places cannot be searched for."""
    is_looked_for = flight.coverage is not None or kind not in _NEEDS_PLACES
    return str(len(flight.of_kind(kind))) if is_looked_for else "–"


def _share(flight: Flight) -> str:
    return "–" if flight.coverage is None else f"{flight.coverage.share:.0%}"


def _compared(flight: Flight) -> list[Fact]:
    if flight.compared_with is None:
        return []
    counts = {
        status: sum(one.status is status for one in flight.findings) for status in FindingStatus
    }
    told = " / ".join(str(counts[status]) for status in FindingStatus)
    return [Fact("新增 / 仍在 / 消失", "new / still / gone", told)]
