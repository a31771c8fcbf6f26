"""A post changes hands at the second of the last signature, and never without a holder."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from tests.gateway.web.river_rows import REGISTRY, add_incident, add_ticket
from tests.stores import migrated_file
from xunhe.adapters.desk_handover import draw_up
from xunhe.adapters.store import desk_log, handovers, patrols, schema
from xunhe.adapters.store.database import Database
from xunhe.desk.handover import (
    KINDS,
    Checklist,
    Handover,
    HandoverError,
    Side,
    cancel,
    digest,
    sign,
)
from xunhe.desk.patrols import Means, Patrol
from xunhe.domain.duty import Duty, Move
from xunhe.domain.registry import Tenure

NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
POST = "VILLAGE-1"
EMPTY = Checklist((), (), (), (), (), (), None)


def drafted(leaver: str | None = "P5", content: str = EMPTY.to_text()) -> Handover:
    return Handover(1, POST, leaver, "P6", NOW, content, digest(content))


def signed(handover: Handover, person: str, at: datetime) -> Handover:
    return sign(handover, person, handover.sha256, at)


def test_the_duty_moves_at_the_second_of_the_last_signature() -> None:
    once = signed(drafted(), "P5", NOW + SECOND)
    assert once.moved_at is None
    assert once.is_open
    both = signed(once, "P6", NOW + 2 * SECOND)
    assert both.moved_at == NOW + 2 * SECOND
    assert not both.is_open
    duty = Duty(REGISTRY.tenures, [Move(POST, both.successor, both.moved_at)])
    held = [duty.holder(POST, NOW + n * SECOND) for n in (1, 2, 3)]
    assert held == ["P5", "P6", "P6"]


def test_either_side_may_sign_first() -> None:
    both = signed(signed(drafted(), "P6", NOW + SECOND), "P5", NOW + 2 * SECOND)
    assert (both.successor_signed_at, both.moved_at) == (NOW + SECOND, NOW + 2 * SECOND)


def test_a_vacant_post_is_taken_over_by_one_signature() -> None:
    assert signed(drafted(leaver=None), "P6", NOW).moved_at == NOW


def test_only_the_two_sign_each_once_and_under_the_list_they_saw() -> None:
    once = signed(drafted(), "P5", NOW)
    with pytest.raises(HandoverError, match="已签"):
        signed(once, "P5", NOW + SECOND)
    with pytest.raises(HandoverError, match="P7"):
        signed(once, "P7", NOW)
    with pytest.raises(HandoverError, match="清单与所签不符"):
        sign(once, "P6", "0" * 64, NOW)


def test_what_is_over_stays_over() -> None:
    done = signed(drafted(None), "P6", NOW)
    for over in (done, cancel(drafted(), NOW)):
        with pytest.raises(HandoverError, match="已结束"):
            signed(over, "P5", NOW)
        with pytest.raises(HandoverError, match="已结束"):
            cancel(over, NOW)


def test_a_clock_that_was_set_back_dates_no_signature_before_the_draft() -> None:
    once = signed(drafted(), "P5", NOW + SECOND)
    both = signed(once, "P6", NOW - timedelta(days=1))
    assert both.moved_at == NOW + SECOND


def test_who_signs_as_what() -> None:
    assert drafted().side_of("P5") is Side.LEAVER
    assert drafted().side_of("P6") is Side.SUCCESSOR
    assert drafted().side_of("P7") is None


_AT = st.integers(0, 1000).map(lambda n: NOW + n * SECOND)


@given(
    st.lists(st.tuples(st.sampled_from(["A", "B"]), st.sampled_from("PQRS"), _AT), max_size=8),
    st.lists(st.tuples(_AT, st.none() | st.integers(1, 300)), max_size=2),
    _AT,
)
def test_nobody_shares_a_post_and_after_its_first_handover_it_is_never_vacant(
    moves: list[tuple[str, str, datetime]],
    own: list[tuple[datetime, int | None]],
    at: datetime,
) -> None:
    first = [
        Tenure(post, f"O{n}", since, None if s is None else since + s * SECOND)
        for n, (post, (since, s)) in enumerate(zip("AB", own, strict=False))
    ]
    duty = Duty(first, [Move(*move) for move in moves])
    for post in "AB":
        holding = [t for t in duty.tenures if t.post == post and t.holds_at(at)]
        assert len(holding) <= 1
        begun = [move_at for of, _, move_at in moves if of == post and move_at <= at]
        later_first = [t for t in first if t.post == post and t.since > min(begun, default=at)]
        if begun and not later_first:
            assert len(holding) == 1


def test_a_tenure_registered_for_later_stays_and_ends_the_successors() -> None:
    later = NOW + timedelta(days=30)
    tenures = [Tenure(POST, "P5", NOW - SECOND), Tenure(POST, "P8", later)]
    tenures[0] = replace(tenures[0], until=later)
    duty = Duty(tenures, [Move(POST, "P6", NOW)])
    held = [duty.holder(POST, at) for at in (NOW - SECOND, NOW, later - SECOND, later)]
    assert held == ["P5", "P6", "P6", "P8"]
    assert duty.changes(POST) == [NOW, later]
    assert duty.posts_of("P6", NOW) == [POST]


def test_a_tenure_that_begins_in_the_second_of_a_handover_gives_way_to_it() -> None:
    others = {
        since: Duty([Tenure(POST, "P5", NOW + since)], [Move(POST, "P6", NOW)])
        for since in (-SECOND, 0 * SECOND, SECOND)
    }
    assert [duty.holder(POST, NOW) for duty in others.values()] == ["P6"] * 3
    assert [duty.holder(POST, NOW + SECOND) for duty in others.values()] == ["P6", "P6", "P5"]
    assert others[0 * SECOND].changes(POST) == []


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    yield database
    database.close()


def draft(store: Database, post: str = POST, successor: str = "P6") -> Handover:
    with store.write() as connection:
        content = draw_up(connection, REGISTRY, post, NOW).to_text()
        return handovers.draft(connection, REGISTRY, post, successor, content, "office", NOW)


def put(store: Database, handover_id: int, person: str, at: datetime) -> Handover:
    with store.write() as connection:
        found = handovers.find(connection, handover_id)
        assert found is not None
        return handovers.put_signature(connection, REGISTRY, found, person, found.sha256, at)


def holder(store: Database, at: datetime, post: str = POST) -> str | None:
    with store.read() as connection:
        return handovers.duty(connection, REGISTRY).holder(post, at)


def test_both_sign_and_the_log_tells_each_step_without_a_name(store: Database) -> None:
    made = draft(store)
    put(store, made.id, "P5", NOW + SECOND)
    assert holder(store, NOW + timedelta(days=1)) == "P5"
    put(store, made.id, "P6", NOW + 2 * SECOND)
    assert [holder(store, NOW + n * SECOND) for n in (1, 2)] == ["P5", "P6"]
    with store.read() as connection:
        entries = list(desk_log.entries(connection, kinds=KINDS))
        assert desk_log.first_flaw(connection) is None
    assert [entry.kind for entry in entries] == [
        "handover.drafted",
        "handover.signed",
        "handover.signed",
        "duty.moved",
    ]
    assert entries[-1].at == NOW + 2 * SECOND
    assert entries[-1].subject == "post:VILLAGE-1"
    assert all(person.name not in str(entries) for person in REGISTRY.persons.values())


def test_the_list_holds_what_is_open_at_that_instant(store: Database) -> None:
    with store.write() as connection:
        add_ticket(connection, add_incident(connection))
        patrol = Patrol(POST, ("YX-1",), Means.ON_FOOT, NOW - 9 * SECOND, NOW - SECOND, 800)
        patrols.add(connection, patrol, POST, NOW)
    checklist = draft(store).checklist()
    assert [water.code for water in checklist.waters] == ["YX-1"]
    assert [ticket.number for ticket in checklist.tickets] == ["XH-2026-0001"]
    assert [device.code for device in checklist.devices] == ["YX-S1", "YX-C1"]
    assert checklist.outfalls == ("上段一号排污口（YX-P1）",)
    assert checklist.last_patrol_at == NOW - 9 * SECOND
    district = draft(store, "DISTRICT").checklist()
    assert [water.code for water in district.waters][-1] == "LW-1"
    assert {water.code: water.tributaries for water in district.waters}["YX-2"] == ("北涧",)
    assert [section.code for section in district.sections] == ["YX-D1", "YX-D2"]


def test_no_ticket_is_without_owner_before_or_after(store: Database) -> None:
    with store.write() as connection:
        add_ticket(connection, add_incident(connection))
    made = draft(store)
    put(store, made.id, "P5", NOW)
    put(store, made.id, "P6", NOW + SECOND)
    with store.read() as connection:
        post = connection.execute(sa.select(schema.ticket.c.post)).scalar_one()
    for at in (NOW - SECOND, NOW, NOW + SECOND, NOW + timedelta(days=400)):
        assert holder(store, at, post) is not None


def test_a_post_has_one_open_handover_at_a_time(store: Database) -> None:
    made = draft(store)
    with pytest.raises(HandoverError, match=f"{made.id}"):
        draft(store, successor="P7")
    with store.write() as connection:
        handovers.call_off(connection, made, "起草有误", "office", NOW)
    assert draft(store, successor="P7").id == made.id + 1


def test_two_desks_cannot_open_two_handovers_of_a_post(store: Database) -> None:
    made = draft(store)
    row = {"post": POST, "successor": "P7", "drafted_at": NOW, "content": "", "sha256": ""}
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(schema.handover.insert().values(**row, leaver=made.leaver))


@pytest.mark.parametrize(
    ("post", "successor", "reason"),
    [("VILLAGE-9", "P6", "没有岗位"), (POST, "P99", "没有人员"), (POST, "P5", "无需交接")],
)
def test_what_cannot_be_handed_over_is_refused(
    store: Database, post: str, successor: str, reason: str
) -> None:
    with pytest.raises(HandoverError, match=reason), store.write() as connection:
        handovers.draft(connection, REGISTRY, post, successor, "{}", "office", NOW)


def test_a_holder_who_changed_after_the_draft_stops_the_signing(store: Database) -> None:
    made = draft(store)
    tenures = tuple(replace(t, until=NOW) if t.post == POST else t for t in REGISTRY.tenures)
    other = replace(REGISTRY, tenures=tenures)
    with pytest.raises(HandoverError, match="重新起草"), store.write() as connection:
        handovers.put_signature(connection, other, made, "P5", made.sha256, NOW)


def test_a_post_can_be_handed_on_and_back(store: Database) -> None:
    for n, (leaver, successor) in enumerate([("P5", "P6"), ("P6", "P7"), ("P7", "P5")], 1):
        made = draft_at(store, successor, NOW + n * SECOND)
        put(store, made.id, leaver, NOW + n * SECOND)
        put(store, made.id, successor, NOW + n * SECOND)
    assert [holder(store, NOW + n * SECOND) for n in range(5)] == ["P5", "P6", "P7", "P5", "P5"]


def draft_at(store: Database, successor: str, at: datetime) -> Handover:
    with store.write() as connection:
        return handovers.draft(connection, REGISTRY, POST, successor, "{}", "office", at)
