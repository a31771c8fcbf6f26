"""A dome camera's tour: what is judged when, and that no stop is forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.adapters.camera.patrol import Move, Patrol, Stop, Why

OUTFALL = Stop("1", "outfall", dwell_s=30, longest_s=120)
BRIDGE = Stop("2", "bridge", dwell_s=20, longest_s=60)


def settled(patrol: Patrol, time_s: float) -> Patrol:
    """Carry the due move out at `time_s`."""
    assert patrol.due(time_s) is not None
    patrol.moved(time_s)
    return patrol


def test_it_begins_by_turning_to_the_first_stop() -> None:
    assert Patrol([OUTFALL, BRIDGE], 5).due(0) == Move(OUTFALL, Why.BEGIN)


def test_nothing_is_judged_while_the_camera_turns() -> None:
    patrol = Patrol([OUTFALL, BRIDGE], settle_s=5)
    assert patrol.watching(0) is None
    patrol.due(0)
    assert patrol.watching(1) is None
    patrol.moved(2)
    assert patrol.watching(6.9) is None
    assert patrol.watching(7.0) is OUTFALL


def test_a_frame_from_before_the_move_is_not_judged_by_the_new_zones() -> None:
    patrol = settled(Patrol([OUTFALL, BRIDGE], settle_s=5), 0)
    patrol.due(35)
    patrol.moved(35)
    assert patrol.watching(34) is None
    assert patrol.watching(40) is BRIDGE


@pytest.mark.parametrize(
    ("time_s", "is_busy", "move"),
    [
        (34.9, False, None),
        (35.0, False, Move(BRIDGE, Why.DWELT)),
        (35.0, True, None),
        (124.9, True, None),
        (125.0, True, Move(BRIDGE, Why.LONGEST)),
    ],
)
def test_it_goes_on_after_its_dwell_and_stays_longer_while_something_happens(
    time_s: float, is_busy: bool, move: Move | None
) -> None:
    patrol = settled(Patrol([OUTFALL, BRIDGE], settle_s=5), 0)
    assert patrol.due(time_s, is_busy) == move


def test_an_order_is_given_once() -> None:
    patrol = Patrol([OUTFALL, BRIDGE], 5)
    assert patrol.due(0) is not None
    assert patrol.due(1) is None


def test_a_refused_order_is_tried_again_and_then_left_out() -> None:
    patrol = Patrol([OUTFALL, BRIDGE], 5, pause_s=10)
    patrol.due(0)
    patrol.refused(0)
    assert patrol.watching(20) is None
    assert patrol.due(9.9) is None
    assert patrol.due(10) == Move(OUTFALL, Why.AGAIN)
    patrol.refused(10)
    assert patrol.due(20) == Move(BRIDGE, Why.LEFT_OUT)
    patrol.moved(20)
    assert patrol.watching(25) is BRIDGE
    assert patrol.due(45) == Move(OUTFALL, Why.DWELT)
    patrol.moved(45)


def test_a_camera_with_one_stop_stays_there() -> None:
    patrol = settled(Patrol([OUTFALL], 5), 0)
    assert patrol.due(1000) is None
    assert patrol.watching(1000) is OUTFALL


@given(st.lists(st.tuples(st.floats(0.1, 40), st.booleans(), st.booleans()), max_size=60))
def test_every_stop_is_seen_again_however_busy_the_river_and_bad_the_link(
    steps: list[tuple[float, bool, bool]],
) -> None:
    patrol, time_s, seen_s = Patrol([OUTFALL, BRIDGE], 5), 0.0, {"1": 0.0, "2": 0.0}
    failures = 0
    for step_s, is_busy, is_refused in steps:
        time_s += step_s
        move = patrol.due(time_s, is_busy)
        if move is not None and is_refused and failures < 3:
            failures += 1
            patrol.refused(time_s)
        elif move is not None:
            failures = 0
            patrol.moved(time_s)
            seen_s[move.stop.preset] = time_s
    # Both stays at their longest, a refusal each time, and as many looks in between.
    assert time_s - min(seen_s.values()) < 2 * (120 + 60) + 3 * 10 + 10 * 40 + 100


@pytest.mark.parametrize(("dwell_s", "longest_s"), [(0, 10), (-1, 10), (11, 10)])
def test_a_stop_without_sense_is_refused(dwell_s: float, longest_s: float) -> None:
    with pytest.raises(ValueError, match="dwell_s"):
        Stop("1", "z", dwell_s, longest_s)
    with pytest.raises(ValueError, match="stop"):
        Patrol([], 5)
