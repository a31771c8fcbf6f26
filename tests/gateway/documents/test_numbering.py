"""〔YYYY〕N号: by kind and year, from 1 on, in the desk's own calendar."""

from datetime import UTC, datetime, timedelta

import pytest

from xunhe.desk.documents.model import Kind
from xunhe.desk.documents.numbering import IssuedBackwardsError, Serial, following

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # 1 January 2027, 00:00 in Shanghai
SECOND = timedelta(seconds=1)


def test_the_first_paper_of_a_kind_is_number_one() -> None:
    assert following(Kind.URGING, NEW_YEAR - SECOND, None) == Serial(Kind.URGING, 2026, 1)


def test_a_number_is_written_as_offices_write_it() -> None:
    assert Serial(Kind.ASSIGNMENT, 2026, 14).text("河长办") == "河长办交〔2026〕14号"


@pytest.mark.parametrize(
    ("at", "year", "serial"),
    [(NEW_YEAR - SECOND, 2026, 8), (NEW_YEAR, 2027, 1), (NEW_YEAR + SECOND, 2027, 1)],
)
def test_numbers_begin_anew_with_the_year_in_shanghai(at: datetime, year: int, serial: int) -> None:
    last = (Serial(Kind.ASSIGNMENT, 2026, 7), NEW_YEAR - timedelta(hours=5))
    assert following(Kind.ASSIGNMENT, at, last) == Serial(Kind.ASSIGNMENT, year, serial)


def test_a_clock_set_back_by_a_day_is_refused_and_by_an_hour_is_not() -> None:
    noon = datetime(2026, 7, 2, 4, 0, tzinfo=UTC)
    last = (Serial(Kind.CIRCULAR, 2026, 3), noon)
    assert following(Kind.CIRCULAR, noon - timedelta(hours=1), last).serial == 4
    with pytest.raises(IssuedBackwardsError, match="通报〔2026〕3号 is dated 2026年7月2日"):
        following(Kind.CIRCULAR, noon - timedelta(days=1), last)
