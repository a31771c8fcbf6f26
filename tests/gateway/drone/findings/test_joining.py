"""The same thing on many frames is one thing."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.domain.finding import FindingKind
from xunhe.vision.findings.joining import BELIEVED, METRES, Joining, Thing, grouped
from xunhe.vision.findings.looking import Seen
from xunhe.vision.findings.sighting import Sighting

LITTER, MAT = FindingKind.LITTER, FindingKind.MAT


class Everywhere:
    """A frame that shows all of the ground."""

    def sighted(self, _seen: Seen, _time_s: float) -> None:
        return None

    def shows(self, places: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.ones(len(places), np.bool_)


def seen(
    at: tuple[float, float], time_s: float, score: float = 0.6, kind: FindingKind = LITTER
) -> Sighting:
    return Sighting(kind, time_s, (0, 0, 1, 1), score, at, ((1.0, 0.0), (0.0, 1.0)), 0.2)


def joined(*frames: Sequence[Sighting]) -> Joining:
    joining = Joining()
    for frame in frames:
        joining.take(Everywhere(), frame)
    return joining


def test_a_thing_seen_on_three_frames_is_one() -> None:
    joining = joined(*([seen((5.0 + 0.1 * i, 2.0), float(i))] for i in range(3)))
    ((thing, confidence),) = joining.believed()
    assert len(thing.sightings) == 3
    assert thing.at == pytest.approx((5.1, 2.0))
    assert confidence == pytest.approx(0.6)


def test_a_thing_that_drifts_with_the_current_stays_one() -> None:
    joining = joined(*([seen((0.7 * i, 0.0), float(i))] for i in range(6)))
    assert len(joining.things) == 1


def test_two_things_side_by_side_stay_two() -> None:
    joining = joined(*([seen((0.0, 0.0), t), seen((1.5, 0.0), t)] for t in (0.0, 1.0, 2.0)))
    assert sorted(len(thing.sightings) for thing in joining.things) == [3, 3]


def test_litter_and_a_mat_in_one_place_are_two_things() -> None:
    joining = joined([seen((0.0, 0.0), 0.0)], [seen((0.0, 0.0), 1.0, kind=MAT)])
    assert len(joining.things) == 2


@pytest.mark.parametrize(("gap_s", "metres"), [(0.0, 1.5), (1.0, 2.3), (100.0, 8.0)])
def test_the_gate_grows_with_time_up_to_a_limit(gap_s: float, metres: float) -> None:
    assert METRES.gate(gap_s) == pytest.approx(metres)


@pytest.mark.parametrize(
    ("scores", "chances", "confidence"),
    [((0.6,), 1, 0.3), ((0.6,), 3, 0.2), ((0.6, 0.6), 3, 0.4), ((0.9, 0.9, 0.9, 0.3), 9, 0.9)],
)
def test_looks_that_missed_it_count_against_a_thing(
    scores: tuple[float, ...], chances: int, confidence: float
) -> None:
    thing = Thing(LITTER, [seen((0, 0), float(i), score) for i, score in enumerate(scores)])
    assert thing.confidence(chances) == pytest.approx(confidence)


@pytest.mark.parametrize(
    ("score", "count"), [(BELIEVED - 0.01, 0), (BELIEVED, 1), (BELIEVED + 0.01, 1)]
)
def test_things_are_believed_from_the_threshold_on(score: float, count: int) -> None:
    frames = ([seen((0, 0), 0.0, score)], [seen((0, 0), 1.0, score)])
    assert len(joined(*frames).believed()) == count


def test_a_flicker_on_one_of_three_frames_is_not_believed() -> None:
    assert joined([seen((0, 0), 0.0, 0.9)], [], []).believed() == []


def test_neighbours_make_a_group_from_one_to_the_next() -> None:
    things = [(Thing(LITTER, [seen((east, 0.0), 0.0)]), 0.6) for east in (0.0, 10.0, 20.0, 40.0)]
    things.append((Thing(MAT, [seen((5.0, 0.0), 0.0, kind=MAT)]), 0.6))
    assert sorted(len(group) for group in grouped(things, 12.0)) == [1, 1, 3]


def test_a_thing_that_joins_two_groups_makes_them_one() -> None:
    things = [(Thing(LITTER, [seen((east, 0.0), 0.0)]), 0.6) for east in (0.0, 20.0, 10.0)]
    assert [len(group) for group in grouped(things, 12.0)] == [3]
