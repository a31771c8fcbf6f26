"""What only a browser shows of access: the proof of work, the log-in in the middle of a form."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Watched
from tests.gateway.web.console_server import NAME, PASSWORD, add_administrator, serve
from tests.gateway.web.river_rows import add_alert, add_incident, add_ticket
from xunhe.adapters.store import credentials
from xunhe.adapters.store.database import Database
from xunhe.settings import CitizenSettings

pytestmark = pytest.mark.browser


def test_a_browser_proves_its_work_while_somebody_fills_in_the_report(
    store: Database, watched: Watched
) -> None:
    settings = CitizenSettings(work_bits=10)
    with serve(store, read_without_login=False, citizens=settings) as served:
        for _ in range(2):  # without proof, the second would wait an hour
            page = watched.page
            page.goto(f"{served.url}/report?board=YX-B1")
            page.locator("#text").fill("桥下有垃圾")
            page.locator("#report-form button.primary").click()
            expect(page.locator(".code, strong.code").first).to_be_visible()
    assert watched.complaints == []


def test_a_form_outlives_its_session(store: Database, watched: Watched) -> None:
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
    with serve(store, read_without_login=False) as served:
        add_administrator(store, served.wall)
        page = watched.page
        page.goto(f"{served.url}/login?next=/tickets/1")
        log_in(page)
        page.locator("#reason-step").fill("写了半小时的理由")
        with store.write() as connection:
            credentials.end_sessions(connection, NAME)
        page.get_by_role("button", name="受理（挂单）").click()
        expect(page.get_by_text("刚才填写的内容还在")).to_be_visible()
        log_in(page)
        expect(page.get_by_text("写了半小时的理由")).to_be_visible()
        page.get_by_role("button", name="提交", exact=False).first.click()
        expect(page.locator(".facts .state").first).to_contain_text("已受理")


def log_in(page: Page) -> None:
    page.locator("#name").fill(NAME)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button.primary").click()
