"""What papers say, and that none is dated before what it tells of (row 90)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.gateway.documents.conftest import NOW, hours, issued
from xunhe.desk.documents import ticket_papers
from xunhe.desk.documents.case import Case
from xunhe.desk.documents.model import (
    ISSUED_JSON,
    DatedBeforeFactsError,
    Fact,
    Facts,
    Kind,
    Paper,
    Table,
    Text,
    check_dates,
)

MIDNIGHT = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)  # 2 July begins in Shanghai
SECOND = timedelta(seconds=1)


def words(paper: Paper) -> str:
    return ISSUED_JSON.dump_json(issued(paper)).decode()


def told(at: datetime) -> Paper:
    return Paper(Kind.CIRCULAR, "通报", "", "month:2026-06", (Facts((Fact("事实", "…", at),)),))


def test_an_assignment_names_problem_owner_deadline_and_a_slip_to_return(case: Case) -> None:
    paper = ticket_papers.assignment(case, "立即封堵")
    assert paper.title == "关于云溪（云溪上段）水质异常问题的交办单"
    assert paper.addressee == "村级河长（云溪上段）"
    for said in ("XH-2026-0012", "2026年7月3日 00:20", "立即封堵", "交办单回执", "1.62 mg/L"):
        assert said in words(paper)


def test_it_goes_to_the_handler_where_there_is_one(case: Case) -> None:
    paper = ticket_papers.assignment(replace(case, handler="区生态环境局"), "")
    assert paper.addressee == "区生态环境局"


@pytest.mark.parametrize(
    ("left", "said"),
    [(-SECOND, "至今未办结"), (timedelta(), "至今未办结"), (SECOND, "目前进展滞后")],
)
def test_an_urging_letter_says_whether_the_deadline_has_passed(
    case: Case, left: timedelta, said: str
) -> None:
    late = replace(case, due_at=NOW + left)
    paper = ticket_papers.urging(late, NOW, "两次催办未反馈", "河长办交〔2026〕3号", ("区长",))
    assert said in words(paper)
    assert "河长办交〔2026〕3号" in words(paper)
    assert paper.copies_to == ("区长",)


def test_a_provisional_deadline_says_so(case: Case) -> None:
    paper = ticket_papers.assignment(replace(case, is_provisional=True), "")
    assert "暂定" in words(paper)


def test_a_referral_carries_the_digest_of_its_package(case: Case) -> None:
    paper = ticket_papers.referral(case, "演示区公安分局", "0f" * 32, NOW)
    assert "0f" * 32 in words(paper)
    assert "python3 verify.py" in words(paper)


@pytest.mark.parametrize(
    ("fact_at", "issued_at"),
    [
        (MIDNIGHT - SECOND, MIDNIGHT - SECOND),
        (MIDNIGHT - SECOND, MIDNIGHT),
        (MIDNIGHT + hours(20), MIDNIGHT),  # the same day
    ],
)
def test_a_paper_may_carry_the_day_of_its_facts_or_a_later_one(
    fact_at: datetime, issued_at: datetime
) -> None:
    check_dates(told(fact_at), issued_at)


def test_a_paper_dated_the_day_before_its_facts_is_refused_and_names_them() -> None:
    with pytest.raises(DatedBeforeFactsError, match="事实 2026年7月2日") as caught:
        check_dates(told(MIDNIGHT), MIDNIGHT - SECOND)
    assert [fact.label for fact in caught.value.late] == ["事实"]


def test_pictures_are_facts_too(case: Case) -> None:
    early = case.pictures[0].at - timedelta(days=1)
    with pytest.raises(DatedBeforeFactsError, match="图片"):
        check_dates(ticket_papers.assignment(case, ""), early)


def test_a_deadline_that_lies_ahead_is_no_fact(case: Case) -> None:
    check_dates(ticket_papers.assignment(replace(case, due_at=NOW + hours(900)), ""), NOW)


def test_a_paper_comes_back_from_json_as_it_was(case: Case) -> None:
    made = issued(ticket_papers.urging(case, NOW, "滞后", "", ()))
    assert ISSUED_JSON.validate_json(ISSUED_JSON.dump_json(made)) == made


def test_what_is_filled_in_by_hand_stands_after_the_offices_name(case: Case) -> None:
    body, by_hand = ticket_papers.assignment(case, "").halves()
    assert [block.block for block in by_hand] == ["slip", "signatures"]
    plain = Paper(Kind.CIRCULAR, "通报", "", "month:2026-06", (Text("…"),))
    assert plain.halves() == (plain.blocks, ())
    assert body[-1].block == "text"


def test_a_table_with_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has not 2 columns"):
        Table("表", ("一", "二"), (("1", "2"), ("3",)))
