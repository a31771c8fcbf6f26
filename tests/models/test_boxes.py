"""Boxes: overlap and suppression, held against references that are slow and plain."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xunhe_models.boxes import Detections, areas, intersections, iou, nms

# A busy machine is no error.
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def detections(rows: list[tuple[int, int, int, int, int, int]]) -> Detections:
    """From rows of x, y, width, height, score in thousandths, class."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    xyxy = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1)
    return Detections(xyxy, table[:, 4] / np.float32(1000), table[:, 5].astype(np.int64))


ROWS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.integers(0, 30),
        st.integers(0, 20),
        st.integers(0, 20),
        st.integers(10, 1000),
        st.integers(0, 2),
    ),
    max_size=40,
)


def plain_iou(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / union if union > 0 else 0


def plain_nms(found: Detections, limit: float) -> list[int]:
    order = sorted(range(len(found)), key=lambda i: (-found.score[i], i))
    kept: list[int] = []
    for i in order:
        rivals = [j for j in kept if found.class_id[j] == found.class_id[i]]
        boxes = found.xyxy.tolist()
        if all(plain_iou(boxes[i], boxes[j]) <= limit for j in rivals):
            kept.append(i)
    return kept


@UNHURRIED
@given(ROWS, ROWS)
def test_overlap_agrees_with_the_plain_formula(a: list, b: list) -> None:
    left, right = detections(a), detections(b)
    matrix = iou(left.xyxy, right.xyxy)
    assert matrix.shape == (len(a), len(b))
    for i, one in enumerate(left.xyxy.tolist()):
        for j, other in enumerate(right.xyxy.tolist()):
            assert matrix[i, j] == pytest.approx(plain_iou(one, other), abs=1e-6)


@UNHURRIED
@given(ROWS, st.sampled_from([0.31, 0.47, 0.6, 0.77]))
def test_suppression_keeps_what_the_greedy_rule_keeps(rows: list, limit: float) -> None:
    found = detections(rows)
    expected = found.take(np.array(plain_nms(found, limit), dtype=np.int64))
    kept = nms(found, limit, 1000)
    assert kept.xyxy.tolist() == expected.xyxy.tolist()
    assert kept.score.tolist() == expected.score.tolist()
    assert kept.class_id.tolist() == expected.class_id.tolist()


def test_a_chain_of_boxes_loses_every_second_one() -> None:
    # Each covers the next: the second falls to the first, so the third stays, and so on.
    chain = detections([(2 * i, 0, 10, 10, 900 - i, 0) for i in range(50)])
    assert nms(chain, 0.6, 1000).xyxy[:, 0].tolist() == [4.0 * i for i in range(25)]


def test_suppression_spares_other_classes_and_stops_at_the_limit() -> None:
    same_place = detections([(0, 0, 10, 10, 500 + i, i % 2) for i in range(6)])
    assert nms(same_place, 0.6, 1000).class_id.tolist() == [1, 0]
    apart = detections([(20 * i, 0, 10, 10, 10 + i, 0) for i in range(9)])
    assert nms(apart, 0.6, 3).xyxy[:, 0].tolist() == [160, 140, 120]


def test_an_overlap_at_the_limit_is_kept_and_above_it_is_not() -> None:
    halves = detections([(0, 0, 10, 10, 900, 0), (0, 0, 10, 5, 800, 0)])
    assert len(nms(halves, 0.5, 10)) == 2
    assert len(nms(halves, 0.49, 10)) == 1


def test_clipping_leaves_out_what_lies_outside() -> None:
    found = detections([(-5, -5, 10, 10, 900, 0), (90, 0, 30, 10, 800, 1), (100, 0, 9, 9, 700, 0)])
    inside = found.clipped(100, 50)
    assert inside.xyxy.tolist() == [[0, 0, 5, 5], [90, 0, 100, 10]]
    assert inside.class_id.tolist() == [0, 1]


def test_mapping_scales_then_moves() -> None:
    moved = detections([(1, 2, 3, 4, 900, 0)]).mapped((2, 10), (100, 1000))
    assert moved.xyxy.tolist() == [[102, 1020, 108, 1060]]


def test_boxes_turned_inside_out_have_no_area() -> None:
    inside_out = np.array([[10, 10, 5, 20]], np.float32)
    assert areas(inside_out).tolist() == [0]
    assert intersections(inside_out, inside_out).tolist() == [[0]]


def test_nothing_found_is_a_result_like_any_other() -> None:
    nothing = Detections.none()
    assert len(nms(nothing, 0.6, 300)) == len(Detections.joined([])) == 0
    assert len(Detections.joined([nothing, detections([(0, 0, 1, 1, 500, 0)])])) == 1


def test_arrays_that_disagree_are_refused_with_their_shapes() -> None:
    one_score, two_classes = np.zeros(1, np.float32), np.zeros(2, dtype=np.int64)
    with pytest.raises(ValueError, match=r"\(2, 4\), \(1,\) and \(2,\)"):
        Detections(np.zeros((2, 4), np.float32), one_score, two_classes)
