"""A chief without a network: what he reports comes in later, each once, his phone closed or not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM, PATIENCE_MS, QUIET, until
from tests.browser.flaky_link import FlakyLink
from tests.gateway.web.console_server import serve
from tests.gateway.web.people import session_of
from tests.gateway.web.river_rows import opened
from xunhe.adapters.evidence import EvidenceStore
from xunhe.adapters.store import schema
from xunhe.adapters.store.database import Database


@contextmanager
def phone(folder: Path, link: FlakyLink, token: str) -> Iterator[Page]:
    """The same telephone each time: its profile lies in `folder`."""
    with sync_playwright() as playwright:
        context: BrowserContext = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=CHROMIUM,
            args=QUIET,
            viewport={"width": 360, "height": 740},
            has_touch=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        cookie = {"name": "xunhe_session", "value": token, "url": link.url}
        context.add_cookies([{**cookie, "expires": time.time() + 3600}])  # type: ignore[list-item]
        yield context.new_page()
        context.close()


def tickets(database: Database) -> list[str]:
    with database.read() as connection:
        query = sa.select(schema.ticket.c.opening_key).order_by(schema.ticket.c.id)
        return list(connection.execute(query).scalars())


def report(page: Page, words: str, photo: Path) -> None:
    page.locator("#report-photo").set_input_files(photo)
    expect(page.locator("[data-previews] canvas")).to_have_count(1)
    page.locator("#report-reach").select_option("YX-1")  # a position is denied to this browser
    page.locator("#report-reason").fill(words)
    page.locator("#report-send").click()
    expect(page.locator(".queue-waiting", has_text=words)).to_be_visible()


def try_again(page: Page) -> None:
    """As when the telephone finds a network."""
    page.evaluate("dispatchEvent(new Event('online'))")


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.jpg"
    Image.effect_noise((2400, 1600), 40).convert("RGB").save(path, quality=95)
    return path


def test_three_problems_without_a_network_are_three_tickets(tmp_path: Path, photo: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    database = opened(tmp_path)
    token, _ = session_of(database, "村级河长", person="P5")
    store = EvidenceStore(tmp_path / "evidence")
    with serve(database, evidence=store) as served, FlakyLink(served.port).running() as link:
        with phone(tmp_path / "phone", link, token) as page:
            page.goto(f"{link.url}/phone/field")
            expect(page.locator("html[data-kept]")).to_have_count(1)
            expect(page.locator("#report-send")).to_be_enabled()
            link.is_up = False
            for words in ("桥下有垃圾", "岸边堆渣土", "水面有油花"):
                report(page, words, photo)
        assert tickets(database) == []
        with phone(tmp_path / "phone", link, token) as page:
            page.goto(f"{link.url}/phone")  # the shell, from the telephone itself
            expect(page.locator(".queue-waiting")).to_have_count(3)
            link.is_up, link.deaf_to = True, b"POST /api/v1/phone/reports"
            try_again(page)
            until(lambda: len(tickets(database)) == 1)
            expect(page.locator(".queue-waiting")).to_have_count(3)  # its answer was lost
            link.is_up = False
            try_again(page)
            link.is_up, link.deaf_to = True, None
            try_again(page)
            expect(page.locator(".queue-sent")).to_have_count(3)
            expect(page.locator(".queue-waiting")).to_have_count(0)
            try_again(page)
        assert len(tickets(database)) == len(set(tickets(database))) == 3
        with database.read() as connection:
            rows = connection.execute(sa.select(schema.evidence)).all()
        assert [row.role for row in rows] == ["found"] * 3
        assert max(row.size for row in rows) < 3 * 2**20  # made small before it was queued
    database.close()
