"""Debian's chromium through Playwright, over a console of its own."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.gateway.web.river_rows import opened
from xunhe.adapters.store.database import Database

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass
class Watched:
    """A page, every host it asked, and everything its console complained about."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def alert_ids(self) -> list[str]:
        """The alerts on screen, from the top."""
        script = "[...document.querySelectorAll('[data-alert-id]')].map(e => e.dataset.alertId)"
        found: list[str] = self.page.evaluate(script)
        return found

    def announced(self) -> list[str]:
        """The alerts that were read out, in order."""
        script = (
            "[...document.querySelectorAll('[data-announced-alert]')]"
            ".map(e => e.dataset.announcedAlert)"
        )
        found: list[str] = self.page.evaluate(script)
        return found

    def mark(self) -> None:
        """Leave something on the page that a reload would wipe."""
        self.page.evaluate("window.marked = true")

    def is_same_load(self) -> bool:
        """True where the page has not been loaded again since `mark`."""
        return json.loads(self.page.evaluate("JSON.stringify(window.marked === true)")) is True


# Not for the whole session: Playwright keeps an event loop running in this thread, and asyncio.run
# of other tests would find it.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext) -> Watched:
    watched = Watched(context.new_page())
    watched.page.on("request", lambda request: watched.hosts.add(urlsplit(request.url).netloc))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on(
        "console",
        lambda said: watched.complaints.append(said.text) if said.type == "error" else None,
    )
    return watched


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    database = opened(tmp_path)
    yield database
    database.close()
