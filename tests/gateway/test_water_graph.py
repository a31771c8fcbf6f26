"""Travel times with their range, and what lies below an alarm: when, and how strong."""

from dataclasses import replace

import pytest

from xunhe.domain.registry import Reach, Registry, VelocityBasis
from xunhe.water.arrival import Arrival, arrivals
from xunhe.water.evidence import Alarm
from xunhe.water.graph import RiverGraph

AT_S = 1_000_000.0


def changed(registry: Registry, code: str, **fields: object) -> Registry:
    reach = replace(registry.reaches[code], **fields)  # type: ignore[arg-type]
    return replace(registry, reaches={**registry.reaches, code: reach})


def plain(registry: Registry) -> Registry:
    """The demo's river with assumed velocities only."""
    reaches: dict[str, Reach] = {}
    for code, reach in registry.reaches.items():
        basis = VelocityBasis.ASSUMED
        reaches[code] = replace(
            reach, velocity_basis=basis, velocity_range_m_s=None, velocity_at_level=()
        )
    return replace(registry, reaches=reaches)


def alarm(place: str = "YX-S1", until_s: float | None = None, at_s: float = AT_S) -> Alarm:
    return Alarm(place, at_s - 600, at_s, until_s, {"nh3n_mg_l": 2.0})


def by_place(found: tuple[Arrival, ...]) -> dict[str, Arrival]:
    return {arrival.place: arrival for arrival in found}


def test_a_registered_range_bounds_the_travel_within_one_reach(registry: Registry) -> None:
    told = changed(registry, "YX-3", velocity_range_m_s=(0.5, 0.75), velocity_m_s=0.6)
    travel = RiverGraph(told).travel("YX-S3", "YX-Q1")
    assert travel is not None
    bounds = travel.early_s, travel.likely_s, travel.late_s
    assert bounds == pytest.approx((800 / 0.75, 800 / 0.6, 800 / 0.5))


@pytest.mark.parametrize(
    ("basis", "low", "high"),
    [
        (VelocityBasis.MEASURED, 0.85, 1.15),
        (VelocityBasis.LEVEL, 0.75, 1.3),
        (VelocityBasis.ASSUMED, 0.6, 1.6),
    ],
)
def test_a_velocity_without_a_range_gets_that_of_its_basis(
    registry: Registry, basis: VelocityBasis, low: float, high: float
) -> None:
    told = changed(plain(registry), "YX-3", velocity_basis=basis)
    velocity = RiverGraph(told).velocity(told.reaches["YX-3"])
    likely = velocity.likely_m_s
    assert (velocity.low_m_s, velocity.high_m_s) == pytest.approx((low * likely, high * likely))


@pytest.mark.parametrize(
    ("level_m", "velocity_m_s"), [(0.5, 0.4), (1.0, 0.4), (1.2, 0.5), (2.0, 0.9), (3.0, 0.9)]
)
def test_a_known_level_gives_the_velocity_of_its_curve_and_no_more(
    registry: Registry, level_m: float, velocity_m_s: float
) -> None:
    graph = RiverGraph(registry, {"YX-2": level_m})
    velocity = graph.velocity(registry.reaches["YX-2"])
    assert velocity.likely_m_s == pytest.approx(velocity_m_s)
    assert velocity.basis is VelocityBasis.LEVEL


def test_the_range_of_a_way_is_narrower_than_its_reaches_ranges_together(
    registry: Registry,
) -> None:
    """Not all reaches are fast on the same day."""
    graph = RiverGraph(plain(registry))
    travel = graph.travel("YX-S1", "YX-S3")
    assert travel is not None
    assert travel.likely_s / 1.6 < travel.early_s < travel.likely_s
    assert travel.likely_s < travel.late_s < travel.likely_s / 0.6


def test_confluences_dilute_and_abstraction_does_not_concentrate(registry: Registry) -> None:
    travel = RiverGraph(registry).travel("BJ-W1", "YX-S2")
    assert travel is not None
    assert travel.dilution == pytest.approx(1.5 / 7.5)
    drained = changed(registry, "YX-3", discharge_m3_s=2.0)
    below = RiverGraph(drained).travel("YX-S2", "YX-S3")
    assert below is not None
    assert below.dilution == 1.0


def test_no_water_flows_up_or_to_another_branch(registry: Registry) -> None:
    graph = RiverGraph(registry)
    assert graph.travel("YX-S2", "YX-S1") is None
    assert graph.travel("YX-S1", "BJ-W1") is None
    assert graph.travel("YX-S1", "nowhere") is None
    assert graph.travel_to_reach("YX-S1", "BJ-1") is None


def test_all_that_lies_below_is_listed_once_and_in_the_order_of_arrival(
    registry: Registry,
) -> None:
    found = arrivals((alarm(),), RiverGraph(registry), AT_S)
    below = ["YX-2", "YX-S2", "YX-D1", "YX-3", "YX-S3", "YX-Q1", "YX-D2"]
    assert [arrival.place for arrival in found] == below
    assert all(a.early_s < a.likely_s < a.late_s for a in found)


def test_an_alarm_further_down_is_what_the_rest_is_counted_from(registry: Registry) -> None:
    graph = RiverGraph(registry)
    second = alarm("YX-S2", at_s=AT_S + 3000)
    found = by_place(arrivals((alarm(), second), graph, AT_S + 3000))
    assert {"YX-2", "YX-S2"}.isdisjoint(found), "the plume is there already"
    assert {arrival.since for arrival in found.values()} == {"YX-S2"}
    once = by_place(arrivals((alarm(),), graph, AT_S))["YX-Q1"]
    again = found["YX-Q1"]
    assert again.late_s - again.early_s < once.late_s - once.early_s


def test_a_short_discharge_arrives_weaker_than_one_that_goes_on(registry: Registry) -> None:
    graph = RiverGraph(registry)
    short = by_place(arrivals((alarm(until_s=AT_S),), graph, AT_S + 7200))["YX-D2"]
    long = by_place(arrivals((alarm(until_s=None),), graph, AT_S + 7200))["YX-D2"]
    assert short.least_share < 0.75 < long.least_share
    assert long.least_share <= long.most_share == short.most_share == pytest.approx(0.8)


def test_nothing_lies_below_the_mouth(registry: Registry) -> None:
    bottom = replace(registry.sections["YX-D2"], position_m=3000.0)
    changed_ = replace(registry, sections={**registry.sections, "YX-D2": bottom})
    assert arrivals((alarm("YX-D2"),), RiverGraph(changed_), AT_S) == ()
