"""A line of readings drawn in braille: two columns and four rows of dots a character. Pure."""

from collections.abc import Sequence

_BLANK = 0x2800
# Bits of the eight dots: column left, right; rows from the top.
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_LEAST_SPAN = 1e-9


def plot(values: Sequence[float | None], width: int, height: int) -> list[str]:
    """`height` lines of `width` characters; the last values that fit, a gap where there is none.

    The lowest value lies on the lowest row of dots, the greatest on the highest; values that are
    all the same lie in the middle.
    """
    shown = list(values)[-2 * width :]
    known = [value for value in shown if value is not None]
    if not known:
        return [chr(_BLANK) * width] * height
    low, span = min(known), max(known) - min(known)
    rows = 4 * height
    cells = [[_BLANK] * width for _ in range(height)]
    for column, value in enumerate(shown):
        if value is None:
            continue
        share = 0.5 if span < _LEAST_SPAN else (value - low) / span
        row = rows - 1 - round(share * (rows - 1))
        cells[row // 4][column // 2] |= _DOTS[column % 2][row % 4]
    return ["".join(map(chr, line)) for line in cells]


def scale(values: Sequence[float | None]) -> tuple[float, float] | None:
    """(lowest, greatest) of what is known."""
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known else None
