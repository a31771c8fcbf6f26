"""一河一策: a plan's cycle of years, its five approvals in order, its tasks year by year."""

import pytest

from tests.gateway.desk.books import Book, at
from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision import river_plans
from xunhe.desk.river_plans import Cycle, PlanError, RiverPlan, Step, covering, folded
from xunhe.desk.tasks import ListKind, Plan, Task

NOW = at("2026-01-05 09:00:00")
PLAN = RiverPlan("P-1", "云溪", "云溪一河一策", "U-D", Cycle(2026, 2030))


@pytest.mark.parametrize(("first", "last"), [(2026, 2025), (2026, 2036)])
def test_a_cycle_that_ends_before_it_begins_or_after_ten_years_is_refused(
    first: int, last: int
) -> None:
    with pytest.raises(PlanError, match=f"{first}"):
        Cycle(first, last)


def test_a_cycle_holds_its_first_and_its_last_year() -> None:
    cycle = Cycle(2026, 2030)
    assert [year in cycle for year in (2025, 2026, 2030, 2031)] == [False, True, True, False]
    assert cycle.meets(Cycle(2030, 2032))
    assert not cycle.meets(Cycle(2031, 2032))


def task(year: int, *, river: str = "云溪", kind: ListKind = ListKind.MEASURES) -> Task:
    due = at(f"{year}-12-31 18:00:00")
    plan = Plan(kind, year, "清淤", river, "U-D", "DISTRICT", "km", (0, 0, 0, 4), due)
    return Task(f"T-{year}", plan, due, (), done=2)


def test_its_tasks_are_the_measures_of_its_river_in_its_years() -> None:
    own = [task(2026), task(2030)]
    others = [task(2025), task(2031), task(2026, river="北涧"), task(2026, kind=ListKind.MAJOR)]
    assert PLAN.tasks([*others, *own]) == own
    years = PLAN.by_year(own)
    assert list(years) == [2026, 2027, 2028, 2029, 2030]
    assert (years[2026].total, years[2026].mean, years[2027].mean) == (1, 0.5, None)
    assert covering([PLAN], "云溪", 2030) is PLAN
    assert covering([PLAN], "云溪", 2031) is None


def test_five_approvals_are_given_in_their_order_and_then_it_is_in_force(
    database: Database,
) -> None:
    with database.write() as connection:
        river_plans.put(connection, PLAN, "office", NOW)
        for step in Step:
            for other in set(Step) - {step}:
                with pytest.raises(PlanError):
                    river_plans.decide(
                        connection, "P-1", other, "纪要", "office", NOW, is_approved=True
                    )
            assert not river_plans.plans(connection)["P-1"].is_in_force
            river_plans.decide(connection, "P-1", step, "纪要", "office", NOW, is_approved=True)
        made = river_plans.plans(connection)["P-1"]
    assert made.is_in_force
    assert made.next_step is None


def test_what_is_sent_back_waits_to_be_set_again_and_begins_anew() -> None:
    book = Book()
    book.write("2026-01-05 09:00:00", "plan.set", "plan:P-1", **PLAN.data())
    book.write("2026-01-06 09:00:00", "plan.approved", "plan:P-1", step=1, note="同意")
    book.write("2026-01-07 09:00:00", "plan.returned", "plan:P-1", step=2, note="目标过低")
    back = folded(book.entries)["P-1"]
    assert (back.next_step, back.returned, back.is_in_force) == (None, "目标过低", False)
    book.write("2026-01-08 09:00:00", "plan.set", "plan:P-1", **PLAN.data())
    assert folded(book.entries)["P-1"] == PLAN
    assert PLAN.next_step is Step.LEAD


def test_a_river_has_one_plan_at_a_time(database: Database) -> None:
    later = RiverPlan("P-2", "云溪", "下一周期", "U-D", Cycle(2030, 2034))
    with database.write() as connection:
        river_plans.put(connection, PLAN, "office", NOW)
        with pytest.raises(PlanError, match="P-1"):
            river_plans.put(connection, later, "office", NOW)
        other = RiverPlan("P-3", "北涧", "北涧一河一策", "U-D", Cycle(2030, 2034))
        river_plans.put(connection, other, "office", NOW)
        river_plans.put(connection, PLAN, "office", NOW)  # its own years again
        assert set(river_plans.plans(connection)) == {"P-1", "P-3"}
