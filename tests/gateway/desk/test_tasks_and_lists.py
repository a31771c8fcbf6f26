"""Rows 40 to 42, 65, 74: tasks with quarterly targets, and the three lists in figures."""

from datetime import datetime, timedelta

import pytest

from tests.gateway.desk.books import Book, at
from xunhe.desk.lights import Light, light
from xunhe.desk.lists import exposure, is_proposed, progress, reviews
from xunhe.desk.problems import folded as problems_of
from xunhe.desk.tasks import ListKind, Plan, TaskError, folded

SECOND = timedelta(seconds=1)
DUE = at("2026-12-31 18:00:00")


def plan(targets: tuple[float, ...] = (1, 2, 3, 4), due_at: datetime = DUE) -> Plan:
    return Plan(ListKind.MEASURES, 2026, "清淤", "云溪", "U-T", "TOWN", "km", targets, due_at)


@pytest.mark.parametrize(
    ("when", "fraction"),
    [
        ("2025-12-31 23:59:59", 0.0),
        ("2026-01-01 00:00:00", 0.0),
        ("2026-04-01 00:00:00", 0.25),
        ("2026-07-01 00:00:00", 0.5),
        ("2026-10-01 00:00:00", 0.75),
        ("2027-01-01 00:00:00", 1.0),
        ("2027-01-01 00:00:01", 1.0),
    ],
)
def test_a_quarters_target_is_planned_by_its_last_instant(when: str, fraction: float) -> None:
    assert plan().planned(at(when)) == pytest.approx(fraction)


def test_between_quarters_the_plan_is_straight() -> None:
    middle = plan((0, 4, 4, 4)).planned(at("2026-05-16 12:00:00"))
    assert middle == pytest.approx(0.5, abs=0.01)
    assert plan((0, 4, 4, 4)).planned(at("2026-03-31 23:59:59")) == 0


@pytest.mark.parametrize("targets", [(1, 2, 3), (3, 2, 3, 4), (0, 0, 0, 0), (-1, 0, 1, 2)])
def test_targets_that_fall_or_come_to_nothing_are_refused(targets: tuple[float, ...]) -> None:
    with pytest.raises(TaskError, match="季度目标"):
        plan(targets)


def test_a_deadline_before_the_year_has_begun_is_refused() -> None:
    with pytest.raises(TaskError, match="期限"):
        plan(due_at=at("2026-01-01 00:00:00"))
    assert plan(due_at=at("2026-01-01 00:00:01"))


def test_a_task_behind_its_quarter_is_yellow_and_past_its_deadline_red() -> None:
    book = Book()
    book.task("2026-01-05 09:00:00", "7")
    book.write("2026-06-20 09:00:00", "task.progress", "task:7", "TOWN", done=1.5)
    task = folded(book.entries)["7"]
    july = at("2026-07-01 00:00:00")
    assert light(task.standing(july), july, 0.1)[0] is Light.YELLOW  # 0.375 of 0.5
    assert light(task.standing(july), july, 0.125)[0] is Light.GREEN
    assert light(task.standing(DUE), DUE - SECOND, 0.1)[0] is Light.YELLOW
    assert light(task.standing(DUE), DUE, 0.1)[0] is Light.RED


def test_a_new_plan_keeps_the_progress_and_an_extension_adds_a_spell() -> None:
    book = Book()
    book.task("2026-01-05 09:00:00", "7")
    book.write("2026-03-01 09:00:00", "task.progress", "task:7", "TOWN", done=2)
    book.task("2026-04-01 09:00:00", "7", targets=[1.0, 2.0, 4.0, 8.0])
    book.write("2026-05-01 09:00:00", "task.due", "task:7", due_at="2027-01-31T10:00:00Z")
    task = folded(book.entries)["7"]
    assert task.progress == 0.25
    assert task.due_at == at("2027-01-31 18:00:00")
    assert [spell.due_at for spell in task.spells] == [DUE, DUE, task.due_at]


def test_a_task_is_closed_whole_and_by_another_post() -> None:
    book = Book()
    book.task("2026-01-05 09:00:00", "7")
    book.write("2026-06-01 09:00:00", "task.progress", "task:7", "TOWN", done=3.9)
    with pytest.raises(TaskError, match=r"3\.9"):
        folded(book.entries)["7"].check_closing("DISTRICT")
    book.write("2026-07-01 09:00:00", "task.progress", "task:7", "TOWN", done=4)
    task = folded(book.entries)["7"]
    with pytest.raises(TaskError, match="自己销号"):
        task.check_closing("TOWN")
    task.check_closing("DISTRICT")
    book.write("2026-07-02 09:00:00", "task.closed", "task:7", "DISTRICT", note="验收")
    with pytest.raises(TaskError, match="已销号"):
        folded(book.entries)["7"].check_closing("DISTRICT")


def test_done_of_total_and_mean_progress_are_two_numbers() -> None:
    # Row 74: 173 of 437 done is 39.6 %; the mean progress of the same tasks is another figure.
    book = Book()
    for code in range(437):
        book.task("2026-01-05 09:00:00", str(code), targets=[25.0, 50.0, 75.0, 100.0])
    for code in range(437):
        done = 100 if code < 173 else 71.6
        book.write("2026-11-01 09:00:00", "task.progress", f"task:{code}", "TOWN", done=done)
    for code in range(173):
        book.write("2026-11-02 09:00:00", "task.closed", f"task:{code}", "DISTRICT", note="")
    found = progress(folded(book.entries).values(), ListKind.MEASURES)
    assert (found.total, found.done, found.points) == (437, 173, 173)
    assert found.done / found.total == pytest.approx(0.396, abs=0.0005)
    assert found.mean == pytest.approx(0.8284, abs=0.0005)
    assert progress([]).mean is None


def test_the_first_list_is_reviewed_four_times_a_year() -> None:
    assert reviews(2026) == [
        at("2026-04-01 00:00:00"),
        at("2026-07-01 00:00:00"),
        at("2026-10-01 00:00:00"),
        at("2027-01-01 00:00:00"),
    ]


def test_ten_exposed_seven_closed_three_open() -> None:
    book = Book()
    for ticket in range(1, 11):
        book.open("2023-05-01 09:00:00", ticket, "2023-06-01 18:00:00", severity="severe")
    for ticket in range(1, 8):
        book.move("2023-05-20 09:00:00", ticket, "closed")
    posted = problems_of(book.entries).values()
    found = exposure(2023, posted, at("2024-01-01 00:00:00"))
    assert (found.exposed, found.closed, found.still_open) == (10, 7, 3)
    assert found.sentence_zh() == "2023年曝光突出问题10个，已销号7个，正在整改3个"
    assert exposure(2023, posted, at("2023-05-20 09:00:00")).closed == 0


def test_a_new_severe_problem_is_proposed_for_the_list_until_it_is_on_it() -> None:
    book = Book()
    book.open("2026-05-01 09:00:00", 1, "2026-06-01 18:00:00", severity="severe")
    book.open("2026-05-01 09:00:00", 2, "2026-06-01 18:00:00", severity="major")
    book.open("2026-05-01 09:00:00", 3, "2026-06-01 18:00:00", severity="severe")
    book.move("2026-05-02 09:00:00", 3, "false_alarm")
    found = problems_of(book.entries)
    assert [number for number, one in found.items() if is_proposed(one, set())] == [1]
    assert not is_proposed(found[1], {1})
