"""The operator's day in a real browser: from alert to confirmed by keyboard; badge, tiles."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Watched
from tests.gateway.test_mbtiles import made, vector_tile
from tests.gateway.web.console_server import NAME, PASSWORD, Served, add_administrator, serve
from tests.gateway.web.river_rows import add_alert, add_incident, add_ticket, fill
from xunhe.adapters.store.database import Database

pytestmark = pytest.mark.browser


@pytest.fixture
def served(store: Database) -> Iterator[Served]:
    with serve(store, time_factor=120) as served:
        add_administrator(store, served.wall)
        yield served


def log_in(page: Page, served: Served) -> None:
    page.goto(f"{served.url}/login")
    page.get_by_label("名称").fill(NAME)
    page.get_by_label(re.compile("^密码")).fill(PASSWORD)
    page.locator("main button").first.click()
    expect(page.locator("body")).to_have_attribute("data-link", "live")


def raise_alarm(served: Served, station: str = "YX-S1") -> int:
    with served.database.write() as connection:
        incident = add_incident(connection, station)
        add_alert(connection, incident, station)
        add_ticket(connection, incident, f"XH-2026-000{incident}")
    served.live.notify()
    return incident


def test_from_alert_to_confirmed_by_keyboard_alone(
    store: Database, served: Served, watched: Watched
) -> None:
    fill(store)
    page = watched.page
    log_in(page, served)
    incident = raise_alarm(served)
    row = page.locator(f"[data-incident-id='{incident}']")
    expect(row).to_be_visible()
    page.keyboard.press("j")
    expect(row).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"/incidents/{incident}$"))
    expect(page.locator("#chart")).to_have_attribute("data-drawn", "nh3n_mg_l")
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator(".witness-mark")).to_have_count(1)
    page.keyboard.press("y")
    expect(page.locator("#judged")).to_contain_text("属实")
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(row.locator(".verdict-real")).to_be_visible()
    page.locator("#ticket-1").or_(page.locator("[data-ticket-id] a")).first.click()
    expect(page).to_have_url(re.compile("/tickets/"))
    assert watched.hosts == {f"127.0.0.1:{served.port}"}
    assert watched.complaints == []


def test_one_key_in_the_list_judges_the_row_in_focus(served: Served, watched: Watched) -> None:
    page = watched.page
    first, second = raise_alarm(served, "YX-S1"), raise_alarm(served, "YX-S2")
    log_in(page, served)
    for key in ("j", "j", "n"):
        page.keyboard.press(key)
    expect(page.locator(f"[data-incident-id='{first}'] .verdict-false")).to_be_visible()
    expect(page.locator(f"[data-incident-id='{second}'] .verdict")).to_have_count(0)
    expect(page.locator(f"[data-incident-id='{first}']")).to_be_focused()


def test_the_help_lists_the_keys_and_can_switch_them_off(served: Served, watched: Watched) -> None:
    page = watched.page
    raise_alarm(served)
    page.goto(served.url)
    expect(page.locator("body")).to_have_attribute("data-link", "live")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("使用单键").uncheck()
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("j")
    expect(page.locator("[data-row]:focus")).to_have_count(0)


def test_a_severe_alert_counts_in_the_title_while_nobody_looks(
    served: Served, watched: Watched, context: BrowserContext
) -> None:
    page = watched.page
    page.goto(served.url)
    expect(page.locator("body")).to_have_attribute("data-link", "live")
    page.locator("#sound").click()
    expect(page.locator("#sound")).to_have_attribute("data-sound", "on")
    page.evaluate("document.hasFocus = () => false")
    raise_alarm(served)
    expect(page).to_have_title(re.compile(r"^\(1\) "))
    page.evaluate("dispatchEvent(new Event('focus'))")
    expect(page).not_to_have_title(re.compile(r"^\("))


def test_a_page_that_is_not_live_says_so_in_its_title_and_stops_its_clock(
    store: Database, watched: Watched
) -> None:
    page = watched.page
    page.clock.install()
    with serve(store, time_factor=120) as served:
        page.goto(served.url)
        expect(page.locator("body")).to_have_attribute("data-link", "live")
    expect(page).to_have_title(re.compile("^⚠ 断线"))
    expect(page.locator("#lost")).to_be_visible()
    clock = page.locator("#river-time")
    stands = clock.text_content()
    page.clock.run_for(2_000)
    assert clock.text_content() == stands


def test_vector_tiles_lie_below_the_rivers_and_nothing_leaves_the_host(
    store: Database, watched: Watched, tmp_path: Path
) -> None:
    tiles = {(0, 0, 0): vector_tile("water")}
    path = made(tmp_path / "a.mbtiles", tiles, format="pbf", minzoom="0", maxzoom="0")
    with serve(store, map_tiles=path) as served:
        page = watched.page
        page.goto(served.url)
        tile = page.locator("canvas.sheet-tile").first
        expect(tile).to_be_attached()
        expect(page.locator("path.reach-line")).to_have_count(4)
        colours = """canvas => [...canvas.getContext('2d').getImageData(50, 50, 1, 1).data]"""
        expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
        assert tile.evaluate(colours) == [195, 214, 220, 255]  # --sheet-water by day
        assert watched.hosts == {f"127.0.0.1:{served.port}"}
        assert watched.complaints == []
