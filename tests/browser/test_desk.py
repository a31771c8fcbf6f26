"""The desk's pages in a browser: they fit a telephone, and a ticket's steps can be taken there."""

from playwright.sync_api import expect

from tests.browser.conftest import Watched, assert_fits
from tests.gateway.web.console_server import NAME, serve
from tests.gateway.web.river_rows import NOW, add_alert, add_incident, add_ticket
from xunhe.adapters.store import accounts
from xunhe.adapters.store.database import Database


def test_the_desks_pages_fit_and_read(store: Database, watched: Watched) -> None:
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
        accounts.add_user(connection, NAME, "no password", NOW)
    token, _ = accounts.open_session(store, NAME, NOW, 24)
    with serve(store) as served:
        page = watched.page
        page.context.add_cookies([{"name": "xunhe_session", "value": token, "url": served.url}])
        for path in ("/tickets/1", "/desk/new", "/accounts", "/desk/log"):
            page.goto(served.url + path)
            assert_fits(page, 360, 1440)


def test_a_ticket_is_accepted_and_assigned_by_its_forms(store: Database, watched: Watched) -> None:
    with store.write() as connection:
        incident = add_incident(connection)
        add_alert(connection, incident)
        add_ticket(connection, incident)
        accounts.add_user(connection, NAME, "no password", NOW)
    token, _ = accounts.open_session(store, NAME, NOW, 24)
    with serve(store) as served:
        page = watched.page
        page.context.add_cookies([{"name": "xunhe_session", "value": token, "url": served.url}])
        page.goto(f"{served.url}/tickets/1")
        page.locator("#reason-step").fill("现场已核实")
        page.get_by_role("button", name="受理（挂单）").click()
        page.locator("summary", has_text="交办").click()
        page.locator("#handler").select_option("D-WATER")
        page.locator("#reason-assign").fill("请今日清理")
        page.get_by_role("button", name="交办").click()
        expect(page.locator(".facts .state")).to_contain_text("已交办")
        expect(page.locator(".log")).to_contain_text("请今日清理")
        assert watched.complaints == []
