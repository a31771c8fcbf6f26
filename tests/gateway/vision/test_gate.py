"""The gate tells of things and not of light, glare or rain."""

import numpy as np
import pytest
from numpy.typing import NDArray

from xunhe.vision.gate import Change, Gate

Image = NDArray[np.uint8]
SHAPE = (270, 480)


def water(number: int, level: int = 110) -> Image:
    rng = np.random.default_rng(number)
    return np.clip(rng.normal(level, 3, SHAPE), 0, 255).astype(np.uint8)


def gate() -> Gate:
    mask = np.zeros(SHAPE, np.uint8)
    mask[100:] = 255
    made = Gate(mask)
    for i in range(30):
        assert made.see(water(i), i * 0.2).change is Change.QUIET
    return made


def with_box(image: Image, x: int, y: int, width: int, height: int, level: int = 200) -> Image:
    image[y : y + height, x : x + width] = level
    return image


def test_a_thing_is_a_region_at_its_place() -> None:
    glimpse = gate().see(with_box(water(40), 200, 150, 8, 6), 6.0)
    assert glimpse.change is Change.REGIONS
    ((x0, y0, x1, y1),) = glimpse.regions
    assert 188 <= x0 <= 200
    assert 208 <= x1 <= 220
    assert 140 <= y0 <= 150
    assert 156 <= y1 <= 168


def test_what_is_not_water_is_not_seen() -> None:
    assert gate().see(with_box(water(40), 200, 20, 40, 40), 6.0).change is Change.QUIET


@pytest.mark.parametrize("level", [60, 90, 130, 200])
def test_a_light_step_is_light_or_nothing_and_the_next_frame_is_quiet(level: int) -> None:
    made = gate()
    assert made.see(water(41, level), 6.0).change in (Change.LIGHT, Change.QUIET)
    assert made.see(water(42, level), 6.2).change is Change.QUIET


def test_a_thing_shows_through_a_slow_change_of_light() -> None:
    made = gate()
    for i in range(50):
        made.see(water(50 + i, 110 + i // 5), 6 + 0.2 * i)
    assert made.see(with_box(water(120, 120), 200, 150, 8, 6), 16.2).change is Change.REGIONS


def test_glare_at_one_place_is_no_news_after_a_while() -> None:
    made = gate()
    told = []
    for i in range(600):
        frame = with_box(water(i), 300, 180, 9, 6, 250) if i % 3 == 0 else water(i)
        told.append(bool(made.see(frame, 6 + 0.2 * i).regions))
    assert any(told[:100])
    assert not any(told[-100:])


def test_thin_upright_streaks_are_no_regions() -> None:
    frame = water(60)
    for x in range(20, 460, 60):
        frame[140:165, x] = 190
    assert gate().see(frame, 6.0).regions == ()


def test_change_all_over_is_one_look_at_everything() -> None:
    frame = water(61)
    for x in range(10, 470, 45):
        for y in range(105, 260, 40):
            with_box(frame, x, y, 7, 7)
    assert gate().see(frame, 6.0).change is Change.MANY


def test_a_key_frame_every_two_seconds_sees_a_thing_pass() -> None:
    mask = np.full(SHAPE, 255, np.uint8)
    made = Gate(mask)
    seen = []
    for i in range(30):
        frame = with_box(water(i), 10 + 30 * (i - 10), 150, 10, 8) if i >= 10 else water(i)
        seen.append(made.see(frame, 2.0 * i).change is Change.REGIONS)
    assert not any(seen[:10])
    assert sum(seen[10:26]) >= 15
