"""Exact intervals against tables, and how often all of them hold the truth."""

from math import log

import numpy as np
import pytest

from xunhe_models.evaluate.intervals import (
    percentile_interval,
    poisson_interval,
    resamples,
    share_interval,
)


# Two-sided 95 %: 2.5 % beyond each end (Garwood 1936; the values stand in any table of them).
@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0.0, 3.6889),
        (1, 0.0253, 5.5716),
        (2, 0.2422, 7.2247),
        (5, 1.6235, 11.6683),
        (10, 4.7954, 18.3904),
        (20, 12.2165, 30.8884),
        (100, 81.3640, 121.6268),
    ],
)
def test_poisson_intervals_are_those_of_the_tables(count: int, low: float, high: float) -> None:
    assert poisson_interval(count) == pytest.approx((low, high), abs=1e-4)


def test_nothing_seen_bounds_the_mean_by_minus_log_of_0_025() -> None:
    assert poisson_interval(0)[1] == pytest.approx(-log(0.025), abs=1e-9)


def test_poisson_intervals_work_for_large_counts() -> None:
    low, high = poisson_interval(10_000)
    assert (low, high) == pytest.approx((9_804.96, 10_197.96), abs=0.5)


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (1, 10, 0.0025, 0.4450),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (4, 100, 0.0110, 0.0993),
    ],
)
def test_share_intervals_are_those_of_clopper_and_pearson(
    hits: int, trials: int, low: float, high: float
) -> None:
    assert share_interval(hits, trials) == pytest.approx((low, high), abs=1e-4)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="a count is 0 or more"):
        poisson_interval(-1)
    for hits, trials in ((3, 2), (-1, 2), (0, 0)):
        with pytest.raises(ValueError, match="0 ≤ hits ≤ trials"):
            share_interval(hits, trials)


@pytest.mark.parametrize("mean", [0.3, 2.0, 9.0])
def test_poisson_intervals_hold_the_mean_at_least_as_often_as_they_say(mean: float) -> None:
    counts = np.random.default_rng(4).poisson(mean, 20_000)
    ends = {int(k): poisson_interval(int(k)) for k in np.unique(counts)}
    assert np.mean([ends[k][0] <= mean <= ends[k][1] for k in counts.tolist()]) >= 0.948


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_share_intervals_hold_the_share_at_least_as_often_as_they_say(share: float) -> None:
    hits = np.random.default_rng(4).binomial(60, share, 20_000)
    ends = {int(k): share_interval(int(k), 60) for k in np.unique(hits)}
    assert np.mean([ends[k][0] <= share <= ends[k][1] for k in hits.tolist()]) >= 0.948


def test_the_bootstrap_holds_a_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(6)
    held = []
    for seed in range(200):
        values = rng.binomial(20, 0.6, 40) / 20
        drawn = resamples(40, seed, times=400) @ values / 40
        low, high = percentile_interval(drawn) or (1.0, 0.0)
        held.append(low <= 0.6 <= high)
    assert 0.90 <= np.mean(held) <= 0.985


def test_values_that_are_mostly_unknown_have_no_interval() -> None:
    assert percentile_interval(np.array([np.nan, np.nan, 1.0])) is None
    assert percentile_interval(np.empty(0)) is None
