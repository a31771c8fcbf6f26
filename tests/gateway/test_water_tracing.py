"""Which source is suspected, and why: each kind of evidence by itself, then the farm's story."""

from dataclasses import replace

import numpy as np
import pytest

from xunhe.domain.registry import Registry
from xunhe.domain.riverside import Source, SourceKind
from xunhe.water.evidence import Alarm, Evidence, Sight, Watch
from xunhe.water.graph import RiverGraph
from xunhe.water.reasons import ReasonKind
from xunhe.water.signature import COMPOSITIONS, LEAST_CHANGE, fit, is_changed
from xunhe.water.tracing import SuspectSource, rank_sources

AT_S = 1_000_000.0
SEWAGE = {"nh3n_mg_l": 2.0, "do_mg_l": -1.4, "ph": 0.05}


def alarm(place: str, at_s: float = AT_S, **changes: float) -> Alarm:
    return Alarm(place, at_s - 480, at_s, None, changes or SEWAGE)


def watch(station: str, from_s: float = AT_S - 20_000, to_s: float = AT_S + 7200) -> Watch:
    return Watch(station, 120.0, np.arange(from_s, to_s, 120.0))


def ranked(
    registry: Registry, *alarms: Alarm, **more: tuple[object, ...]
) -> dict[str, SuspectSource]:
    evidence = Evidence(alarms, **more)  # type: ignore[arg-type]
    found = rank_sources(evidence, RiverGraph(registry))
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)
    return {suspect.source: suspect for suspect in found}


def weight(suspect: SuspectSource, kind: ReasonKind) -> float:
    return sum(reason.weight for reason in suspect.reasons if reason.kind is kind)


def with_sources(registry: Registry, *sources: Source) -> Registry:
    return replace(registry, sources={source.code: source for source in sources})


def source(registry: Registry, code: str, **changes: object) -> Source:
    return replace(registry.sources["YX-W1"], code=code, outfall=None, findings=0, **changes)  # type: ignore[arg-type]


def test_only_sources_whose_water_reaches_the_alarm_are_suspected(registry: Registry) -> None:
    assert set(ranked(registry, alarm("YX-S1"))) == {"YX-W1", "YX-W2", "YX-W3"}
    assert "YX-W6" not in ranked(registry, alarm("YX-S2"))
    assert set(ranked(registry, alarm("YX-S3"))) == set(registry.sources)


def test_shares_sum_to_one(registry: Registry) -> None:
    shares = [suspect.share for suspect in ranked(registry, alarm("YX-S3")).values()]
    assert sum(shares) == pytest.approx(1)


def test_a_station_that_stayed_clean_clears_what_lies_above_it(registry: Registry) -> None:
    before = ranked(registry, alarm("YX-S2"))
    after = ranked(registry, alarm("YX-S2"), watches=(watch("YX-S1"),))
    assert weight(after["YX-W1"], ReasonKind.CLEAN_STATION) == pytest.approx(np.log(0.05), abs=0.1)
    for code in ("BJ-W1", "YX-W4"):  # their water does not pass S1
        assert after[code].score == before[code].score
    assert next(iter(after)) == "BJ-W1"


@pytest.mark.parametrize(("hours_late", "clears"), [(0, True), (-12, False), (6, False)])
def test_a_station_clears_only_for_the_time_that_it_watched(
    registry: Registry, hours_late: float, clears: bool
) -> None:
    shift_s = hours_late * 3600
    seen = watch("YX-S1", AT_S - 10_000 + shift_s, AT_S + 3600 + shift_s)
    suspect = ranked(registry, alarm("YX-S2"), watches=(seen,))["YX-W1"]
    assert (weight(suspect, ReasonKind.CLEAN_STATION) < -1) is clears


def test_a_silent_station_clears_nobody(registry: Registry) -> None:
    silent = Watch("YX-S1", 120.0, np.empty(0))
    suspect = ranked(registry, alarm("YX-S2"), watches=(silent,))["YX-W1"]
    assert weight(suspect, ReasonKind.CLEAN_STATION) == 0


def test_who_cannot_have_caused_every_alarm_is_less_suspect(registry: Registry) -> None:
    found = ranked(registry, alarm("YX-S1"), alarm("YX-S2", AT_S + 3000))
    assert weight(found["YX-W4"], ReasonKind.OTHER_WATER) == -6
    assert weight(found["YX-W1"], ReasonKind.OTHER_WATER) == 0
    assert next(iter(found)) == "YX-W1"


def test_a_camera_that_saw_the_outfall_flow_in_time_decides(registry: Registry) -> None:
    release_s = AT_S - 3600
    flowing = Sight("YX-P2", True, release_s - 1800, release_s + 1800)
    faint = alarm("YX-S2", nh3n_mg_l=0.6, do_mg_l=-0.5, ph=0.0)
    assert next(iter(ranked(registry, faint))) != "YX-W4"
    found = ranked(registry, faint, sights=(flowing,))
    assert next(iter(found)) == "YX-W4"
    assert weight(found["YX-W4"], ReasonKind.CAMERA) == 4
    yesterday = replace(flowing, from_s=AT_S - 90_000, to_s=AT_S - 86_000)
    late = ranked(registry, alarm("YX-S2"), sights=(yesterday,))
    assert weight(late["YX-W4"], ReasonKind.CAMERA) == 0
    dry = replace(flowing, is_flowing=False)
    assert weight(ranked(registry, alarm("YX-S2"), sights=(dry,))["YX-W4"], ReasonKind.CAMERA) == -2


