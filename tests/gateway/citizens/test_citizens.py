"""What a report must hold, which problem it is, and what its sender sees."""

from datetime import UTC, datetime, timedelta
from math import pi
from random import Random

import pytest

from tests.gateway.web.river_rows import REGISTRY
from xunhe.desk.categories import UnknownCategoryError
from xunhe.desk.citizens import (
    OpenProblem,
    Report,
    Stage,
    UnfitReportError,
    code_hash,
    is_verified,
    reaches_near,
    same_problem,
    stage,
    tracking_code,
    verify_by,
)
from xunhe.domain.ticket import State

HERE = (120.0, 30.0)
METRE = 360 / (2 * pi * 6_371_008.8)  # degrees of latitude


def report(category: str = "discharge.secret", text: str = "水很臭", **more: str) -> Report:
    return Report(category, HERE, text, **more)


def problem(metres: float, ticket_id: int = 1, category: str = "discharge.direct") -> OpenProblem:
    return OpenProblem(ticket_id, category, (HERE[0], HERE[1] + metres * METRE))


@pytest.mark.parametrize(("metres", "joins"), [(249.9, True), (250.0, True), (250.1, False)])
def test_reports_within_250_m_are_about_the_same_problem(metres: float, joins: bool) -> None:
    found = same_problem(report(), [problem(metres)], 250.0000001)
    assert (found is not None) is joins


def test_a_report_joins_the_nearest_and_of_equals_the_older() -> None:
    near, far = problem(50, 7), problem(200, 3)
    assert same_problem(report(), [far, near], 250) is near
    older, newer = problem(50, 4), problem(50, 9)
    assert same_problem(report(), [newer, older], 250) is older


def test_a_report_of_another_group_of_problems_joins_nothing() -> None:
    assert same_problem(report("floating.litter"), [problem(1)], 250) is None
    assert same_problem(report(), [], 250) is None


@pytest.mark.parametrize("text", ["", "   ", "长" * 1001])
def test_a_report_says_something_and_not_too_much(text: str) -> None:
    with pytest.raises(UnfitReportError, match="1 to 1000 characters"):
        report(text=text)
    report(text="长" * 1000)


@pytest.mark.parametrize("lon_lat", [(181.0, 0.0), (0.0, -91.0), (float("nan"), 0.0)])
def test_a_position_lies_on_the_earth(lon_lat: tuple[float, float]) -> None:
    with pytest.raises(UnfitReportError, match="position"):
        Report("other.other", lon_lat, "问题")


def test_an_unknown_category_and_a_strange_telephone_are_refused() -> None:
    with pytest.raises(UnknownCategoryError):
        report("discharge.none")
    with pytest.raises(UnfitReportError, match="telephone"):
        report(phone="1" * 41)


def test_the_reach_is_the_nearest_one() -> None:
    reach = REGISTRY.reaches["YX-2"]
    assert reaches_near(reach.line[1], REGISTRY.reaches, 1000)[0] == "YX-2"
    with pytest.raises(UnfitReportError, match="within 1000 m"):
        reaches_near((0.0, 0.0), REGISTRY.reaches, 1000)


def test_a_code_is_read_back_however_it_is_typed() -> None:
    code = tracking_code(Random(7))
    assert len(code) == 14
    assert not set("01OIL") & set(code)
    assert code_hash(code) == code_hash(code.lower().replace("-", " "))
    assert code_hash(code) != code_hash(tracking_code(Random(8)))


def test_every_state_has_a_stage_and_only_what_a_person_found_true_is_verified() -> None:
    assert stage(State.UNVERIFIED) is Stage.TO_VERIFY
    assert stage(State.SUSPENDED) is Stage.IN_HAND
    assert stage(State.ARCHIVED) is Stage.DONE
    unverified = {state for state in State if not is_verified(state)}
    assert unverified == {State.UNVERIFIED, State.DECLINED, State.FALSE_ALARM}


def test_the_time_to_verify_is_counted_from_the_reception() -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    assert verify_by(at, 24) - at == timedelta(hours=24)
