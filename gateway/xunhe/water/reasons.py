"""Why a source is suspected or not: each piece of evidence, weighed and put into words.

A reason adds the logarithm of how much likelier it makes this source than an ordinary one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log

from xunhe.domain.riverside import Source
from xunhe.water.evidence import Alarm, Evidence, Sight, Watch
from xunhe.water.graph import RiverGraph, Travel
from xunhe.water.signature import Fit, fit, is_changed, usual_flow_m3_d

_OUT_OF_REACH = -6.0  # an alarm that this source cannot have caused; two sources may be at work
_MISSED = 0.05  # chance that a working station does not see a plume that passes it
_NO_PERMIT = 0.4
_LISTED, _NOT_LISTED = 0.3, -0.6  # its file names, or does not name, what would do that
_A_FINDING, _MOST_FINDINGS = 0.5, 3  # each earlier finding, and how many count
_SEEN_FLOWING, _SEEN_DRY = 4.0, -2.0
_BURST = 4.0  # a tank let off at once: times the flow of a usual day
_TOO_STRONG, _TOO_WEAK = 1.5, 3.0  # one sigma of the logarithm of strength, above and below
_LEAST_SIZE = -3.0
_FAR_M = 30_000.0  # of two that are alike in all else, the nearer one
_PASSING_S = 1200.0  # a plume takes some samples to pass


class ReasonKind(StrEnum):
    """What kind of evidence a reason rests on."""

    TRAVEL = "travel"
    OTHER_WATER = "other_water"
    CLEAN_STATION = "clean_station"
    WATER = "water"
    LISTED = "listed"
    STRENGTH = "strength"
    PERMIT = "permit"
    FINDINGS = "findings"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True)
class Reason:
    """One piece of evidence: how much it adds to the score (nats), and in words."""

    kind: ReasonKind
    weight: float
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source, and its way to the first alarm that its water reaches."""

    source: Source
    alarm: Alarm
    travel: Travel
    released_from_s: float
    released_to_s: float


def reasons_of(
    candidate: Candidate, evidence: Evidence, graph: RiverGraph, confirmed: Mapping[str, int]
) -> Iterator[Reason]:
    """Everything that the evidence says of one source, for it and against it."""
    yield _travel(candidate, graph)
    yield from _other_water(candidate, evidence, graph)
    yield from _clean_stations(candidate, evidence, graph)
    if changed := _changed(candidate.alarm):
        fitted = fit(candidate.source.kind, candidate.alarm.changes)
        yield _water(candidate, changed, fitted)
        yield from _listed(candidate, changed)
        yield from _strength(candidate, fitted, graph)
    yield from _file(candidate.source, confirmed.get(candidate.source.code, 0))
    yield from _cameras(candidate, evidence.sights)


def _travel(candidate: Candidate, graph: RiverGraph) -> Reason:
    travel, station = candidate.travel, graph.registry.place(candidate.alarm.place)
    early, late = round(travel.early_s / 60), round(travel.late_s / 60)
    kilometres, basis = travel.metres / 1000, travel.basis
    return Reason(
        ReasonKind.TRAVEL,
        -travel.metres / _FAR_M,
        f"在{station.name}上游 {kilometres:.1f} km，水到需 {early}–{late} 分钟"
        f"（流速{basis.label_zh}）",
        f"{kilometres:.1f} km above {station.name_en}: {early} to {late} min of travel (velocity"
        f" {basis.value})",
    )


def _other_water(candidate: Candidate, evidence: Evidence, graph: RiverGraph) -> Iterator[Reason]:
    for alarm in evidence.alarms:
        if graph.travel(candidate.source.code, alarm.place) is None:
            station = graph.registry.place(alarm.place)
            yield Reason(
                ReasonKind.OTHER_WATER,
                _OUT_OF_REACH,
                f"它的水到不了也已报警的{station.name}",
                f"its water does not reach {station.name_en}, which alarmed too",
            )


def _clean_stations(
    candidate: Candidate, evidence: Evidence, graph: RiverGraph
) -> Iterator[Reason]:
    """Stations on its way to the alarm that the plume would have passed before."""
    alarm = candidate.alarm
    for watch in evidence.watches:
        travel = graph.travel(watch.station, alarm.place)
        if travel is None or graph.travel(candidate.source.code, watch.station) is None:
            continue
        from_s, to_s = alarm.from_s - travel.late_s, alarm.to_s - travel.early_s + _PASSING_S
        share = watch.covered(from_s, min(to_s, alarm.to_s))
        if share:
            yield _clean(watch, share, graph)


def _clean(watch: Watch, share: float, graph: RiverGraph) -> Reason:
    station = graph.registry.place(watch.station)
    return Reason(
        ReasonKind.CLEAN_STATION,
        log(1 - (1 - _MISSED) * share),
        f"途经的{station.name}同期正常（该时段有 {share:.0%} 的数据）",
        f"{station.name_en} on its way stayed clean ({share:.0%} of that time was watched)",
    )


