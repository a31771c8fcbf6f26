"""A year's log becomes circulars and scores, the same ones however often."""

from dataclasses import replace

import pytest

from tests.gateway.desk.books import Book, at, seats
from xunhe.desk.circular import Circular, read
from xunhe.desk.lights import Light, Why
from xunhe.desk.periods import Period, parse
from xunhe.desk.scores import Ground
from xunhe.desk.scoring import Scores, differences, scores
from xunhe.desk.seats import Seats
from xunhe.desk.tally import Tally, tallied
from xunhe.settings import PatrolRule, PatrolSettings, ScoreSettings, SupervisionSettings

NOTHING_OWED = PatrolRule(times=0)
RULES = SupervisionSettings(
    patrols=PatrolSettings(
        city=NOTHING_OWED, district=NOTHING_OWED, township=NOTHING_OWED, village=NOTHING_OWED
    ),
    scores=ScoreSettings(red=2, yellow=1, repeat_reports_from=3),
)
POSTS_ONLY = replace(seats(), units={})  # nobody owes a meeting
END = at("2027-01-01 00:00:00")
YEAR = parse("2026")


def tally(book: Book, whose: Seats = POSTS_ONLY) -> Tally:
    return tallied(book.entries, whose, RULES, END)


def publish(book: Book, month: str) -> None:
    """What the desk publishes on the first of the next month."""
    found = tallied(book.entries, POSTS_ONLY, RULES, parse(month).end)
    made = found.circulars[parse(month)]
    book.add(parse(month).end, "circular.published", f"month:{month}", made.data())


def year_of(book: Book) -> Scores:
    return scores(tally(book), YEAR, RULES, END)


def lights(made: Circular, unit: str) -> list[int]:
    return [made.units.get(unit, {}).get(light, 0) for light in Light]


def counts(found: Scores, unit: str) -> dict[Ground, float]:
    return {line.ground: line.points for line in found.units[unit].lines}


def test_finished_late_is_red_in_its_month_and_in_no_later_circular() -> None:
    book = Book()
    book.open("2026-03-01 09:00:00", 1, "2026-03-10 18:00:00")
    book.move("2026-03-20 09:00:00", 1, "closed")
    book.open("2026-04-02 09:00:00", 2, "2026-04-10 18:00:00")
    made = tally(book).circulars
    assert lights(made[parse("2026-03")], "U-V1") == [0, 0, 1]
    assert [row.subject for row in made[parse("2026-04")].rows] == ["ticket:2"]
    assert lights(made[parse("2026-05")], "U-V1") == [0, 0, 1]


def test_a_deadline_at_the_very_end_of_a_month_is_late_in_the_next() -> None:
    book = Book()
    book.open("2026-03-01 09:00:00", 1, "2026-04-01 00:00:00")
    made = tally(book).circulars
    assert [row.light for row in made[parse("2026-03")].rows] == [Light.YELLOW]
    assert [row.light for row in made[parse("2026-04")].rows] == [Light.RED]


def test_a_task_stays_in_the_years_circulars_after_it_is_done() -> None:
    book = Book()
    book.task("2026-01-05 09:00:00", "7", is_difficult=True)
    book.write("2026-02-01 09:00:00", "task.progress", "task:7", "TOWN", done=4)
    book.write("2026-02-02 09:00:00", "task.closed", "task:7", "DISTRICT", note="")
    made = tally(book).circulars
    assert len(made) == 12
    assert all(lights(of, "U-T") == [1, 0, 0] for of in made.values())
    assert [row.why for row in made[parse("2026-12")].rows] == [Why.DONE]


def test_false_alarms_have_no_light() -> None:
    book = Book()
    book.open("2026-03-01 09:00:00", 1, "2026-03-10 18:00:00")
    book.move("2026-03-15 09:00:00", 1, "false_alarm")
    assert tally(book).circulars[parse("2026-03")].units == {}


def test_a_warning_is_yellow_until_it_is_withdrawn() -> None:
    book = Book()
    book.open("2026-03-01 09:00:00", 1, "2026-12-10 18:00:00")
    book.write("2026-03-02 09:00:00", "light.warned", "ticket:1", reason="征地未完")
    book.write("2026-04-02 09:00:00", "light.withdrawn", "ticket:1", reason="已完成")
    made = tally(book).circulars
    assert [row.why for row in made[parse("2026-03")].rows] == [Why.CANNOT_BE_MADE]
    assert made[parse("2026-04")].rows == ()


