"""Filters and options of SensorThings, as text."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xunhe.codecs.odata_filter import (
    Both,
    Comparison,
    Either,
    Negation,
    ODataError,
    holds,
    parse,
)
from xunhe.codecs.odata_options import MAX_TOP, Options, options

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
A, B, C = (Comparison(name, "eq", 1.0) for name in "abc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a eq 1", A),
        ("1 eq a", A),
        ("5 lt a", Comparison("a", "gt", 5.0)),
        ("a eq 1 and b eq 1 or c eq 1", Either(Both(A, B), C)),
        ("a eq 1 and (b eq 1 or c eq 1)", Both(A, Either(B, C))),
        ("not a eq 1 and b eq 1", Both(Negation(A), B)),
        ("name eq 'it''s and or'", Comparison("name", "eq", "it's and or")),
        ("x ge 2026-07-01T12:00:00Z", Comparison("x", "ge", NOON)),
        ("x ge 2026-07-01T20:00:00.000+08:00", Comparison("x", "ge", NOON)),
        ("Datastream/id ne null", Comparison("Datastream/id", "ne", None)),
        ("x le -1.5e2", Comparison("x", "le", -150.0)),
    ],
)
def test_a_filter_is_read_as_the_standard_binds(text: str, tree: object) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a eq",
        "a is 1",
        "a eq 1 and",
        "(a eq 1",
        "a eq 1)",
        "1 eq 2",
        "a eq b",
        "substringof('x', name)",
        "a eq 2026-13-01T00:00:00Z",
        "a eq 'x",
        "a eq #",
        " and ".join(["a eq 1"] * 101),
        "(" * 101 + "a eq 1" + ")" * 101,
    ],
)
def test_a_filter_that_cannot_be_used_says_so(text: str) -> None:
    with pytest.raises(ODataError, match=r"\$filter"):
        parse(text)


@given(st.text(alphabet="ab()'12 eqndorltgT:-Z/", max_size=40))
def test_no_filter_is_too_strange(text: str) -> None:
    with suppress(ODataError):
        parse(text)


@pytest.mark.parametrize(
    ("operator", "below", "at", "above"),
    [
        ("eq", False, True, False),
        ("ne", True, False, True),
        ("gt", False, False, True),
        ("ge", False, True, True),
        ("lt", True, False, False),
        ("le", True, True, False),
    ],
)
def test_each_operator_below_at_and_above(
    operator: str, below: bool, at: bool, above: bool
) -> None:
    tree = parse(f"x {operator} 2")
    found = [holds(tree, lambda _, value=value: value) for value in (1.0, 2, 3.0)]  # type: ignore[misc]
    assert found == [below, at, above]


def test_what_does_not_compare_is_not_in_order() -> None:
    assert not holds(parse("x gt 'a'"), lambda _: 1.0)
    assert not holds(parse("x gt 1"), lambda _: None)
    assert holds(parse("not (x gt 1) and x eq null"), lambda _: None)


def test_options_are_read_with_what_is_in_brackets() -> None:
    said = {
        "$top": "5",
        "$skip": "10",
        "$count": "true",
        "$orderby": "phenomenonTime desc, id",
        "$select": "name, id",
        "$expand": "Datastreams($top=1;$filter=name eq 'a;b,c)';$expand=Sensor),Locations",
    }
    found = options(said)
    assert (found.top, found.skip, found.count) == (5, 10, True)
    assert found.orderby == (("phenomenonTime", True), ("id", False))
    assert found.select == ("name", "id")
    inner = found.expand["Datastreams"]
    assert (inner.top, inner.filter) == (1, Comparison("name", "eq", "a;b,c)"))
    assert list(inner.expand) == ["Sensor"]
    assert found.expand["Locations"] == Options()


def test_a_path_in_an_expansion_is_one_within_another() -> None:
    found = options({"$expand": "Datastreams/Observations($top=2)"})
    assert found.expand["Datastreams"].expand["Observations"].top == 2


@pytest.mark.parametrize(("asked", "given"), [(999, 999), (1000, 1000), (1001, MAX_TOP)])
def test_a_page_has_its_limit(asked: int, given: int) -> None:
    assert options({"$top": str(asked)}).top == given


@pytest.mark.parametrize(
    "said",
    [
        {"$top": "-1"},
        {"$top": "x"},
        {"$skip": "1.5"},
        {"$count": "yes"},
        {"$orderby": "name sideways"},
        {"$expand": "Things($top=1"},
        {"$apply": "x"},
        {"$expand": "A/B/C/D/E/F"},
        {"$expand": "A(" * 900},
    ],
)
def test_options_that_cannot_be_used_say_so(said: dict[str, Any]) -> None:
    with pytest.raises(ODataError):
        options(said)


def test_what_is_no_option_is_left_alone() -> None:
    assert options({"token": "x"}) == Options(said={"token": "x"})
