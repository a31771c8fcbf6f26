"""What is wrong with the gateway reaches people: once an episode, with its end and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import START
from tests.gateway.test_ingest import rows
from xunhe.adapters.health import Alarm, Reading
from xunhe.adapters.notify.alarms import SETTLED, AlarmNotices
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database
from xunhe.desk.notices import Book
from xunhe.outward_settings.notify import RecipientSettings
from xunhe.settings import DocumentSettings

LOOK = timedelta(seconds=15)
DOWN = {Alarm.BROKER_DOWN: "MQTT"}
PEOPLE = {
    "technician": RecipientSettings(name="t", channel="sms", to="+86138", offices=("technician",)),
    "sleeper": RecipientSettings(
        name="s", channel="sms", offices=("technician",), quiet=(time(0), time(23, 59))
    ),
    "office": RecipientSettings(name="o", channel="chat", offices=("office",)),
}


@dataclass
class Told:
    """A gateway that looks at itself, and what waits in the channels."""

    database: Database
    notices: AlarmNotices
    at: Any = START

    def look(self, alarms: Mapping[Alarm, str], after: timedelta = LOOK) -> None:
        self.at += after
        self.notices.tell(Reading(self.at, alarms, {}, {}))

    def sent(self) -> list[Any]:
        return rows(self.database, schema.delivery)

    def heads(self) -> list[str]:
        return [row.body["text"].splitlines()[0] for row in self.sent()]


def notices(database: Database, *offices: str) -> AlarmNotices:
    book = Book([PEOPLE[office] for office in offices])
    page_of = DocumentSettings(public_url="https://river.example/").runbook_url
    return AlarmNotices(database, book, lambda one: f"《{one.value}》", lambda a: page_of(a.value))


@pytest.fixture
def told(database: Database) -> Told:
    return Told(database, notices(database, "technician", "office"))


def test_an_alarm_is_told_once_however_long_it_lasts(told: Told) -> None:
    for _ in range(50):
        told.look(DOWN)
    (message,) = told.sent()
    assert (message.destination, message.body["to"]) == ("notify.sms", "+86138")
    assert message.body["text"].splitlines() == [
        "【网关警报】《broker_down》",
        "MQTT",
        "2026-10-21 01:00 起 / since",
        "怎么办 what to do: https://river.example/runbook#broker_down",
    ]


def test_its_end_is_told_once_it_has_been_down_for_a_while_and_not_before(told: Told) -> None:
    told.look(DOWN)
    told.look({}, SETTLED - timedelta(milliseconds=1))
    assert len(told.sent()) == 1
    told.look({}, timedelta(milliseconds=1))
    told.look({})
    assert told.heads() == ["【网关警报】《broker_down》", "【网关恢复】《broker_down》"]


def test_one_that_flickers_is_one_episode(told: Told) -> None:
    for n in range(40):
        told.look(DOWN if n % 2 else {}, timedelta(minutes=1))
    assert len(told.sent()) == 1


def test_one_that_comes_back_after_its_end_is_told_again(told: Told) -> None:
    for _ in range(2):
        told.look(DOWN)
        told.look({}, SETTLED)
    assert len(told.sent()) == 4


def test_a_restart_repeats_nothing_and_forgets_no_end(told: Told, database: Database) -> None:
    told.look(DOWN)
    told.notices = notices(database, "technician")
    told.look(DOWN)
    assert len(told.sent()) == 1
    told.notices = notices(database, "technician")
    told.look({})
    told.look({}, SETTLED)
    assert told.heads()[1:] == ["【网关恢复】《broker_down》"]


def test_what_was_wrong_while_the_store_took_nothing_is_told_as_soon_as_it_does(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise sa.exc.OperationalError("", {}, Exception("disk I/O error"))

    with monkeypatch.context() as broken:
        broken.setattr(Database, "write", lambda _: refuse())
        for _ in range(3):
            with pytest.raises(sa.exc.OperationalError):
                told.look({Alarm.DATABASE_NOT_WRITABLE: "disk I/O error"})
    told.look({})
    told.look({}, SETTLED)
    assert [head[:6] for head in told.heads()] == ["【网关警报】", "【网关恢复】"]
    assert "01:00 起" in told.sent()[0].body["text"]


def test_several_alarms_are_episodes_of_their_own(told: Told) -> None:
    told.look(DOWN)
    told.look(DOWN | {Alarm.DISK_NEARLY_FULL: "100 MiB"})
    told.look({Alarm.DISK_NEARLY_FULL: "100 MiB"}, SETTLED)
    assert [head[6:] for head in told.heads()] == [
        "《broker_down》",
        "《disk_nearly_full》",
        "《broker_down》",
    ]


def test_where_no_technician_is_named_the_office_is_told(database: Database) -> None:
    told = Told(database, notices(database, "office"))
    told.look(DOWN)
    assert [row.destination for row in told.sent()] == ["notify.chat"]


@pytest.mark.parametrize("alarm", Alarm)
def test_every_alarm_can_be_told_and_what_stops_the_intake_never_waits(
    database: Database, alarm: Alarm
) -> None:
    told = Told(database, notices(database, "sleeper"))
    told.look({alarm: "x"})
    (message,) = told.sent()
    is_blocking = alarm in {
        Alarm.DATABASE_BROKEN,
        Alarm.DATABASE_NOT_WRITABLE,
        Alarm.INTAKE_FAILING,
    }
    assert (message.next_at == told.at) == is_blocking
