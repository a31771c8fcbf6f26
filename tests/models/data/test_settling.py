"""Boxes cut at the border of a picture."""

from hypothesis import given
from hypothesis import strategies as st

from xunhe_models.data.layouts.settling import Corners, clip

SIDE = st.floats(-200, 400, allow_nan=False)
SIZE = st.tuples(st.integers(1, 300), st.integers(1, 300))


@st.composite
def boxes(draw: st.DrawFn) -> Corners:
    x0, x1 = sorted((draw(SIDE), draw(SIDE)))
    y0, y1 = sorted((draw(SIDE), draw(SIDE)))
    return x0, y0, x1, y1


@given(boxes(), SIZE)
def test_a_clipped_box_is_inside_and_clipping_it_again_changes_nothing(
    box: Corners, size: tuple[int, int]
) -> None:
    once = clip(box, size)
    if once is not None:
        assert 0 <= once[0] <= once[2] <= size[0]
        assert 0 <= once[1] <= once[3] <= size[1]
        assert clip(once, size) == once


@given(boxes(), SIZE)
def test_clipping_never_makes_a_box_larger(box: Corners, size: tuple[int, int]) -> None:
    once = clip(box, size)
    if once is not None:
        assert once[0] >= box[0]
        assert once[1] >= box[1]
        assert once[2] <= box[2]
        assert once[3] <= box[3]


def test_a_sliver_at_the_border_is_dropped_from_one_pixel_down() -> None:
    assert clip((79.0, 10, 95, 30), (80, 60)) == (79.0, 10, 80.0, 30)
    assert clip((79.1, 10, 95, 30), (80, 60)) is None


def test_a_small_box_inside_stays() -> None:
    assert clip((10, 10, 10.3, 10.2), (80, 60)) == (10, 10, 10.3, 10.2)
