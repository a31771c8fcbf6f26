"""The desk's intake: proved, stored once, receipted after the COMMIT."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.gateway.conftest import Buoy
from tests.province.conftest import LAND, ONE, OTHER, Desk, Sender
from xunhe.adapters.province.intake import Carried
from xunhe.adapters.province.parcel import Parcel, decode_receipt, tag_of
from xunhe.adapters.store import gateways
from xunhe_tools.province.land import key_of


def receipted(desk: Desk, *carried: Carried) -> set[bytes]:
    """The tags that the desk named to the first gateway."""
    receipts = desk.intake.take(carried)
    if ONE not in receipts:
        return set()
    return set(decode_receipt(ONE, receipts[ONE], key_of(ONE)))


def test_readings_are_stored_with_their_values_and_receipted(
    desk: Desk, sender: Sender, buoy: Buoy
) -> None:
    carried = sender.frame(buoy, count=3)
    assert receipted(desk, carried) == {tag_of(carried.wire)}
    assert (desk.count("record"), desk.count("observation")) == (3, 15)


def test_a_parcel_that_comes_again_changes_nothing_and_is_receipted_again(
    desk: Desk, sender: Sender, buoy: Buoy
) -> None:
    carried = sender.frame(buoy, count=3)
    for _ in range(3):
        assert receipted(desk, carried, carried) == {tag_of(carried.wire)}
    assert (desk.count("record"), desk.count("rejected")) == (3, 0)


def test_a_failing_store_gives_no_receipt_and_the_same_batch_is_taken_later(
    desk: Desk, sender: Sender, buoy: Buoy, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried = sender.frame(buoy)
    with monkeypatch.context() as patch:
        broken = sa.exc.OperationalError("COMMIT", None, Exception("disk full"))
        patch.setattr(desk.database, "append", lambda: _raise(broken))
        with pytest.raises(sa.exc.OperationalError):
            desk.intake.take([carried])
    assert desk.count("record") == 0
    assert receipted(desk, carried)
    assert desk.count("record") == 1


def _raise(error: Exception) -> None:
    raise error


def test_a_gateway_that_is_not_enrolled_gets_no_receipt_and_its_bytes_are_kept(
    desk: Desk, buoy: Buoy
) -> None:
    stranger = Sender("G9999", key_of("G9999"))
    assert desk.intake.take([stranger.frame(buoy)]) == {}
    assert desk.rejections() == ["unknown_device"]
    assert desk.count("record") == 0


def test_a_revoked_gateway_gets_no_receipt(desk: Desk, sender: Sender, buoy: Buoy) -> None:
    with desk.database.write() as connection:
        assert gateways.revoke(connection, ONE, desk.clock.now())
    assert desk.intake.take([sender.frame(buoy)]) == {}
    assert desk.count("record") == 0


def test_a_parcel_under_another_gateways_name_is_refused(
    desk: Desk, sender: Sender, buoy: Buoy
) -> None:
    carried = sender.frame(buoy)
    assert desk.intake.take([Carried(OTHER, carried.wire)]) == {}
    assert desk.rejections() == ["mac"]


def test_a_gateway_cannot_forge_a_buoys_reading(desk: Desk, sender: Sender, buoy: Buoy) -> None:
    """It is receipted: it is kept with its reason, and would come again for ever."""
    forged = Buoy(buoy.station, buoy.address, bytes(32))
    carried = sender.frame(forged)
    assert receipted(desk, carried) == {tag_of(carried.wire)}
    assert (desk.count("record"), desk.rejections()) == (0, ["mac"])


def test_a_bad_frame_holds_up_nothing_beside_it(desk: Desk, sender: Sender, buoy: Buoy) -> None:
    bad = [
        sender.parcel(f"{buoy.station}/readings", b"noise"),
        sender.parcel(f"{buoy.station}/report", b""),
        sender.parcel(f"{buoy.station}/status", b"[" * 2000),
        sender.parcel("no-such-kind", b""),
        sender.parcel("a/b/c/d", b""),
    ]
    good = sender.frame(buoy)
    assert len(receipted(desk, *bad, good)) == 6
    assert desk.count("record") == 1
    assert desk.count("rejected") == 5


def test_the_same_key_with_other_content_is_kept_as_a_conflict(
    desk: Desk, sender: Sender, buoy: Buoy
) -> None:
    receipted(desk, sender.frame(buoy))
    twin = Buoy(buoy.station, buoy.address, buoy.key)
    twin.read(desk.clock.now(), ph=9.0)
    message = twin.send(twin.log[-1])
    receipted(desk, sender.parcel(f"{buoy.station}/readings", message.payload))
    assert (desk.count("record"), desk.rejections()) == (1, ["conflict"])


@pytest.mark.parametrize(("ahead_min", "stored"), [(9, 1), (10, 1), (11, 0)])
def test_a_reading_from_the_future_is_refused_as_at_the_gateway(
    desk: Desk, sender: Sender, buoy: Buoy, ahead_min: int, stored: int
) -> None:
    record = buoy.read(desk.clock.now() + timedelta(minutes=ahead_min))
    frame = buoy.send(record).payload
    receipted(desk, sender.parcel(f"{buoy.station}/readings", frame))
    assert desk.count("record") == stored
    assert desk.rejections() == ([] if stored else ["time_future"])


def test_a_buoys_address_that_nobody_enrolled_is_kept_with_its_reason(
    desk: Desk, sender: Sender, buoy: Buoy
) -> None:
    unknown = Buoy(buoy.station, b"\x02unkno", buoy.key)
    receipted(desk, sender.frame(unknown))
    assert desk.rejections() == ["unknown_device"]


def test_the_receipts_of_a_batch_go_to_each_gateway_its_own(desk: Desk, sender: Sender) -> None:
    other = Sender(OTHER, key_of(OTHER))
    first, second = (LAND.buoys_of(code)[0] for code in (ONE, OTHER))
    mine = sender.frame(Buoy(first.station, first.address, first.key))
    yours = other.frame(Buoy(second.station, second.address, second.key))
    receipts = desk.intake.take([mine, yours])
    assert decode_receipt(ONE, receipts[ONE], key_of(ONE)) == [tag_of(mine.wire)]
    assert decode_receipt(OTHER, receipts[OTHER], key_of(OTHER)) == [tag_of(yours.wire)]


def test_a_gateway_that_was_heard_is_noted(desk: Desk, sender: Sender, buoy: Buoy) -> None:
    receipted(desk, sender.frame(buoy))
    with desk.database.read() as connection:
        heard = {one.code: one.heard_at for one in gateways.listed(connection)}
    assert heard == {ONE: desk.clock.now(), OTHER: None}


def test_what_the_desk_itself_fails_at_is_kept_and_not_receipted(desk: Desk) -> None:
    desk.intake.set_aside(Carried(ONE, b"bytes"))
    assert desk.rejections() == ["internal"]


def test_an_answer_to_a_restored_gateway_does_not_name_its_new_rows(
    desk: Desk, sender: Sender, buoy: Buoy
) -> None:
    """A number can come again after a backup was put back: a receipt names content instead."""
    first = sender.frame(buoy)
    sender.number = 0
    second = sender.frame(buoy)
    assert receipted(desk, first) == {tag_of(first.wire)}
    assert tag_of(second.wire) != tag_of(first.wire)
    assert sender.again(Parcel(1, 0, "s", b"")).wire != sender.again(Parcel(1, 1, "s", b"")).wire
