"""The tally that goes on gives what a tally from the beginning gives, whatever comes in between."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.gateway.desk.books import at, seats
from xunhe.adapters.store import desk_log
from xunhe.adapters.store.database import Database
from xunhe.adapters.supervision import kept_tally
from xunhe.adapters.supervision.circulars import tally_of
from xunhe.adapters.supervision.kept_tally import KeptTally
from xunhe.desk.log import iso
from xunhe.desk.periods import parse
from xunhe.desk.scoring import Scores, scores
from xunhe.desk.tally import Tally
from xunhe.settings import SupervisionSettings

RULES = SupervisionSettings()
YEAR = parse("2026")
SECOND = timedelta(seconds=1)


def tell(database: Database, when: datetime, number: int) -> None:
    told = {
        "number": f"XH-{number}", "reach": "R1", "post": "V1", "category": "floating.litter",
        "source": "citizen", "severity": "minor", "due_at": iso(when + timedelta(days=3)),
    }  # fmt: skip
    with database.write() as connection:
        desk_log.append(connection, when, "V1", "ticket.opened", f"ticket:{number}", told)


def asking(as_of: datetime) -> Callable[[Tally], tuple[Scores, list[str]]]:
    return lambda tally: (
        scores(tally, YEAR, RULES, as_of),
        [month.label for month in tally.circulars],
    )


def both(database: Database, kept: KeptTally, as_of: datetime) -> tuple[object, object]:
    ask = asking(as_of)
    with database.read() as connection:
        return kept.read(connection, as_of, ask), ask(tally_of(connection, seats(), RULES, as_of))


def test_it_gives_what_the_whole_log_gives_after_every_entry(database: Database) -> None:
    kept = KeptTally(seats(), RULES)
    start = at("2026-01-05 09:00:00")
    for day in range(0, 120, 7):
        when = start + timedelta(days=day)
        tell(database, when, day)
        for as_of in (when + SECOND, when + timedelta(days=3)):
            found, whole = both(database, kept, as_of)
            assert found == whole


def test_what_is_known_is_not_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(database, at("2026-01-05 09:00:00"), 1)
    kept = KeptTally(seats(), RULES)
    as_of = at("2026-01-10 00:00:00")
    both(database, kept, as_of)
    monkeypatch.setattr(kept_tally, "tally_of", pytest.fail)
    with database.read() as connection:
        kept.read(connection, as_of, asking(as_of))


@pytest.mark.parametrize("seconds", [-1, 0, 1, 59])
def test_entries_that_waited_over_a_months_end_stand_in_the_old_month(
    database: Database, seconds: int
) -> None:
    end = parse("2026-01").end
    tell(database, at("2026-01-05 09:00:00"), 1)
    kept = KeptTally(seats(), RULES)
    both(database, kept, end + seconds * SECOND)
    tell(database, end - SECOND, 2)  # its writer looked at the clock before the month was over
    found, whole = both(database, kept, end + timedelta(minutes=5))
    assert found == whole


def test_a_clock_set_back_and_another_log_are_counted_from_the_beginning(
    database: Database,
) -> None:
    kept = KeptTally(seats(), RULES)
    tell(database, at("2026-03-05 09:00:00"), 1)
    both(database, kept, at("2026-03-10 00:00:00"))
    found, whole = both(database, kept, at("2026-03-01 00:00:00"))
    assert found == whole
