"""A citizen's report from its coming in to its answer, through the store."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from math import pi
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from PIL import Image

from tests.gateway.web.river_rows import NOW, REGISTRY
from tests.stores import migrated_file
from xunhe.adapters import points_rules
from xunhe.adapters.citizen_desk import CitizenDesk, Receipt, Tracking
from xunhe.adapters.desk_photo import PhotoError
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.evidence_budget import Budget
from xunhe.adapters.photo_shelf import PhotoShelf
from xunhe.adapters.store import citizens, desk_log, evidence, personal, schema, tickets
from xunhe.adapters.store.database import Database
from xunhe.desk.citizens import Report, Stage, UnfitReportError
from xunhe.desk.machine import Action, ForbiddenTransitionError, Move
from xunhe.desk.roles import Actor, Role
from xunhe.desk.rules import DeskRules
from xunhe.domain.ticket import Ticket
from xunhe.settings import CitizenSettings

OFFICE = Actor(Role.OFFICE, "office")
PLACE = REGISTRY.reaches["YX-2"].line[1]
METRE = 360 / (2 * pi * 6_371_008.8)  # degrees of latitude
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class River:
    database: Database
    citizens: CitizenDesk
    store: EvidenceStore

    def send(self, metres: float = 0, category: str = "discharge.secret", **more: str) -> Receipt:
        place = (PLACE[0], PLACE[1] + metres * METRE)
        report = Report(category, place, "夜里排黑水", **more)
        return self.citizens.receive(self.database, report, (), NOW)

    def track(self, code: str) -> Tracking:
        with self.database.read() as connection:
            found = self.citizens.track(connection, code)
        assert found is not None
        return found

    def take(self, action: Action, reason: str, ticket_id: int = 1, **more: int) -> Ticket:
        move = Move(action, OFFICE, NOW + MINUTE, reason, **more)  # type: ignore[arg-type]
        with self.database.write() as connection:
            return self.citizens.desk.act(connection, ticket_id, move)

    def tickets(self) -> int:
        with self.database.read() as connection:
            count = sa.select(sa.func.count()).select_from(schema.ticket)
            return int(connection.execute(count).scalar_one())


@pytest.fixture
def river(tmp_path: Path) -> Iterator[River]:
    database = Database(migrated_file(tmp_path / "xunhe.sqlite3"))
    desk = Desk(REGISTRY, DeskRules())
    store = EvidenceStore(tmp_path / "evidence")
    rules = points_rules.load()
    shelf = PhotoShelf(Budget(database, store, 2**20))
    yield River(database, CitizenDesk(desk, CitizenSettings(), rules, shelf, Random(1)), store)
    database.close()


def test_a_report_opens_a_ticket_that_waits_to_be_verified(river: River) -> None:
    receipt = river.send()
    found = river.track(receipt.code.lower())
    assert (found.stage, found.joined, found.answers) == (Stage.TO_VERIFY, False, ())
    with river.database.read() as connection:
        ticket = tickets.find(connection, 1)
    assert ticket is not None
    assert (ticket.source.value, ticket.reach, ticket.post) == ("citizen", "YX-2", "VILLAGE-2")
    assert ticket.owes_feedback


@pytest.mark.parametrize(("metres", "joins"), [(240, True), (260, False)])
def test_a_second_report_joins_within_250_m_and_opens_its_own_beyond(
    river: River, metres: float, joins: bool
) -> None:
    river.send()
    assert river.send(metres).joined is joins
    assert river.tickets() == (1 if joins else 2)
    with river.database.read() as connection:
        ticket = tickets.find(connection, 1)
    assert ticket is not None
    assert ticket.repeat_reports == (1 if joins else 0)


def test_the_place_of_a_sensors_ticket_is_that_of_its_first_witness(river: River) -> None:
    with river.database.write() as connection:
        station = REGISTRY.stations["YX-S2"]
        incident = {"reach": station.reach, "kind": "discharge", "station": station.code}
        times = {"severity": "major", "started_at": NOW, "opened_at": NOW}
        connection.execute(schema.incident.insert().values(**incident, **times))
    river.send()
    with river.database.write() as connection:
        change = {"lon": None, "lat": None, "incident_id": 1, "category": "discharge.direct"}
        connection.execute(schema.ticket.update().values(**change))
        found = citizens.open_problems(connection, REGISTRY, {"YX-2"})
    assert found[0].lon_lat == REGISTRY.stations["YX-S2"].lon_lat


def test_a_closed_problem_is_joined_no_more(river: River) -> None:
    river.send()
    river.take(Action.FEEDBACK, "已核实，并无此事")
    river.take(Action.DECLINE, "查无此事")
    assert not river.send().joined


def test_nothing_is_declined_before_its_sender_has_an_answer(river: River) -> None:
    river.send()
    with pytest.raises(ForbiddenTransitionError, match="no answer yet"):
        river.take(Action.DECLINE, "查无此事")


def test_the_answer_is_seen_by_the_code_alone(river: River) -> None:
    code = river.send().code
    river.take(Action.ACCEPT, "属实")
    river.take(Action.FEEDBACK, "已责成整改，三日内完成")
    found = river.track(code)
    assert found.stage is Stage.ACCEPTED
    assert [answer.text for answer in found.answers] == ["已责成整改，三日内完成"]
    with river.database.read() as connection:
        assert river.citizens.track(connection, "2222-2222-2222") is None


def test_a_merged_report_is_answered_from_the_ticket_it_went_into(river: River) -> None:
    river.send()
    code = river.send(400).code
    river.take(Action.MERGE, "同一问题", ticket_id=2, into=1)
    river.take(Action.ACCEPT, "属实")
    river.take(Action.FEEDBACK, "正在处理")
    assert [answer.text for answer in river.track(code).answers] == ["正在处理"]
    with river.database.read() as connection:
        assert len(citizens.of_ticket(connection, 1)) == 2


def test_words_and_telephone_stay_out_of_the_log_and_can_be_erased(river: River) -> None:
    code = river.send(phone="13800000000").code
    with river.database.write() as connection:
        entries = list(desk_log.entries(connection))
        assert not any("黑水" in str(e.data) or "13800000000" in str(e.data) for e in entries)
        assert code not in str(entries)
        personal.erase(connection, 1, "office", NOW)
        assert personal.find(connection, 1) is None
        assert desk_log.first_flaw(connection) is None
    assert river.track(code).stage is Stage.TO_VERIFY


def photo() -> bytes:
    """With a position in its EXIF data."""
    picture, out = Image.new("RGB", (64, 48), "green"), BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 1.0, 2.0), 3: "E", 4: (120.0, 1.0, 2.0)})
    picture.save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_photograph_is_kept_without_its_place(river: River) -> None:
    report = Report("floating.litter", PLACE, "一片垃圾")
    river.citizens.receive(river.database, report, [photo()], NOW)
    with river.database.read() as connection:
        (row,) = evidence.of_ticket(connection, 1, ())
    assert row.role == "report"
    assert not Image.open(BytesIO(river.store.read(row.sha256))).getexif()


def test_a_photograph_without_room_is_told_and_the_words_are_kept(river: River) -> None:
    shelf = PhotoShelf(Budget(river.database, river.store, 10))
    desk = replace(river.citizens, shelf=shelf)
    report = Report("floating.litter", PLACE, "一片垃圾")
    receipt = desk.receive(river.database, report, [photo()], NOW)
    assert (receipt.photos_lost, river.tickets()) == (1, 1)
    with river.database.read() as connection:
        (row,) = evidence.of_ticket(connection, 1, ())
        counters = {row.name: row.n for row in connection.execute(sa.select(schema.counter))}
    assert (row.detail["absent"], row.removed_at) == ("budget", NOW)
    assert list(river.store.files()) == []
    assert counters["evidence.refused.report"] == 1


def test_what_strangers_send_leaves_a_tenth_of_the_disk_to_the_cameras(river: River) -> None:
    budget = Budget(river.database, river.store, 1000)
    rooms = {role: budget.make_room(901, role, {}, NOW) for role in evidence.Role}
    yielding = {role for role, has_room in rooms.items() if not has_room}
    assert yielding == {evidence.Role.CLIP, evidence.Role.REPORT}
    assert budget.make_room(900, evidence.Role.REPORT, {}, NOW)


def test_what_is_no_photograph_takes_the_report_with_it(river: River) -> None:
    report = Report("floating.litter", PLACE, "一片垃圾")
    with pytest.raises(PhotoError):
        river.citizens.receive(river.database, report, [b"GIF89a no"], NOW)
    assert river.tickets() == 0


def test_a_place_far_from_every_reach_is_refused(river: River) -> None:
    with pytest.raises(UnfitReportError, match="No reach"):
        river.citizens.receive(river.database, Report("other.other", (0, 0), "…"), (), NOW)


def test_points_come_with_the_verification_and_once(river: River) -> None:
    code = river.send(account="MYAC-COUN-T234").code
    for _ in range(2):
        river.citizens.reward_waiting(river.database, NOW)
    assert river.track(code).points == 0
    river.take(Action.ACCEPT, "属实")
    for _ in range(2):
        river.citizens.reward_waiting(river.database, NOW)
    assert river.track(code).points == 10


def test_an_anonymous_sender_may_name_an_account_later_and_only_once(river: River) -> None:
    code = river.send().code
    river.take(Action.ACCEPT, "属实")
    with river.database.write() as connection:
        assert river.citizens.name_account(connection, code, "MINE", NOW)
        assert river.citizens.name_account(connection, code, "ANOTHER", NOW)
        assert not river.citizens.name_account(connection, "2222", "MINE", NOW)
    assert river.track(code).points == 10


GROUPS = ("discharge.secret", "floating.litter", "disorder.dumping", "water.quality", "other.other")


def test_a_day_brings_no_more_than_its_cap(river: River) -> None:
    codes = [river.send(category=category, account="MINE").code for category in GROUPS]
    for n in range(5):
        river.take(Action.ACCEPT, "属实", ticket_id=n + 1)
    river.citizens.reward_waiting(river.database, NOW)
    assert river.track(codes[0]).points == 45


def test_the_same_problem_reported_again_earns_an_account_nothing_more(river: River) -> None:
    code = [river.send(account=account).code for account in ("MINE", "MINE", "YOURS")]
    river.take(Action.ACCEPT, "属实")
    for _ in range(2):
        river.citizens.reward_waiting(river.database, NOW)
    assert [river.track(each).points for each in code] == [10, 10, 10]


def test_an_answer_is_rated_once_and_not_before_there_is_one(river: River) -> None:
    code = river.send().code

    def rate() -> bool:
        with river.database.write() as connection:
            return river.citizens.rate(connection, code, 5, NOW)

    assert not rate()
    river.take(Action.ACCEPT, "属实")
    river.take(Action.FEEDBACK, "已整改")
    assert river.track(code).may_rate
    assert [rate(), rate()] == [True, False]
    with river.database.read() as connection:
        (entry,) = desk_log.entries(connection, kinds=["satisfaction.rated"])
        assert entry.data == {"rating": 5}
