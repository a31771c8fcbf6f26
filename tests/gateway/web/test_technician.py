"""A technician's pages: health, calibration, maintenance, a buoy replaced."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.gateway.web.console_server import Served
from tests.gateway.web.people import client_of
from tests.gateway.web.river_rows import NOW, add_value
from xunhe.adapters.store import devices, maintenance
from xunhe.adapters.store.devices import Device
from xunhe.desk.roles import Role
from xunhe.domain.maintenance import Maintenance, Work

OLD, NEW = "a0b1c2d3e4f5", "b0b1c2d3e4f5"
PAGE = "/stations/YX-S1"


@pytest.fixture
def technician(served: Served) -> Iterator[httpx.Client]:
    with served.database.write() as connection:
        devices.enrol(connection, Device(OLD, "YX-S1", b"k" * 32), NOW - timedelta(days=90))
    with client_of(served, "技术员", role=Role.TECHNICIAN) as client:
        yield client


def works(served: Served) -> list[Maintenance]:
    with served.database.read() as connection:
        return maintenance.of_station(connection, "YX-S1")


def test_a_sick_station_says_what_it_lacks_and_a_well_one_nothing(
    served: Served, technician: httpx.Client
) -> None:
    with served.database.write() as connection:
        add_value(connection, "YX-S1", "ph", 7.1, flag=4)
        add_value(connection, "YX-S1", "battery_v", 3.01)
        add_value(connection, "YX-S2", "battery_v", 3.9)
    page = technician.get("/stations").text
    for ailment in ("从未上线", "电量低 3.01 V", "酸碱度不合格", "无校准记录：pH"):
        assert ailment in page


@pytest.mark.parametrize(("volts", "is_low"), [(3.09, True), (3.1, False), (3.11, False)])
def test_the_battery_is_low_where_the_buoy_itself_begins_to_save(
    served: Served, technician: httpx.Client, volts: float, is_low: bool
) -> None:
    with served.database.write() as connection:
        add_value(connection, "YX-S1", "battery_v", volts)
    assert ("电量低" in technician.get(PAGE).text) is is_low


def test_maintenance_begins_once_and_ends(served: Served, technician: httpx.Client) -> None:
    began = {"step": "begin", "work": "calibration", "property": "ph"}
    for _ in range(2):
        answer = technician.post(f"{PAGE}/maintenance", data=began)
        assert answer.headers["location"] == f"{PAGE}#work"
    (work,) = works(served)
    assert (work.work, work.prop, work.ended_at) == (Work.CALIBRATION, "ph", None)
    served.clock.at = NOW + timedelta(minutes=20)
    technician.post(f"{PAGE}/maintenance", data={**began, "step": "end", "found_error": "-0.12"})
    (work,) = works(served)
    assert (work.ended_at, work.found_error) == (NOW + timedelta(minutes=20), -0.12)
    page = technician.get(PAGE).text
    assert "-0.12" in page
    assert "08-31" in page  # pH is due sixty days later


def test_ending_what_nobody_began_is_told(served: Served, technician: httpx.Client) -> None:
    answer = technician.post(f"{PAGE}/maintenance", data={"step": "end", "work": "repair"})
    assert answer.status_code == 422
    assert "没有进行中的这项工作" in answer.text
    assert works(served) == []


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"step": "did", "work": "calibration"}, "请选择校准的项目"),
        ({"step": "did", "work": "dancing"}, "请从列表中选择"),
        ({"step": "did", "work": "cleaning", "property": "none"}, "没有这个项目"),
        ({"step": "did", "work": "cleaning", "found_error": "x"}, "请填数字"),
        ({}, "必填"),
    ],
)
def test_a_wrong_form_comes_back_with_what_is_wrong(
    served: Served, technician: httpx.Client, sent: dict[str, str], said: str
) -> None:
    answer = technician.post(f"{PAGE}/maintenance", data=sent | {"note": "刷子"})
    assert answer.status_code == 422
    assert said in answer.text
    assert works(served) == []


def test_a_new_buoy_takes_the_station_over(served: Served, technician: httpx.Client) -> None:
    sent = {"device": NEW.upper(), "key": "6e" * 32, "note": "旧机进水"}
    assert technician.post(f"{PAGE}/replacement", data=sent).status_code == 303
    with served.database.read() as connection:
        assert devices.at_station(connection, "YX-S1") == Device(NEW, "YX-S1", b"n" * 32)
        old = devices.find(connection, OLD)
    assert old is not None
    assert old.left_at == NOW
    (work,) = works(served)
    assert work.work is Work.REPLACEMENT
    assert f"{OLD} → {NEW}" in work.note
    page = technician.get(PAGE).text
    assert NEW in page
    assert "6e6e" not in page  # no page shows a key


def test_the_key_may_come_as_a_file(served: Served, technician: httpx.Client) -> None:
    files = {"key_file": ("device.key", b"6e" * 32 + b"\n", "text/plain")}
    sent = {"device": NEW, "key": ""}
    assert technician.post(f"{PAGE}/replacement", data=sent, files=files).status_code == 303
    with served.database.read() as connection:
        assert devices.at_station(connection, "YX-S1") == Device(NEW, "YX-S1", b"n" * 32)


def test_a_buoy_that_serves_elsewhere_and_wrong_keys_are_refused(
    served: Served, technician: httpx.Client
) -> None:
    with served.database.write() as connection:
        devices.enrol(connection, Device(NEW, "YX-S2", b"k" * 32), NOW)
    taken = technician.post(f"{PAGE}/replacement", data={"device": NEW, "key": "6e" * 32})
    assert (taken.status_code, "还在 YX-S2 服役" in taken.text) == (422, True)
    for wrong in ({"device": NEW, "key": "6e" * 31}, {"device": "xyz", "key": "6e" * 32}):
        answer = technician.post(f"{PAGE}/replacement", data=wrong)
        assert (answer.status_code, "格式不对" in answer.text) == (422, True)
        assert "6e6e" not in answer.text
    with served.database.read() as connection:
        assert devices.at_station(connection, "YX-S1") == Device(OLD, "YX-S1", b"k" * 32)


def test_who_is_no_technician_reads_and_does_not_write(served: Served) -> None:
    with client_of(served, "村级河长", person="P5") as chief:
        page = chief.get(PAGE)
        assert page.status_code == 200
        assert "更换浮标" not in page.text
        assert chief.get("/stations/YX-S3").status_code == 404
        refused = chief.post(f"{PAGE}/replacement", data={"device": NEW, "key": "6e" * 32})
        assert refused.status_code in (403, 404)
