"""Identities of buoys: keys that are revoked, and copies that give themselves away."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.gateway.conftest import START, Buoy, Site, minutes
from tests.gateway.test_ingest import counters, rows
from xunhe.adapters.ingest import Ingest
from xunhe.adapters.rules_file import shipped
from xunhe.adapters.store import devices, enrolments, schema
from xunhe.adapters.store.enrolments import EnrolmentError
from xunhe.alerts.identity import MARGIN_S, Life
from xunhe_buoy import record as wire


@pytest.fixture
def buoy(site: Site) -> Buoy:
    return site.buoys["YX-S1"]


def enrol(site: Site, buoy: Buoy, key: bytes, **more: Any) -> enrolments.Enrolled:
    with site.database.write() as connection:
        device = devices.Device(buoy.address.hex(), buoy.station, key)
        return enrolments.enrol(connection, device, site.clock.now(), **more)


def alerts(site: Site) -> list[Any]:
    return [row for row in rows(site.database, schema.alert) if row.rule == "cloned_identity"]


def read(site: Site, buoy: Buoy, at_minutes: float, boot: int) -> None:
    """The gateway hears a reading of that boot, written at that minute."""
    buoy.boot = boot
    site.clock.at = START + timedelta(days=1)
    site.ingest.take([buoy.send(buoy.read(START + minutes(at_minutes)))])


@pytest.mark.parametrize(
    ("boot", "after_s", "is_copy"),
    [
        (2, MARGIN_S, False),
        (2, MARGIN_S + 1, True),
        (3, MARGIN_S + 1, False),  # the same boot goes on
        (4, MARGIN_S + 1, False),  # a new start
        (2, -MARGIN_S, False),  # kept from the boot before
    ],
)
def test_an_earlier_boot_that_writes_after_a_later_one_is_another_board(
    boot: int, after_s: int, is_copy: bool
) -> None:
    assert Life(3, 1_000_000).contradicts(boot, 1_000_000 + after_s) is is_copy


def test_a_buoy_that_sends_its_backlog_after_a_restart_is_no_copy(site: Site, buoy: Buoy) -> None:
    for at, boot in ((0, 5), (10, 6), (5, 5), (20, 6), (30, 7), (29, 6)):
        read(site, buoy, at, boot)
    assert alerts(site) == []


def test_two_boards_under_one_identity_raise_one_alert(site: Site, buoy: Buoy) -> None:
    for at, boot in ((0, 5), (30, 1), (60, 5), (90, 1)):
        read(site, buoy, at, boot)
    (alert,) = alerts(site)
    assert alert.station == "YX-S1"
    assert "交替使用" in alert.reason_zh
    assert "take turns" in alert.reason_en
    (incident,) = rows(site.database, schema.incident)
    assert incident.kind == "disturbed_buoy"
    assert counters(site.database)["readings"] == 4, "the readings are kept all the same"


def test_a_copy_is_found_although_the_gateway_was_started_anew(site: Site, buoy: Buoy) -> None:
    read(site, buoy, 0, 5)
    anew = Ingest(site.database, site.registry, site.clock, shipped())
    read(replace(site, ingest=anew), buoy, 30, 4)
    assert len(alerts(site)) == 1


def test_a_clock_that_was_never_synchronised_is_no_witness(site: Site, buoy: Buoy) -> None:
    read(site, buoy, 0, 5)
    buoy.boot = 4
    late = replace_quality(buoy.read(START + minutes(40)), wire.TIME_DRIFTING)
    site.ingest.take([buoy.send(late)])
    assert alerts(site) == []


def replace_quality(record: wire.Record, quality: int) -> wire.Record:
    record.time_quality = quality
    return record


def test_one_sequence_number_with_two_contents_raises_the_alert(site: Site, buoy: Buoy) -> None:
    read(site, buoy, 0, 5)
    buoy.seq -= 1
    buoy.boot = 5
    site.ingest.take([buoy.send(buoy.read(START, nh3n_mg_l=9.0))])
    (alert,) = alerts(site)
    assert "两种内容" in alert.reason_zh


def test_a_new_key_revokes_the_old_one_and_its_use_is_told(site: Site, buoy: Buoy) -> None:
    read(site, buoy, 0, 5)
    enrolled = enrol(site, buoy, b"\7" * 32)
    assert (enrolled.has_replaced, enrolled.first_boot) == (True, 6)
    reply = site.ingest.take([buoy.send(buoy.read(START + minutes(20)))])
    assert reply.acks == (), "nobody with the old key is acknowledged"
    (kept,) = rows(site.database, schema.rejected)
    assert kept.reason == "revoked"
    assert "01" * 3 not in kept.detail
    (alert,) = alerts(site)
    assert "已作废" in alert.reason_zh


def test_the_alert_ends_when_the_buoy_is_heard_with_a_newer_key(site: Site, buoy: Buoy) -> None:
    for at, boot in ((0, 5), (30, 1)):
        read(site, buoy, at, boot)
    site.clock.at += minutes(5)
    buoy.key = b"\7" * 32
    first_boot = enrol(site, buoy, buoy.key).first_boot
    buoy.boot = first_boot
    site.ingest.take([buoy.send(buoy.read(START + minutes(100)))])
    (alert,) = alerts(site)
    assert alert.ended_at == site.clock.at


def test_a_buoy_that_was_provisioned_anew_repeats_no_boot_number(site: Site, buoy: Buoy) -> None:
    """Its flash may be empty: the gateway knows how far it had counted."""
    read(site, buoy, 0, 5)
    buoy.key = b"\7" * 32
    buoy.boot, buoy.seq = enrol(site, buoy, buoy.key).first_boot, 0
    site.ingest.take([buoy.send(buoy.read(START + minutes(50)))])
    assert counters(site.database) == {"readings": 2}
    assert alerts(site) == []


def test_a_revoked_key_never_comes_back(site: Site, buoy: Buoy) -> None:
    old = buoy.key
    enrol(site, buoy, b"\7" * 32)
    with pytest.raises(EnrolmentError, match="was revoked"):
        enrol(site, buoy, old)


@pytest.mark.parametrize(("seconds", "is_refused"), [(-1, True), (0, False), (1, False)])
def test_a_carried_key_that_is_older_than_the_one_in_force_is_refused(
    site: Site, buoy: Buoy, seconds: int, is_refused: bool
) -> None:
    made_at = START + timedelta(seconds=seconds)  # the one in force was enrolled at START
    if is_refused:
        with pytest.raises(EnrolmentError, match="got a newer key"):
            enrol(site, buoy, b"\7" * 32, made_at=made_at)
    else:
        assert enrol(site, buoy, b"\7" * 32, made_at=made_at).has_replaced


def test_the_same_key_again_changes_nothing(site: Site, buoy: Buoy) -> None:
    assert not enrol(site, buoy, buoy.key).has_replaced
    assert rows(site.database, schema.revoked_key) == []


def test_a_lost_buoy_is_taken_off_the_air(site: Site, buoy: Buoy) -> None:
    with site.database.write() as connection:
        assert enrolments.revoke(connection, buoy.address.hex(), START)
        assert not enrolments.revoke(connection, buoy.address.hex(), START)
    site.ingest.take([buoy.send(buoy.read(START))])
    assert [row.reason for row in rows(site.database, schema.rejected)] == ["unknown_device"]


def test_the_sealing_key_of_a_gateway_is_made_once(site: Site) -> None:
    made = iter((b"a" * 32, b"b" * 32))
    with site.database.write() as connection:
        found = {enrolments.secret(connection, START, lambda: next(made)) for _ in range(2)}
    assert found == {b"a" * 32}
