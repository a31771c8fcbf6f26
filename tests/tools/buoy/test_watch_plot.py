"""Readings drawn in braille."""

from collections import deque

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from xunhe_tools.buoy.watch_command import drawing
from xunhe_tools.buoy.watch_plot import plot, scale


def dots(lines: list[str]) -> list[tuple[int, int]]:
    """(column, row) of every dot, rows from the top."""
    bits = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
    return [
        (2 * x + side, 4 * y + row)
        for y, line in enumerate(lines)
        for x, sign in enumerate(line)
        for side in range(2)
        for row in range(4)
        if (ord(sign) - 0x2800) & bits[side][row]
    ]


def test_a_rise_goes_from_the_lowest_left_to_the_highest_right() -> None:
    assert sorted(dots(plot([0, 1, 2, 3], 2, 1))) == [(0, 3), (1, 2), (2, 1), (3, 0)]


def test_a_gap_stays_a_gap_and_nothing_known_is_blank() -> None:
    assert [x for x, _ in sorted(dots(plot([1, None, 2], 2, 1)))] == [0, 2]
    assert dots(plot([None, None], 2, 2)) == []
    assert scale([None]) is None


@given(st.lists(st.none() | st.floats(-1e6, 1e6), max_size=60), st.integers(1, 9))
def test_each_of_the_last_values_is_one_dot_in_its_column(
    values: list[float | None], width: int
) -> None:
    lines = plot(values, width, 3)
    assert [len(line) for line in lines] == [width] * 3
    shown = values[-2 * width :]
    assert sorted(x for x, _ in dots(lines)) == [i for i, v in enumerate(shown) if v is not None]


def test_the_drawing_names_what_failed() -> None:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(drawing({"ph": deque([7.0, 7.1, None])}, {"Y504@1": "silence"}))
    assert "pH" in capture.get()
    assert "Y504@1: silence" in capture.get()
