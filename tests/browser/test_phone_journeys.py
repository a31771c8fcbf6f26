"""People on the move, each his whole way in a browser: chief, citizen, technician."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PATIENCE_MS
from tests.gateway.web.console_server import Served, serve
from tests.gateway.web.people import session_of
from tests.gateway.web.river_rows import (
    NOW,
    REGISTRY,
    add_alert,
    add_incident,
    add_value,
    count,
    opened,
)
from tests.gateway.web.river_rows import add_ticket as add_ticket_row
from xunhe.adapters.desk_clock import DeskClock
from xunhe.adapters.desk_tickets import Desk
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import devices
from xunhe.adapters.store.database import Database
from xunhe.adapters.store.devices import Device
from xunhe.desk.roles import Role
from xunhe.desk.rules import DeskRules

# After the page's own watch, which therefore hears each position first.
HEAR = "navigator.geolocation.watchPosition(({ coords }) => { window.heard = coords.longitude; })"
IS_HEARD = "lon => Math.abs(window.heard - lon) < 1e-9"
LINE = REGISTRY.reaches["YX-1"].line


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    found = opened(tmp_path)
    yield found
    found.close()


@pytest.fixture
def site(database: Database, tmp_path: Path) -> Iterator[Served]:
    evidence = EvidenceStore(tmp_path / "evidence")
    with serve(database, read_without_login=False, evidence=evidence) as served:
        yield served


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.effect_noise((600, 400), 60).convert("RGB").save(path)
    return path


def phone(browser: Browser, site: Served, token: str = "") -> BrowserContext:
    lon, lat = LINE[0]
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        geolocation={"longitude": lon, "latitude": lat, "accuracy": 5},
        permissions=["geolocation"],
        has_touch=True,
    )
    context.set_default_timeout(PATIENCE_MS)
    if token:
        cookie = {"name": "xunhe_session", "value": token, "url": site.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    return context


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 360, page.url


def test_a_chief_takes_a_ticket_from_its_coming_in_to_its_closing(
    site: Served, database: Database, browser: Browser, photo: Path
) -> None:
    chief, _ = session_of(database, "村级河长", person="P5")
    handler, _ = session_of(database, "水利", role=Role.HANDLER, code="D-WATER")
    with phone(browser, site, chief) as his, phone(browser, site, handler) as theirs:
        page, work = his.new_page(), theirs.new_page()
        page.goto(f"{site.url}/phone")
        expect(page.get_by_text("没有待办工单")).to_be_visible()
        with database.write() as connection:
            incident = add_incident(connection)
            add_alert(connection, incident)
            ticket = add_ticket_row(connection, incident)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # he comes back
        page.locator(".card", has_text="水质异常").click()
        page.get_by_role("button", name="受理（挂单）").click()
        expect(page.locator(".facts .state")).to_contain_text("已受理")
        page.locator("#handler").select_option("D-WATER")
        page.get_by_role("button", name="交办").click()
        expect(page.locator(".facts .state")).to_contain_text("已交办")
        fits(page)

        work.goto(f"{site.url}/phone/tickets/{ticket}")
        work.get_by_role("button", name="开始处理").click()
        expect(work.locator(".facts .state")).to_contain_text("处理中")  # the page is the new one
        work.locator("#photo-done").set_input_files(photo)
        expect(work.locator("[data-previews] canvas")).to_have_count(1)
        work.locator("#r-done").fill("已封堵排口")
        work.get_by_role("button", name="处理完成").click()
        expect(work.locator(".facts .state")).to_contain_text("待验收")

        page.reload()
        expect(page.locator("#work img")).to_have_count(1)
        expect(page.locator("#river")).to_contain_text("监测中")
        the_river_agrees(site, database)
        page.reload()
        expect(page.locator("#river")).to_contain_text("氨氮 0.31")
        fits(page)
        page.get_by_role("button", name="验收通过").click()
        page.get_by_role("button", name="销号").click()
        expect(page.locator(".facts .state")).to_contain_text("已销号")


def the_river_agrees(site: Served, database: Database) -> None:
    """Seven hours later the buoy measures clean water, and its alert is over."""
    site.clock.at = NOW + timedelta(hours=7)
    with database.write() as connection:
        add_value(connection, "YX-S1", "nh3n_mg_l", 0.31, NOW + timedelta(hours=6))
        connection.exec_driver_sql("UPDATE alert SET ended_at = raised_at")
    DeskClock(database, Desk(REGISTRY, DeskRules())).tick(site.clock.now())


def test_a_chief_patrols_and_reports_on_the_way(
    site: Served, database: Database, browser: Browser, photo: Path
) -> None:
    token, _ = session_of(database, "村级河长", person="P5")
    with phone(browser, site, token) as context:
        page = context.new_page()
        page.clock.install(time=NOW.timestamp())
        page.goto(f"{site.url}/phone/field")
        page.get_by_role("button", name="开始巡河").click()
        expect(page.locator("#walk-end")).to_be_visible()
        page.evaluate(HEAR)
        (lon, lat), (to_lon, to_lat) = LINE[0], LINE[1]
        for n in range(1, 16):
            page.clock.run_for(25_000)
            share = n / 15
            place = {
                "longitude": lon + share * (to_lon - lon),
                "latitude": lat + share * (to_lat - lat),
            }
            context.set_geolocation({**place, "accuracy": 5})
            page.wait_for_function(IS_HEARD, arg=place["longitude"])
        page.locator("#report-photo").set_input_files(photo)
        page.get_by_role("button", name="上报", exact=False).last.click()
        expect(page.locator(".queue-sent")).to_have_count(1)
        page.get_by_role("button", name="结束巡河").click()
        expect(page.locator(".queue-sent")).to_have_count(2)
        fits(page)
        page.goto(f"{site.url}/phone/patrols")
        page.locator(".card").first.click()
        expect(page.locator(".big-verdict")).to_contain_text("有效巡河")
        expect(page.locator("main")).to_contain_text("工单 Ticket #1")


def test_a_citizen_reports_by_the_board_and_rates_the_answer(
    site: Served, browser: Browser, photo: Path
) -> None:
    with phone(browser, site) as context:
        page = context.new_page()
        page.goto(f"{site.url}/report?board=YX-B1")  # where the sign board's code leads
        fits(page)
        page.locator("#photo").set_input_files(photo)
        expect(page.locator("[data-previews] canvas")).to_have_count(1)
        page.locator("#category").select_option("floating.litter")
        page.locator("#text").fill("一片塑料瓶")
        page.get_by_role("button", name="提交").click()
        code = page.locator(".code").inner_text()
        with site.member() as office:
            for action in ("accept", "feedback"):
                revision = office.get("/api/v1/tickets/1").json()["revision"]
                step = {"action": action, "reason": "已清理，谢谢", "revision": revision}
                office.post("/api/v1/tickets/1/steps", json=step)
        page.goto(f"{site.url}/report/track")
        page.locator("#code").fill(code.lower())
        page.get_by_role("button", name="查询").click()
        expect(page.locator("main")).to_contain_text("已清理，谢谢")
        expect(page.locator(".stages .here")).to_contain_text("已受理")
        page.get_by_role("button", name="很满意").click()
        expect(page.locator("main")).to_contain_text("已评价")
        fits(page)
        page.goto(f"{site.url}/report/river")
        expect(page.locator(".cards img")).to_have_count(1)
        fits(page)


def test_a_technician_makes_a_sick_station_well(
    site: Served, database: Database, browser: Browser
) -> None:
    properties = ("ph", "water_temp_c", "do_mg_l", "nh3n_mg_l")
    with database.write() as connection:
        devices.enrol(connection, Device("a0b1c2d3e4f5", "YX-S1", b"k" * 32), NOW)
        for prop in properties:
            add_value(connection, "YX-S1", prop, 7.0, NOW - timedelta(days=2))
    token, _ = session_of(database, "技术员", role=Role.TECHNICIAN)
    with phone(browser, site, token) as context:
        page = context.new_page()
        page.goto(f"{site.url}/stations")
        page.get_by_role("button", name="最近的在前").click()
        first = page.locator("#stations .card").first
        expect(first.locator(".distance")).to_contain_text("km")
        expect(first).to_contain_text("竹桥浮标")
        first.click()
        expect(page.locator(".ailments")).to_contain_text("失联")
        page.locator("summary", has_text="更换浮标").click()
        page.locator("#device").fill("b0b1c2d3e4f5")
        page.locator("#key").fill("6e" * 32)
        page.get_by_role("button", name="接管本站").click()
        expect(page.locator("#devices")).to_contain_text("已换下")
        with database.write() as connection:
            for prop in properties:
                add_value(connection, "YX-S1", prop, 7.1)
            count(connection, "readings", 8)
        for n, prop in enumerate(properties, 2):
            page.locator("#work-kind").select_option("calibration")
            page.locator("#property").select_option(prop)
            page.locator("#found_error").fill("0.02")
            page.get_by_role("button", name="登记已完成").click()
            expect(page.locator("#work .history li")).to_have_count(n)
        expect(page.locator(".big-verdict")).to_contain_text("正常")
        fits(page)
        page.goto(f"{site.url}/phone/field")
        expect(page.locator(".tabs .tab:visible")).to_have_count(1)  # the others are a chief's
