"""Debian's chromium through Playwright, over a console of its own."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.gateway.web.river_rows import opened
from xunhe.adapters.store.database import Database

PATIENCE_MS = 60_000  # of a busy machine; what holds at once costs nothing
expect.set_options(timeout=PATIENCE_MS)  # its own limit is 5 s, whatever a context says
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


def until(holds: Callable[[], bool]) -> None:
    """Wait for what no locator can say."""
    deadline_s = time.monotonic() + PATIENCE_MS / 1000
    while not holds():
        assert time.monotonic() < deadline_s, "it did not come about"
        time.sleep(0.05)


def assert_fits(page: Page, *widths: int) -> None:
    """The page as it stands has no sideways scroll at any of these widths."""
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)


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
    context.set_default_timeout(PATIENCE_MS)
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
