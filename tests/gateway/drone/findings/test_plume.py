"""Coloured water is told from a coloured river."""

import numpy as np
import pytest

from tests.gateway.drone.findings.nadir import REACH
from xunhe.vision.findings.course import Course
from xunhe.vision.findings.plume import plumes
from xunhe.vision.findings.ribbon import CELL_M, Ribbon
from xunhe.vision.findings.telling import hue
from xunhe.vision.findings.water import Water

RIVER, PURPLE, FOAM, SHADE = (95, 88, 70), (120, 70, 130), (190, 188, 184), (52, 48, 38)
Bgr = tuple[int, int, int]


def ribbon(*patches: tuple[slice, slice, Bgr]) -> Ribbon:
    """A river of one colour with patches: metres along and across (from the left edge)."""
    made = Ribbon.empty(Course.of(REACH.line), 30.0)
    made.far[:] = 0.0
    made.bgr[:] = RIVER
    draw = np.random.default_rng(1)
    made.bgr[:] = np.clip(made.bgr + draw.normal(0, 4, made.bgr.shape), 0, 255)
    for along, across, colour in patches:
        rows, columns = (
            slice(round(part.start / CELL_M), round(part.stop / CELL_M)) for part in (across, along)
        )
        made.bgr[rows, columns] = colour
    return made


def found(one: Ribbon, *mats: tuple[float, float]) -> list[tuple[int, int]]:
    """(upper end, area) of each plume."""
    water = one.under_water(Water.along(REACH.line, 40.0))
    return [(round(each.mouth[0]), round(each.area_m2)) for each in plumes(one, water, mats)]


def test_a_coloured_patch_is_found_with_its_upper_end_and_size() -> None:
    ((mouth_m, area_m2),) = found(ribbon((slice(300, 340), slice(12, 20), PURPLE)))
    assert mouth_m == pytest.approx(302, abs=3)
    assert area_m2 == pytest.approx(320, rel=0.15)


def test_a_river_of_one_colour_has_no_plume() -> None:
    assert found(ribbon()) == []


@pytest.mark.parametrize("colour", [FOAM, SHADE], ids=["foam", "shade"])
def test_what_is_only_paler_or_darker_is_no_plume(colour: Bgr) -> None:
    assert found(ribbon((slice(300, 340), slice(12, 20), colour))) == []


def test_a_river_that_changes_colour_and_stays_so_has_no_plume() -> None:
    assert found(ribbon((slice(300, 600), slice(10, 50), PURPLE))) == []


def test_colour_on_the_bank_is_no_plume() -> None:
    assert found(ribbon((slice(300, 340), slice(0, 8), PURPLE))) == []


def test_a_patch_too_small_for_its_size_to_matter_is_left_out() -> None:
    assert found(ribbon((slice(300, 304), slice(20, 24), PURPLE))) == []


def test_the_green_of_a_mat_is_no_plume() -> None:
    patch = ribbon((slice(300, 320), slice(20, 30), (60, 120, 60)))
    assert found(patch) != []
    assert found(patch, (310.0, 5.0)) == []


def test_water_that_was_not_seen_says_nothing() -> None:
    unseen = ribbon((slice(300, 340), slice(12, 20), PURPLE))
    unseen.far[:, 600:680] = np.inf
    assert found(unseen) == []


def test_with_one_side_seen_that_side_counts() -> None:
    half = ribbon((slice(300, 340), slice(12, 20), PURPLE))
    half.far[:, 700:] = np.inf
    assert len(found(half)) == 1


@pytest.mark.parametrize(
    ("lab", "words"),
    [
        ((50, 30, 0), "偏红"),
        ((50, -30, -5), "偏青绿"),
        ((50, 0, 40), "偏黄"),
        ((50, 5, -30), "偏蓝紫"),
    ],
)
def test_the_hue_is_named(lab: tuple[float, float, float], words: str) -> None:
    assert hue(lab, (50.0, 0.0, 0.0))[0] == words