def _water(candidate: Candidate, changed: list[str], fitted: Fit) -> Reason:
    kind = candidate.source.kind
    seen_zh = "、".join(_NAMES_ZH[prop] for prop in changed)
    seen_en = ", ".join(_NAMES_EN[prop] for prop in changed)
    fits_zh, fits_en = ("相符", "fits") if fitted.weight > 0 else ("不太相符", "hardly fits")
    return Reason(
        ReasonKind.WATER,
        fitted.weight,
        f"{kind.label_zh}的废水与所见变化（{seen_zh}）{fits_zh}",
        f"waste water of its kind ({kind.label_en}) {fits_en} what changed ({seen_en})",
    )


def _listed(candidate: Candidate, changed: list[str]) -> Iterator[Reason]:
    """What its file lists, where it lists anything."""
    listed = set(candidate.source.pollutants)
    for prop in changed if listed else ():
        if listed.isdisjoint(_SHOWN_BY[prop]):
            zh, en = "档案未列与“{}”有关的污染物", "its file lists nothing that brings {}"
            weight = _NOT_LISTED
        else:
            zh, en = "档案列有与“{}”有关的污染物", "its file lists what brings {}"
            weight = _LISTED
        words = zh.format(_NAMES_ZH[prop]), en.format(_NAMES_EN[prop])
        yield Reason(ReasonKind.LISTED, weight, *words)


def _strength(candidate: Candidate, fitted: Fit, graph: RiverGraph) -> Iterator[Reason]:
    """Whether a source of this size can have let go as much waste water as passes the station."""
    source = candidate.source
    usual_m3_d = usual_flow_m3_d(source)
    if usual_m3_d is None:
        return
    reach = graph.registry.reaches[graph.registry.place(candidate.alarm.place).reach]
    needed_m3_h, usual_m3_h = fitted.share * reach.discharge_m3_s * 3600, usual_m3_d / 24
    excess = log(needed_m3_h / (_BURST * usual_m3_h))
    sigma = _TOO_STRONG if excess > 0 else _TOO_WEAK
    yield Reason(
        ReasonKind.STRENGTH,
        max(_LEAST_SIZE, -0.5 * (excess / sigma) ** 2),
        f"需每小时约 {needed_m3_h:.0f} m³ 废水，该源平日约 {usual_m3_h:.0f} m³",
        f"takes about {needed_m3_h:.0f} m³ of waste water an hour; it usually has about"
        f" {usual_m3_h:.0f} m³",
    )


def _changed(alarm: Alarm) -> list[str]:
    return [prop for prop, change in alarm.changes.items() if is_changed(prop, change)]


def _file(source: Source, confirmed: int) -> Iterator[Reason]:
    if source.permit is None:
        yield Reason(ReasonKind.PERMIT, _NO_PERMIT, "没有排污许可", "has no permit")
    earlier = source.findings + confirmed
    if earlier:
        weight = _A_FINDING * min(earlier, _MOST_FINDINGS)
        zh, en = f"以前查实过 {earlier} 次", f"violations found before: {earlier}"
        yield Reason(ReasonKind.FINDINGS, weight, zh, en)


def _cameras(candidate: Candidate, sights: tuple[Sight, ...]) -> Iterator[Reason]:
    from_s, to_s = candidate.released_from_s, candidate.released_to_s
    own = [
        sight
        for sight in sights
        if candidate.source.outfall == sight.outfall
        and sight.from_s <= to_s
        and from_s <= sight.to_s
    ]
    if any(sight.is_flowing for sight in own):
        zh, en = "摄像机在对应时段看到其排口出水", "a camera saw its outfall flow at that time"
        yield Reason(ReasonKind.CAMERA, _SEEN_FLOWING, zh, en)
    elif own:
        zh, en = "摄像机在对应时段看到其排口无水", "a camera saw its outfall dry at that time"
        yield Reason(ReasonKind.CAMERA, _SEEN_DRY, zh, en)


# Which entries of a source's file let expect a change of which property.
_SHOWN_BY = {
    "nh3n_mg_l": {"nh3n_mg_l", "tn_mg_l"},
    "do_mg_l": {"cod_mg_l", "codmn_mg_l", "bod5_mg_l", "nh3n_mg_l"},
    "ph": {"ph"},
}
_NAMES_ZH = {"nh3n_mg_l": "氨氮升高", "do_mg_l": "溶解氧下降", "ph": "pH 变化"}
_NAMES_EN = {"nh3n_mg_l": "ammonia up", "do_mg_l": "oxygen down", "ph": "a step of pH"}
