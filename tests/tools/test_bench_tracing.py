"""The bench of tracing: its rivers are hard, its truth is its own, its figures hold."""

import ast
from pathlib import Path

import numpy as np
import pytest

from xunhe.domain.network import Network
from xunhe_tools.bench.water import landscape, parcels, rivers
from xunhe_tools.bench.water.parcels import Discharge, Stretch, passages
from xunhe_tools.bench.water.rivers import VirtualRiver, random_river
from xunhe_tools.bench.water.tracing import first_alarm_s, measure


@pytest.fixture(scope="module", params=range(5000, 5004))
def river(request: pytest.FixtureRequest) -> VirtualRiver:
    return random_river(request.param)


def test_the_truth_shares_no_code_with_what_is_judged() -> None:
    for module in (landscape, parcels, rivers):
        tree = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
        names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any(name and name.startswith(("xunhe.water", "xunhe.alerts")) for name in names)


def test_at_least_15_candidates_on_3_tributaries_lie_above_the_first_alarm(
    river: VirtualRiver,
) -> None:
    noticed = {s.station: at for s in river.seen if (at := first_alarm_s(s)) is not None}
    first = min(noticed, key=lambda code: noticed[code])
    network = Network(river.registry)
    above = [s for s in river.registry.sources.values() if network.way(s.code, first)]
    assert len(above) >= 15
    assert len({s.reach for s in above if s.reach.startswith("T")}) >= 3


def test_a_third_of_the_stations_is_silent(river: VirtualRiver) -> None:
    assert len(river.seen) == round(len(river.registry.stations) * 2 / 3)


def test_the_same_seed_gives_the_same_river_and_the_same_figures() -> None:
    one, other = random_river(5001), random_river(5001)
    assert one.culprit == other.culprit
    assert one.arrival_s == other.arrival_s
    assert measure(5001, 2) == measure(5001, 2)


def test_parcels_pass_with_the_mean_and_spread_of_the_theory() -> None:
    rng = np.random.default_rng(1)
    stretches = {"A": Stretch(2000, "B", 0.5, 3, 5), "B": Stretch(3000, None, 0.4, 5, 8)}
    still = np.zeros(40_000)
    discharge = Discharge("P", "A", 500, still, 1.0, 30, 200, 0)
    places = {"up": ("A", 400.0), "mid": ("A", 1500.0), "low": ("B", 1000.0)}
    found = passages(rng, stretches, places, discharge)
    assert set(found) == {"mid", "low"}
    mean_s = 1000 / 0.5 + 500 / 0.5 + 1000 / 0.4
    spread_s2 = 2 * 5 * 1500 / 0.5**3 + 2 * 8 * 1000 / 0.4**3
    assert np.mean(found["low"]) == pytest.approx(mean_s, rel=0.01)
    assert np.var(found["low"]) == pytest.approx(spread_s2, rel=0.05)


def test_tracing_beats_a_random_ranking_on_rivers_that_did_not_tune_it() -> None:
    figures = measure(5100, 20)
    assert figures["culprit_top3"] >= 0.75 > figures["culprit_top3_random_upstream"]
    assert figures["arrival_cover"] >= 0.8


@pytest.mark.slow
def test_500_rivers_reach_the_goals() -> None:
    figures = measure(2000, 500)
    assert figures["culprit_top3"] >= 0.90
    assert figures["arrival_cover"] >= 0.85
    assert figures["culprit_top3_random"] < 0.25
