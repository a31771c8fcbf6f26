"""Issued papers as rows: without gaps, whoever writes at the same time, and told in the log."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.gateway.documents.conftest import NOW, hours
from tests.stores import migrated_file
from xunhe.adapters.store import desk_log
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.documents import Office, find, issue, newest
from xunhe.desk.documents.model import DatedBeforeFactsError, Fact, Facts, Kind, Paper, Text
from xunhe.desk.documents.numbering import IssuedBackwardsError

OFFICE = Office("演示区河长制办公室", "河长办")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    yield database
    database.close()


def paper(kind: Kind = Kind.ASSIGNMENT, subject: str = "ticket:1") -> Paper:
    return Paper(kind, "关于试验的文件", "演示镇", subject, (Text("内容"),))


def numbers(database: Database, kind: Kind = Kind.ASSIGNMENT) -> list[str]:
    with database.read() as connection:
        return [kept.issued.number for kept in newest(connection, kind, limit=1000)][::-1]


def test_each_kind_has_numbers_of_its_own(store: Database) -> None:
    with store.write() as connection:
        for kind in (Kind.ASSIGNMENT, Kind.URGING, Kind.ASSIGNMENT):
            issue(connection, paper(kind), OFFICE, "office", NOW)
    assert numbers(store) == ["河长办交〔2026〕1号", "河长办交〔2026〕2号"]
    assert numbers(store, Kind.URGING) == ["河长办督〔2026〕1号"]


def test_an_issued_paper_stays_as_it_was(store: Database) -> None:
    with store.write() as connection:
        kept = issue(connection, paper(), OFFICE, "office", NOW)
    with store.read() as connection:
        assert find(connection, kept.id) == kept
        assert find(connection, kept.id + 1) is None
        assert list(newest(connection, subject="ticket:2")) == []


def test_the_log_has_number_and_digest(store: Database) -> None:
    with store.write() as connection:
        kept = issue(connection, paper(), OFFICE, "office", NOW)
    with store.read() as connection:
        (entry,) = desk_log.entries(connection, kinds=["document.issued"])
    assert (entry.subject, entry.actor) == ("ticket:1", "office")
    assert (entry.data["document"], entry.data["number"]) == (kept.id, "河长办交〔2026〕1号")


def test_a_paper_that_is_refused_takes_no_number(store: Database) -> None:
    late = Paper(
        Kind.ASSIGNMENT, "…", "", "ticket:1", (Facts((Fact("事实", "…", NOW + hours(48)),)),)
    )
    with store.write() as connection:
        issue(connection, paper(), OFFICE, "office", NOW)
        with pytest.raises(DatedBeforeFactsError):
            issue(connection, late, OFFICE, "office", NOW)
        with pytest.raises(IssuedBackwardsError):
            issue(connection, paper(), OFFICE, "office", NOW - timedelta(days=1))
        issue(connection, paper(), OFFICE, "office", NOW)
    assert numbers(store) == ["河长办交〔2026〕1号", "河长办交〔2026〕2号"]


def test_a_transaction_that_fails_after_the_number_gives_it_back(store: Database) -> None:
    def fail() -> None:
        with store.write() as connection:
            issue(connection, paper(), OFFICE, "office", NOW)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with store.write() as connection:
        issue(connection, paper(), OFFICE, "office", NOW)
    assert numbers(store) == ["河长办交〔2026〕1号"]


WRITER = """
import sys
from pathlib import Path
from tests.gateway.documents.conftest import NOW
from tests.gateway.documents.test_issuing import OFFICE, paper
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.documents import issue

database = Database(Path(sys.argv[1]))
for n in range(20):
    with database.write() as connection:
        issue(connection, paper(subject=f"ticket:{sys.argv[2]}{n}"), OFFICE, "office", NOW)
"""


def test_processes_that_write_together_leave_no_gap_and_take_no_number_twice(
    store: Database,
) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store.path), str(n)]) for n in range(2)
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert numbers(store) == [f"河长办交〔2026〕{n}号" for n in range(1, 41)]
    with store.read() as connection:
        assert desk_log.first_flaw(connection) is None
