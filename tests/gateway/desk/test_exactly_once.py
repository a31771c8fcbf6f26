"""One ticket an incident: redelivered, in any order, by two processes, killed between any steps."""

import os
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import desk_log, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.incidents import IncidentBook
from xunhe.domain.incident import Finding, Rule, Severity
from xunhe.domain.network import Network
from xunhe.domain.registry import Registry

pytestmark = pytest.mark.on_both_engines

KILLED = 9
WORDS = ("氨氮突升", "ammonia rose")


def found(rule: Rule, station: str, hours: float) -> Finding:
    at = START + timedelta(hours=hours)
    return Finding(rule, station, "nh3n_mg_l", at, Severity.SEVERE, 3.1, 0.3, *WORDS)


FINDINGS = [
    found(Rule.AMMONIA_STEP, "YX-S1", 0),
    found(Rule.SILENT, "YX-S2", 1),
    found(Rule.SILENT, "YX-S3", 2),
]


def in_a_process(work: Callable[[], None]) -> int:
    """The pid of a process of its own that does the work and ends with 0."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:  # nothing of pytest may run in here
            os._exit(status)
    return pid


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def deliver(address: str, registry: Registry, findings: list[Finding], kill_at: int = 0) -> None:
    """What a gateway does with findings; it dies before its so-many-th statement."""
    database, book = Database(address), IncidentBook(Network(registry), shipped())
    left = kill_at

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _count(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os._exit(KILLED)

    for finding in findings:
        with database.write() as connection:
            book.raise_finding(connection, finding, finding.at)


@pytest.fixture(autouse=True)
def _migrated(address: str) -> None:
    Database.open(address).close()  # no connection of ours is open when a process is forked


def check(address: str, incidents: int) -> None:
    database = Database(address)
    with database.read() as connection:

        def count(table: sa.Table) -> int:
            return int(
                connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            )

        assert count(schema.incident) == count(schema.ticket) == incidents
        assert count(schema.ticket_incident) == count(schema.outbox) == incidents
        owned = connection.execute(sa.select(schema.incident.c.id)).scalars()
        assert all(tickets.of_incident(connection, incident) for incident in owned)
        entries = [entry.kind for entry in desk_log.entries(connection)]
        assert entries.count("ticket.opened") == incidents
        assert desk_log.first_flaw(connection) is None
    database.close()


def test_ten_fold_redelivery_in_any_order_by_two_processes_is_one_ticket_each(
    address: str, registry: Registry
) -> None:
    def work(seed: int) -> None:
        again = FINDINGS * 10
        random.Random(seed).shuffle(again)
        deliver(address, registry, again)

    pids = [in_a_process(lambda seed=seed: work(seed)) for seed in (1, 2)]  # type: ignore[misc]
    assert [ended(pid) for pid in pids] == [0, 0]
    check(address, 3)


def test_a_kill_between_every_two_steps_leaves_all_or_nothing(
    address: str, registry: Registry
) -> None:
    one = FINDINGS[:1]
    kill_at, killed = 0, True
    while killed:
        kill_at += 1
        pid = in_a_process(lambda n=kill_at: deliver(address, registry, one, n))  # type: ignore[misc]
        status = ended(pid)
        assert status in (0, KILLED)
        killed = status == KILLED
        check(address, 0 if killed else 1)
    assert kill_at > 15, "every statement of an opening was a last one once"
    deliver_again = in_a_process(lambda: deliver(address, registry, one * 10))
    assert ended(deliver_again) == 0
    check(address, 1)
