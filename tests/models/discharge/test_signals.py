import numpy as np
import pytest

from xunhe_models.discharge.signals import measured, zone_colour
from xunhe_models.discharge.textures import Image

SIDE, FRAMES = 96, 5


def wall(seed: int = 1) -> Image:
    """A dull wall with a dark mouth, five equal frames."""
    rng = np.random.default_rng(seed)
    picture = np.clip(90 + rng.normal(0, 4, (SIDE, SIDE, 1)), 0, 255).repeat(3, axis=2)
    picture[20:40, 36:60] = 15
    return np.repeat(picture[None], FRAMES, axis=0).astype(np.uint8)


def with_jet(fall_px: int) -> Image:
    """White streaks below the mouth that fall `fall_px` from frame to frame."""
    rng = np.random.default_rng(2)
    streaks = rng.uniform(120, 255, (200, 14, 1)).repeat(3, axis=2)
    stack = wall()
    for index in range(FRAMES):
        stack[index, 40:90, 41:55] = np.roll(streaks, index * fall_px, axis=0)[:50]
    return stack


def test_a_dry_wall_has_no_white_water_and_does_not_flicker() -> None:
    dry = measured(wall())
    assert dry.white_share < 0.01
    assert dry.column < 0.1
    assert dry.flicker < 0.5


def test_a_jet_is_white_upright_and_flickers() -> None:
    jet = measured(with_jet(9))
    assert jet.white_share > 0.03
    assert jet.column > 0.4
    assert jet.flicker > 15
    assert jet.texture > 10


def test_slow_water_is_seen_to_go_down() -> None:
    assert measured(with_jet(2)).down_px > 0.5
    assert abs(measured(with_jet(0)).down_px) < 0.1


def test_colour_shifts_from_the_past_and_from_upstream_are_told_in_lab() -> None:
    before = wall()
    dyed = before.copy()
    dyed[:, SIDE // 2 :, :, 2] = 200
    red = measured(dyed, baseline=zone_colour(before), upstream=before)
    assert red.baseline_shift == pytest.approx(red.upstream_shift)
    assert red.baseline_shift > 30
    assert measured(before, baseline=zone_colour(before)).baseline_shift < 1e-6


def test_a_lamp_that_goes_on_is_told_apart_as_a_change_of_light() -> None:
    lamp = wall().astype(np.float32)
    lamp *= np.linspace(1, 1.5, FRAMES)[:, None, None, None]
    lit = measured(np.clip(lamp, 0, 255).astype(np.uint8))
    assert lit.light_shift > 10
    assert lit.white_share < 0.01