def test_a_circular_reads_back_from_its_entry() -> None:
    book = Book()
    book.open("2026-03-01 09:00:00", 1, "2026-03-10 18:00:00", is_difficult=True)
    book.open("2026-03-30 09:00:00", 2, "2026-04-10 18:00:00")
    publish(book, "2026-03")
    assert read(book.entries[-1]) == tally(book).circulars[parse("2026-03")]


def test_reds_and_yellows_of_published_circulars_are_scored() -> None:
    book = Book()
    book.open("2026-01-02 09:00:00", 1, "2026-02-10 18:00:00")  # yellow in January, then red
    for month in ("2026-01", "2026-02", "2026-03"):
        publish(book, month)
    found = year_of(book)
    assert counts(found, "U-V1") == {Ground.RED: -4}  # one yellow takes nothing
    assert found.posts["V1"].total == 96
    assert found.posts["V2"].total == 100


@pytest.mark.parametrize(("yellows", "points"), [(1, 0), (2, 0), (3, -1), (4, -2)])
def test_a_unit_loses_points_from_its_third_yellow_on(yellows: int, points: float) -> None:
    book = Book()
    book.open("2026-01-02 09:00:00", 1, "2027-06-01 00:00:00")
    book.write("2026-01-03 09:00:00", "light.warned", "ticket:1", reason="难")
    for month in range(1, yellows + 1):
        publish(book, f"2026-{month:02d}")
    assert sum(counts(year_of(book), "U-V1").values()) == points


def test_difficult_and_always_green_adds_once_and_a_single_yellow_loses_it() -> None:
    book = Book()
    book.task("2026-01-05 09:00:00", "7", is_difficult=True, targets=[0.0, 0.0, 0.0, 4.0])
    book.task("2026-01-05 09:00:00", "8", is_difficult=True, targets=[1.0, 2.0, 3.0, 4.0])
    for month in ("2026-01", "2026-02", "2026-03"):
        publish(book, month)
    assert counts(year_of(book), "U-T")[Ground.DIFFICULT_GREEN] == 2


@pytest.mark.parametrize(("reports", "points"), [(2, 0), (3, -1), (5, -1)])
def test_public_reports_again_and_again_count_once(reports: int, points: float) -> None:
    book = Book()
    book.open("2026-03-01 09:00:00", 1, "2026-12-10 18:00:00")
    for day in range(2, 2 + reports):
        book.write(f"2026-03-0{day} 09:00:00", "ticket.reported", "ticket:1")
    assert counts(year_of(book), "U-V1").get(Ground.REPEAT_REPORTS, 0) == points


def test_grade_and_water_are_the_units_and_what_was_entered_last_counts() -> None:
    book = Book()
    book.write("2026-12-20 09:00:00", "grade.given", "unit:U-T", year=2026, grade="fair")
    for factor, rate in (("tp_mg_l", 0.9), ("tp_mg_l", 0.25), ("nh3n_mg_l", -0.1)):
        book.write(
            "2026-12-20 09:00:00", "water.year", "section:S1", unit="U-T", year=2026,
            factor=factor, improvement=rate,
        )  # fmt: skip
    found = counts(year_of(book), "U-T")
    assert found == {
        Ground.GRADE_FAIR: -1,
        Ground.WATER_WORSE: -1,
        Ground.WATER_BETTER: 1.25,
    }


def test_the_same_log_gives_the_same_scores_and_a_changed_circular_is_named() -> None:
    book = Book()
    book.open("2026-01-02 09:00:00", 1, "2026-02-10 18:00:00")
    publish(book, "2026-01")
    publish(book, "2026-02")
    assert year_of(book) == year_of(book)
    assert differences(tally(book)) == []
    published = book.entries[-1]
    book.entries[-1] = replace(published, data={**published.data, "rows": []})
    assert [month.label for month in differences(tally(book))] == ["2026-02"]


def test_a_quarter_is_scored_by_its_own_months() -> None:
    book = Book()
    book.open("2026-01-02 09:00:00", 1, "2026-02-10 18:00:00")
    for month in ("2026-01", "2026-02", "2026-03", "2026-04"):
        publish(book, month)
    found = tally(book)
    reds = {
        label: scores(found, parse(label), RULES, END).units["U-V1"].total
        for label in ("2026Q1", "2026Q2", "2026")
    }
    assert reds == {"2026Q1": 96, "2026Q2": 98, "2026": 94}


def test_months_without_an_entry_have_their_circular_all_the_same() -> None:
    book = Book()
    book.open("2026-01-02 09:00:00", 1, "2026-02-10 18:00:00")
    made = tally(book).circulars
    assert [month.label for month in made] == [f"2026-{n:02d}" for n in range(1, 13)]
    assert isinstance(next(iter(made)), Period)
