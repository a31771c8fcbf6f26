"""The tree of problems: every code leads to a department, every class of a model to a code."""

import pytest

from xunhe.desk.categories import (
    CATEGORIES,
    OF_SIGHT,
    TREE,
    UnknownCategoryError,
    category,
    lead,
    of_incident,
)
from xunhe.domain.incident import Kind, Rule
from xunhe.domain.offices import Subject
from xunhe.domain.sight import SightKind
from xunhe_models.data.pictures import CLASSES


def test_every_category_has_a_lead_department_and_every_department_leads() -> None:
    assert {category.lead for category in CATEGORIES.values()} == set(Subject)


def test_the_groups_are_those_of_the_river_chief_system() -> None:
    assert [group.zh for group in TREE] == [
        "三排",
        "四乱",
        "漂浮物",
        "淤积",
        "设施",
        "公示牌",
        "水质",
        "其他",
    ]
    assert [each.zh for each in TREE[1].categories] == ["乱占", "乱采", "乱堆", "乱建"]
    assert {"偷排", "直排", "乱排"} <= {each.zh for each in TREE[0].categories}


def test_codes_are_group_and_leaf_and_none_comes_twice() -> None:
    assert len(CATEGORIES) == sum(len(group.categories) for group in TREE)
    for group in TREE:
        for each in group.categories:
            assert each.group == group.code
            assert each.code.count(".") == 1


@pytest.mark.parametrize("kind", Kind)
def test_every_incident_has_a_category(kind: Kind) -> None:
    assert of_incident(kind.value).code in CATEGORIES


@pytest.mark.parametrize("label", sorted({*CLASSES, *(kind.value for kind in SightKind)}))
def test_every_class_of_a_model_has_a_category(label: str) -> None:
    assert OF_SIGHT[label] in CATEGORIES


def test_a_seen_discharge_accuses_and_an_ammonia_step_does_not() -> None:
    assert of_incident(Kind.DISCHARGE, Rule.SEEN_DISCHARGE).accuses
    assert not of_incident(Kind.DISCHARGE, Rule.AMMONIA_STEP).accuses
    assert of_incident(Kind.DUMPING, Rule.SEEN_DUMPING).accuses


def test_a_site_may_give_a_leaf_or_a_group_another_lead() -> None:
    assert lead("floating.litter", {}) is Subject.WATER
    assert lead("floating.litter", {"floating": Subject.HOUSING}) is Subject.HOUSING
    leads = {"floating": Subject.HOUSING, "floating.litter": Subject.ENVIRONMENT}
    assert lead("floating.litter", leads) is Subject.ENVIRONMENT
    assert lead("floating.vegetation", leads) is Subject.HOUSING


def test_an_unknown_code_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownCategoryError, match=r"floating\.litter"):
        category("floating")