def test_earlier_findings_and_a_missing_permit_count_up_to_a_limit(registry: Registry) -> None:
    made = [source(registry, f"P{n}", permit="X") for n in range(3)]
    made.append(source(registry, "NONE", permit=None))
    graph = RiverGraph(with_sources(registry, *made))
    confirmed = {"P1": 1, "P2": 9}
    found = {
        suspect.source: suspect
        for suspect in rank_sources(Evidence((alarm("YX-S1"),)), graph, confirmed)
    }
    weights = [weight(found[f"P{n}"], ReasonKind.FINDINGS) for n in range(3)]
    assert weights == [0, 0.5, 1.5]
    assert weight(found["NONE"], ReasonKind.PERMIT) == 0.4
    assert weight(found["P0"], ReasonKind.PERMIT) == 0


def test_of_two_alike_the_nearer_one_comes_first(registry: Registry) -> None:
    far, near = source(registry, "A", position_m=100.0), source(registry, "B", position_m=1800.0)
    assert list(ranked(with_sources(registry, far, near), alarm("YX-S1"))) == ["B", "A"]


def test_a_source_that_is_too_small_for_the_plume_is_less_suspect(registry: Registry) -> None:
    flows = (2.0, 300.0, 3000.0, None)
    made = [source(registry, f"F{i}", flow_m3_d=flow) for i, flow in enumerate(flows)]
    found = ranked(with_sources(registry, *made), alarm("YX-S1"))
    weights = [weight(found[f"F{i}"], ReasonKind.STRENGTH) for i in range(len(flows))]
    assert weights[0] < weights[1] < weights[2] <= 0
    assert weights[0] == -3


def test_what_its_file_lists_speaks_for_or_against_it(registry: Registry) -> None:
    lists = {"NONE": (), "AMMONIA": ("nh3n_mg_l", "cod_mg_l"), "METAL": ("copper_mg_l",)}
    made = [source(registry, code, pollutants=listed) for code, listed in lists.items()]
    found = ranked(with_sources(registry, *made), alarm("YX-S1"))
    assert list(found) == ["AMMONIA", "NONE", "METAL"]


@pytest.mark.parametrize(
    ("changes", "first", "last"),
    [
        ({"nh3n_mg_l": 2.0, "do_mg_l": -1.4, "ph": 0.0}, SourceKind.LIVESTOCK, SourceKind.METAL),
        ({"nh3n_mg_l": 0.1, "do_mg_l": -0.1, "ph": -1.2}, SourceKind.METAL, SourceKind.HOUSEHOLDS),
        ({"nh3n_mg_l": 0.5, "do_mg_l": -2.8, "ph": 0.0}, SourceKind.FOOD, SourceKind.CONSTRUCTION),
    ],
)
def test_a_kind_fits_the_changes_that_its_waste_water_makes(
    changes: dict[str, float], first: SourceKind, last: SourceKind
) -> None:
    weights = {kind: fit(kind, changes).weight for kind in COMPOSITIONS}
    assert weights[first] > 0 > weights[last]


def test_an_unknown_kind_and_changes_without_meaning_say_nothing() -> None:
    assert fit(SourceKind.OTHER, {"nh3n_mg_l": 2.0}).weight == 0
    assert {round(fit(kind, {"battery_v": 1.0}).weight, 9) for kind in COMPOSITIONS} == {0}


@pytest.mark.parametrize(
    ("prop", "sign"), [("nh3n_mg_l", 1), ("do_mg_l", -1), ("ph", 1), ("ph", -1)]
)
def test_the_least_change_counts_and_less_does_not(prop: str, sign: int) -> None:
    least = sign * LEAST_CHANGE[prop]
    assert is_changed(prop, least)
    assert is_changed(prop, 1.01 * least)
    assert not is_changed(prop, 0.99 * least)
    assert not is_changed("battery_v", 9.0)


def test_without_a_change_nothing_is_said_of_waste_water_or_size(registry: Registry) -> None:
    only_seen = Alarm("YX-P1", AT_S, AT_S, None, {})
    suspect = ranked(registry, only_seen)["YX-W1"]
    kinds = {reason.kind for reason in suspect.reasons}
    assert kinds == {ReasonKind.TRAVEL, ReasonKind.FINDINGS, ReasonKind.PERMIT}


def test_the_time_of_release_fits_the_travel_time(registry: Registry) -> None:
    suspect = ranked(registry, alarm("YX-S1"))["YX-W1"]
    travel_s = 1100 / 0.6
    assert suspect.released_from_s < AT_S - travel_s < suspect.released_to_s < AT_S


def test_every_reason_speaks_chinese_and_english(registry: Registry) -> None:
    for suspect in ranked(registry, alarm("YX-S3"), watches=(watch("YX-S1"),)).values():
        for reason in suspect.reasons:
            assert any("一" <= c <= "鿿" for c in reason.zh)
            assert reason.en.isascii() or "³" in reason.en


def test_a_plume_without_an_alarm_cannot_be_traced() -> None:
    with pytest.raises(ValueError, match="without an alarm"):
        Evidence(())
