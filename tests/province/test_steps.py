"""What a gateway found becomes one incident with one ticket, however it comes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.gateway.conftest import START
from tests.province.conftest import LAND, ONE, OTHER, Desk, Sender
from xunhe.adapters.recording_lines import Ended, Listened, Renewed, to_line
from xunhe.adapters.store import upward
from xunhe.domain.incident import Cleared, Finding, Severity
from xunhe_tools.province.land import key_of, station_of

STEP = Finding(
    rule="ammonia_step",
    station=station_of(ONE, 0),
    prop="nh3n_mg_l",
    at=START,
    severity=Severity.MAJOR,
    value=3.4,
    baseline=0.3,
    reason_zh="氨氮突升",
    reason_en="ammonia rose",
)
OVER = Cleared(STEP.rule, STEP.station, START + timedelta(hours=1))


def raised(sender: Sender, finding: Finding = STEP) -> tuple[str, bytes]:
    return upward.STEP, to_line(Renewed(START, finding)).encode()


def over() -> tuple[str, bytes]:
    return upward.STEP, to_line(Ended(START + timedelta(hours=1), OVER)).encode()


def open_alerts(desk: Desk) -> int:
    with desk.database.read() as connection:
        query = "SELECT count(*) FROM alert WHERE ended_at IS NULL"
        return int(connection.exec_driver_sql(query).scalar_one())


def test_a_finding_opens_an_incident_with_one_ticket(desk: Desk, sender: Sender) -> None:
    desk.intake.take([sender.parcel(*raised(sender))])
    assert [desk.count(table) for table in ("incident", "alert", "ticket")] == [1, 1, 1]


def test_ten_deliveries_of_a_finding_are_one_ticket(desk: Desk, sender: Sender) -> None:
    carried = sender.parcel(*raised(sender))
    for _ in range(5):
        assert ONE in desk.intake.take([carried, carried])
    assert [desk.count(table) for table in ("incident", "alert", "ticket")] == [1, 1, 1]


def test_alerts_of_one_river_share_a_ticket_and_those_of_two_rivers_do_not(
    desk: Desk, sender: Sender
) -> None:
    beside = replace(STEP, station=station_of(ONE, 1), at=START + timedelta(minutes=20))
    elsewhere = replace(STEP, station=station_of(OTHER, 0))
    desk.intake.take([sender.parcel(*raised(sender)), sender.parcel(*raised(sender, beside))])
    assert (desk.count("alert"), desk.count("ticket")) == (2, 1)
    other = Sender(OTHER, key_of(OTHER))
    desk.intake.take([other.parcel(*raised(other, elsewhere))])
    assert (desk.count("alert"), desk.count("ticket")) == (3, 2)


def test_a_finding_that_comes_again_after_its_end_does_not_come_back(
    desk: Desk, sender: Sender
) -> None:
    """A stream may hand out an old copy at any time."""
    first = sender.parcel(*raised(sender))
    desk.intake.take([first])
    desk.intake.take([sender.parcel(*over())])
    assert open_alerts(desk) == 0
    desk.intake.take([first])
    assert open_alerts(desk) == 0


def test_steps_of_one_batch_are_taken_in_the_order_of_their_numbers(
    desk: Desk, sender: Sender
) -> None:
    first, second = sender.parcel(*raised(sender)), sender.parcel(*over())
    desk.intake.take([second, first])
    assert (desk.count("alert"), open_alerts(desk)) == (1, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 5000,
        b'{"step": "renewed"}',
        b'{"step": "measured", "at": "2026-01-01T00:00:00+00:00"}',
        to_line(Listened(START)).encode(),
    ],
)
def test_what_is_no_step_is_kept_with_its_reason_and_freed(
    desk: Desk, sender: Sender, body: bytes
) -> None:
    assert ONE in desk.intake.take([sender.parcel(upward.STEP, body)])
    assert desk.rejections() == ["json"]


def test_a_finding_at_a_place_that_is_not_registered_is_kept_with_its_reason(
    desk: Desk, sender: Sender
) -> None:
    desk.intake.take([sender.parcel(*raised(sender, replace(STEP, station="elsewhere")))])
    assert (desk.rejections(), desk.count("incident")) == (["wrong_station"], 0)


def test_every_gateway_has_its_own_key() -> None:
    assert len({key_of(code) for code in LAND.codes()}) == len(LAND.codes())
