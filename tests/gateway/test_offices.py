"""Units, departments, lakes, codes: what must hold between them, and who answers for what."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gateway.conftest import DEMO_REGISTRY
from xunhe.adapters.registry_codes import coded
from xunhe.adapters.registry_file import load, read_book
from xunhe.adapters.registry_people import GONE, without_person
from xunhe.adapters.registry_rows import build
from xunhe.domain.boundary import answering_unit
from xunhe.domain.codes import Coded, CodeError, check, next_code
from xunhe.domain.duty import Duty, Move
from xunhe.domain.gcj02 import to_gcj02, to_wgs84
from xunhe.domain.offices import Department, Level, Subject
from xunhe.domain.registry import Registry, RegistryError
from xunhe.domain.sign_board import outdated_since

NOW = datetime(2026, 7, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load(DEMO_REGISTRY)


def problems(registry: Registry, **changes: object) -> str:
    with pytest.raises(RegistryError) as raised:
        replace(registry, **changes)  # type: ignore[arg-type]
    return str(raised.value)


def test_a_post_belongs_to_its_unit_and_those_above(registry: Registry) -> None:
    assert [unit.code for unit in registry.units_of("VILLAGE-1")] == [
        "U-VILLAGE-1",
        "U-TOWN-UPPER",
        "U-DISTRICT",
        "U-CITY",
    ]


def test_a_department_is_found_in_the_nearest_unit_above_a_post(registry: Registry) -> None:
    found = registry.department_for(Subject.POLICE, "VILLAGE-1")
    assert found is not None
    assert found.code == "D-POLICE"
    assert registry.department_for(Subject.POLICE, "CITY") is None
    town = Department("D-TOWN", "镇派出所", "Town police", "U-TOWN-UPPER", Subject.POLICE)
    with_town = replace(registry, departments={**registry.departments, "D-TOWN": town})
    assert with_town.department_for(Subject.POLICE, "VILLAGE-1") == town
    assert with_town.department_for(Subject.POLICE, "VILLAGE-2") == found


def test_a_lake_has_its_chiefs_as_a_reach_has(registry: Registry) -> None:
    assert [post.code for post in registry.posts_of("LW-1")] == [
        "VILLAGE-3",
        "TOWN-LOWER",
        "DISTRICT",
        "CITY",
    ]
    posts = {**registry.posts, "CITY": replace(registry.posts["CITY"], lakes=())}
    assert problems(registry, posts=posts) == "lake LW-1: 0 posts at city level, must be 1"


def test_a_district_may_do_without_a_level(registry: Registry) -> None:
    posts = {code: post for code, post in registry.posts.items() if post.level is not Level.CITY}
    tenures = tuple(tenure for tenure in registry.tenures if tenure.post != "CITY")
    assert "must be 1" in problems(registry, posts=posts, tenures=tenures)
    levels = (Level.DISTRICT, Level.TOWNSHIP, Level.VILLAGE)
    assert replace(registry, posts=posts, tenures=tenures, levels=levels).levels == levels


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'parent = "U-CITY"',
            'parent = "U-X"',
            "unit U-DISTRICT: its parent U-X is not registered",
        ),
        (
            'parent = "U-CITY"',
            'parent = "U-TOWN-UPPER"',
            "its parent U-TOWN-UPPER (township) must be above district level",
        ),
        ('unit = "U-VILLAGE-1"', 'unit = "U-X"', "post VILLAGE-1: its unit U-X is not registered"),
        ('unit = "U-VILLAGE-1"', 'unit = "U-CITY"', "its unit U-CITY at city level"),
        ('subject = "police"', 'subject = "water"', "is in charge of water already"),
        ('subject = "police"', 'subject = "fish"', "subject 'fish' is not one of water"),
        ('code = "D-WATER"', 'code = "CITY"', "department CITY: a post has this code already"),
        ('lakes = ["LW-1"]', 'lakes = ["LW-9"]', "its lake LW-9 is not registered"),
        ("[[unit]]", 'levels = ["county"]\n\n[[unit]]', "level 'county' is not one of city"),
        ("[[unit]]", '[leads]\nfloatin = "water"\n\n[[unit]]', "leads: floatin is no category"),
        ("[[unit]]", '[leads]\nfloating = "fish"\n\n[[unit]]', "floating 'fish' is not one of"),
        ("[[unit]]", "[[office]]", "office is not one of unit, department"),
    ],
)
def test_what_does_not_fit_together_is_named(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    folder = Path(shutil.copytree(DEMO_REGISTRY, tmp_path / "registry"))
    path = folder / "duty.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RegistryError) as raised:
        load(folder)
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("kind", "code", "is_right"),
    [
        (Coded.REACH, "339901000001", True),
        (Coded.REACH, "33990100000", False),
        (Coded.REACH, "3399010000011", False),
        (Coded.REACH, "33990100000A", False),
        (Coded.REACH, "009901000001", False),
        (Coded.RIVER, "FD3A010000AR", True),
        (Coded.RIVER, "fd3a010000ar", False),
        (Coded.LAKE, "FA012345", True),
        (Coded.LAKE, "FA01234", False),
        (Coded.LAKE, "FA0123456", False),
        (Coded.RESERVOIR, "F12300000001", True),
        (Coded.RESERVOIR, "339901A00001", False),
    ],
)
def test_official_codes_have_the_form_of_the_standard(
    kind: Coded, code: str, is_right: bool
) -> None:
    if is_right:
        check(kind, code)
    else:
        with pytest.raises(CodeError, match=code[:6]):
            check(kind, code)


def test_an_official_code_names_one_water(registry: Registry) -> None:
    reaches = {
        **registry.reaches,
        "YX-1": replace(registry.reaches["YX-1"], official_code="339901000002"),
    }
    assert "has the official code 339901000002 already" in problems(registry, reaches=reaches)


def test_the_next_code_follows_the_highest_of_its_division() -> None:
    taken = ["339901000007", "339901000002", "339902000900"]
    assert next_code(Coded.REACH, "339901", taken) == "339901000008"
    assert next_code(Coded.RESERVOIR, "339903", taken) == "339903000001"
    with pytest.raises(CodeError, match="SL 261"):
        next_code(Coded.LAKE, "339901", taken)
    with pytest.raises(CodeError, match="33990"):
        next_code(Coded.REACH, "33990", taken)
    with pytest.raises(CodeError, match="用尽"):
        next_code(Coded.REACH, "339901", ["339901999999"])


@given(st.lists(st.integers(1, 999_998), max_size=20))
def test_a_new_code_is_sound_and_free(serials: list[int]) -> None:
    taken = [f"339901{serial:06d}" for serial in serials]
    code = next_code(Coded.REACH, "339901", taken)
    check(Coded.REACH, code)
    assert code not in taken


def test_waters_without_a_code_get_one_and_natural_lakes_do_not() -> None:
    book = read_book(DEMO_REGISTRY)
    rows = {
        **book.rows,
        "reach": [
            {key: value for key, value in row.items() if key != "official_code"}
            for row in book.rows["reach"]
        ],
    }
    made, given = coded(replace(book, rows=rows), "339901")
    assert set(given) == {"YX-1", "YX-2", "YX-3", "BJ-1"}
    assert len(set(given.values())) == 4
    assert build(made).lakes["LW-1"].official_code is None
    assert coded(made, "339901")[1] == {}


@given(st.floats(73.6, 134.7), st.floats(18.2, 53.5))
def test_a_shifted_position_comes_back(lon: float, lat: float) -> None:
    back = to_wgs84(to_gcj02((lon, lat)))
    assert back == pytest.approx((lon, lat), abs=1e-8)


def test_the_shift_is_some_hundred_metres_and_none_abroad() -> None:
    lon, lat = to_gcj02((119.42, 30.31))
    assert 0.001 < abs(lon - 119.42) + abs(lat - 30.31) < 0.015
    assert to_gcj02((2.35, 48.85)) == (2.35, 48.85)


def test_the_water_of_a_boundary_is_answered_for_by_where_it_comes_from(
    registry: Registry,
) -> None:
    section = replace(
        registry.sections["YX-D2"], upstream_unit="U-TOWN-UPPER", downstream_unit="U-TOWN-LOWER"
    )
    assert answering_unit(section) == "U-TOWN-UPPER"
    assert answering_unit(section, flows_back=True) == "U-TOWN-LOWER"
    assert answering_unit(registry.sections["YX-D1"]) is None


def test_a_sign_board_is_outdated_from_the_second_its_chief_changes(registry: Registry) -> None:
    board = registry.boards["YX-B1"]
    duty = Duty(registry.tenures, [Move("VILLAGE-1", "P6", NOW)])
    changes = duty.changes("VILLAGE-1")
    assert changes == [NOW]
    assert outdated_since(board, changes, NOW - SECOND) is None
    assert outdated_since(board, changes, NOW) == NOW
    renewed = replace(board, renewed_at=NOW)
    assert outdated_since(renewed, changes, NOW + SECOND) is None
    assert outdated_since(replace(board, renewed_at=None), changes, NOW) is None


def test_a_person_who_holds_a_duty_is_not_deleted_and_the_refusal_says_what_to_do() -> None:
    book = read_book(DEMO_REGISTRY)
    duty = Duty(build(book).tenures)
    with pytest.raises(RegistryError, match="P5 holds post VILLAGE-1: hand it over"):
        without_person(book, "P5", duty, NOW)
    with pytest.raises(RegistryError, match="P99"):
        without_person(book, "P99", duty, NOW)


def test_a_person_who_once_held_a_post_leaves_no_gap_in_history() -> None:
    book = read_book(DEMO_REGISTRY)
    duty = Duty(build(book).tenures, [Move("VILLAGE-1", "P6", NOW)])
    with pytest.raises(RegistryError):
        without_person(book, "P5", duty, NOW - SECOND)
    rows = without_person(book, "P5", duty, NOW).rows
    assert {row["code"]: row["name"] for row in rows["person"]}["P5"] == GONE


def test_a_person_who_never_held_a_post_goes() -> None:
    book = read_book(DEMO_REGISTRY)
    rows = {**book.rows, "person": [*book.rows["person"], {"code": "P9", "name": "演示人员九"}]}
    extended = replace(book, rows=rows)
    left = without_person(extended, "P9", Duty(build(extended).tenures), NOW)
    assert list(left.rows["person"]) == list(book.rows["person"])
