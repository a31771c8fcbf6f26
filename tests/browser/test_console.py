"""The console in a real browser: live without reload, honest when the link is lost."""

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Watched, assert_fits
from tests.browser.flaky_link import FlakyLink
from tests.gateway.web.console_server import PASSWORD, Served, serve
from tests.gateway.web.river_rows import (
    SetClock,
    add_alert,
    add_incident,
    add_rejected,
    add_ticket,
    add_value,
    count,
    fill,
    opened,
)
from xunhe.adapters.store.accounts import ensure_setup_code
from xunhe.adapters.store.database import Database

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The filled night, for looking only."""
    database = opened(tmp_path_factory.mktemp("night"))
    fill(database)
    with serve(database, time_factor=120) as served:
        yield served
    database.close()


@pytest.fixture
def links() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


def test_alert_and_ticket_arrive_without_reload(store: Database, watched: Watched) -> None:
    with serve(store) as served:
        page = watched.page
        page.goto(served.url)
        expect(page.locator("body")).to_have_attribute("data-link", "live")
        expect(page.get_by_text("暂无事件")).to_be_visible()
        watched.mark()
        with store.write() as connection:
            incident = add_incident(connection)
            alert = add_alert(connection, incident)
            add_ticket(connection, incident)
        served.live.notify()
        expect(page.locator(f"[data-alert-id='{alert}']")).to_contain_text("氨氮由 0.31 升至 1.62")
        expect(page.locator("#ticket-1")).to_have_text("XH-2026-0001")
        expect(page.locator(".ticket-mark a")).to_have_text("工单 1")
        assert watched.announced() == [str(alert)]
        assert watched.is_same_load()
        assert watched.hosts == {f"127.0.0.1:{served.port}"}
        assert watched.complaints == []


def test_readings_refresh_the_cards(store: Database, watched: Watched) -> None:
    with serve(store) as served:
        watched.page.goto(served.url)
        card = watched.page.locator("[data-station='YX-S1']")
        expect(card).to_contain_text("等待首条读数")
        expect(watched.page.locator("body")).to_have_attribute("data-link", "live")
        with store.write() as connection:
            add_value(connection, "YX-S1", "nh3n_mg_l", 0.42)
            count(connection, "readings", 1)
        served.live.notify()
        expect(card).to_contain_text("0.42")
        expect(card).to_contain_text("Ⅱ类 · 单因子（1项）")


def test_a_lost_link_is_said_and_resumes_without_gap_or_repeat(
    store: Database, watched: Watched, links: ExitStack
) -> None:
    page = watched.page
    link = links.enter_context(FlakyLink(0).running())
    with serve(store) as served:
        link.target = served.port
        page.goto(link.url)
        expect(page.locator("body")).to_have_attribute("data-link", "live")
        watched.mark()
        with store.write() as connection:
            incident = add_incident(connection)
            first = add_alert(connection, incident)
        served.live.notify()
        expect(page.locator(f"[data-alert-id='{first}']")).to_be_visible()
    expect(page.locator(".link .when-lost")).to_be_visible()
    expect(page.locator("#lost")).to_contain_text("断线")
    expect(page.locator("#last-event")).to_have_text("2026-07-02 03:20:00")
    with store.write() as connection:
        other = [add_incident(connection, f"YX-S{n}") for n in (2, 3)]
        missed = [
            add_alert(connection, incident, station=f"YX-S{n}", rule="x")
            for n, incident in zip((2, 3), other, strict=True)
        ]
    with serve(store) as served:
        link.target = served.port
        expect(page.locator(".link .when-live")).to_be_visible()
        expect(page.locator("#lost")).to_be_hidden()
        expected = [str(alert) for alert in (first, *missed)]
        expect(page.locator("[data-alert-id]")).to_have_count(3)
        assert sorted(watched.alert_ids()) == sorted(expected)
        assert watched.announced() == expected  # each once, in order
        assert watched.is_same_load()


@pytest.mark.parametrize("path", ["/", "/tickets/2", "/incidents/2", "/rules", "/login"])
def test_no_page_scrolls_sideways(night: Served, browser: Browser, path: str) -> None:
    page = browser.new_page()
    page.goto(night.url + path)
    assert_fits(page, 360, 768, 1440)
    page.close()


def test_setup_then_accept_a_ticket(store: Database, watched: Watched) -> None:
    code = ensure_setup_code(store, SetClock())
    assert code is not None
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
    with serve(store, read_without_login=False) as served:
        page = watched.page
        page.goto(f"{served.url}/tickets/1")
        expect(page).to_have_url(re.compile("/login"))
        page.get_by_role("link", name="设立管理员").click()
        page.get_by_label("一次性代码").fill(code)
        page.get_by_label("名称").fill("站长")
        page.get_by_label("密码（至少").fill(PASSWORD)
        page.get_by_label("再输一次").fill(PASSWORD)
        page.get_by_role("button", name="设立").click()
        expect(page.locator("body")).to_have_attribute("data-link", "live")
        page.locator("#ticket-1").click()
        page.locator("#reason-step").fill("现场已核实")
        page.get_by_role("button", name="受理（挂单）").click()
        expect(page.locator(".facts .state")).to_contain_text("已受理（挂单）")
        expect(page.locator(".log")).to_contain_text("现场已核实")
        expect(page.locator(".log")).to_contain_text("站长")
        assert watched.complaints == []


def test_a_ticket_page_says_that_somebody_else_decided(store: Database, watched: Watched) -> None:
    with store.write() as connection:
        add_ticket(connection, add_incident(connection))
    with serve(store) as served, served.member() as colleague:
        page = watched.page
        page.context.add_cookies(
            [
                {
                    "name": "xunhe_session",
                    "value": colleague.cookies["xunhe_session"],
                    "url": served.url,
                }
            ]
        )
        page.goto(f"{served.url}/tickets/1")
        expect(page.locator("body")).to_have_attribute("data-link", "live")
        decision = {"reason": "同事先到", "revision": 1}
        assert colleague.post("/api/v1/tickets/1/acceptance", json=decision).status_code == 200
        expect(page.locator("#changed")).to_be_visible()
        expect(page.locator(".log")).to_contain_text("同事先到")


def test_rejected_frames_are_announced_on_their_page(store: Database, watched: Watched) -> None:
    with serve(store) as served:
        page = watched.page
        page.goto(f"{served.url}/rejected")
        expect(page.get_by_text("没有被拒帧")).to_be_visible()
        expect(page.locator("body")).to_have_attribute("data-link", "live")
        with store.write() as connection:
            add_rejected(connection)
        served.live.notify()
        expect(page.locator("#more-rejected")).to_be_visible()


def test_the_map_draws_every_reach_station_and_outfall(night: Served, watched: Watched) -> None:
    page = watched.page
    page.goto(night.url)
    expect(page.locator("path.reach-line")).to_have_count(4)
    expect(page.locator("path.reach-line.class-orange")).to_have_count(1)
    expect(page.locator("path.station-mark")).to_have_count(3)
    expect(page.locator(".outfall-mark")).to_have_count(2)
    expect(page.locator(".flow-mark")).to_have_count(8)
    assert watched.hosts == {f"127.0.0.1:{night.port}"}
    assert watched.complaints == []


_CONTRAST = """() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (css) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = (c) => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) {
    const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 250) return c; }
    return [255, 255, 255, 255]; };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !e.checkVisibility() || e.closest('svg, .hidden, .skip, #map')) continue;
    const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push(`${e.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return poor; }"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/tickets/2", "/incidents/2", "/rules", "/login"])
def test_text_has_the_contrast_of_wcag_aa(
    night: Served, browser: Browser, scheme: str, path: str
) -> None:
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(night.url + path)
    assert page.evaluate(_CONTRAST) == []
    page.close()
