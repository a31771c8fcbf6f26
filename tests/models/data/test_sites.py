"""The site that a picture's name tells."""

import pytest

from xunhe_models.data.layouts.class_names import BACKGROUND, ClassNames
from xunhe_models.data.layouts.sites import SiteRule


@pytest.mark.parametrize(
    ("name", "site"),
    [
        ("images/canal_0001.jpg", "set/canal"),
        ("images/clip3_0001.jpg", "set/clip3"),
        ("images/000123.jpg", "set"),
        ("images/IMG_20200101_120000.jpg", "set/IMG"),
        ("GOPR0044.JPG", "set/GOPR"),
        ("photo (12).png", "set/photo"),
        ("east bridge.jpg", "set/east bridge"),
        ("train/images/x_1.jpg", "set/x"),
        ("east/images/1.jpg", "set/east"),
        ("town/east/1.jpg", "set/town/east"),
        ("images/frame_0012_jpg.rf.8a1b2c.jpg", "set/frame"),
        ("东桥_0001.jpg", "set/东桥"),
    ],
)
def test_the_general_rule_joins_what_may_belong_together(name: str, site: str) -> None:
    assert SiteRule("set").site(name) == site


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("Plastic bottle", "litter"),
        ("plastic-bag ", "litter"),
        ("漂浮物", "litter"),
        ("水葫芦", "vegetation_mat"),
        ("排污口", "outfall"),
        ("unsure", "unsure"),
        ("boat", None),
        ("", None),
    ],
)
def test_common_class_names_are_understood_and_others_are_not_guessed(
    name: str, label: str | None
) -> None:
    assert ClassNames().label(name) == label


def test_a_class_may_be_named_background() -> None:
    names = ClassNames(rest="litter").with_more({"Boat": BACKGROUND})
    assert names.label("boat") == BACKGROUND
    assert names.label("anything") == "litter"
