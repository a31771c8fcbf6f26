"""What a person before chromium would time: until the one screen is usable, until news shows."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from xunhe_tools.bench.web.gateway import Running

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_PATIENCE_MS = 20_000
_PICTURES = ("/tiles/", "/evidence/", "/api/v1/cameras/")

# Usable: the link is live, incidents, tickets and lights stand there, the map shows its
# classes, and the frame with all that has been drawn.
_WATCH = """
const isUsable = () => document.body?.dataset.link === 'live'
  && document.querySelector('[data-incident-id]') && document.querySelector('[data-ticket-id]')
  && document.querySelector('.lamp') && document.getElementById('map')?.dataset.shown;
const look = () => {
  if (isUsable()) requestAnimationFrame(() => { window.usableMs = performance.now(); });
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
_ARRIVALS = """
window.arrivals = {};
const alerts = () => [...document.querySelectorAll('[data-alert-id]')];
const newest = Math.max(...alerts().map((row) => Number(row.dataset.alertId)));
const note = () => requestAnimationFrame(() => {
  for (const row of alerts()) if (Number(row.dataset.alertId) > newest)
    window.arrivals[row.textContent.match(/R\\d-\\d\\d \\d 号浮标/)?.[0]] ??= Date.now();
});
new MutationObserver(note).observe(document.querySelector("[data-fragment='incidents']"),
  { childList: true, subtree: true });
"""


@dataclass
class Visit:
    """One first visit: until usable, bytes over the wire, hosts asked."""

    usable_ms: float
    transferred_kib: float
    hosts: set[str] = field(default_factory=set)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's chromium without a window. RuntimeError where there is none."""
    path = shutil.which("chromium")
    if path is None:
        raise RuntimeError("缺少 chromium：apt-get install chromium / no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_QUIET))
        yield browser
        browser.close()


@contextmanager
def operator(browser: Browser, gateway: Running) -> Iterator[BrowserContext]:
    """A browser of its own with nothing cached, logged in."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(_PATIENCE_MS)
    cookie = {"name": "xunhe_session", "value": gateway.cookie, "url": gateway.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    yield context
    context.close()


def first_visit(browser: Browser, gateway: Running) -> Visit:
    """Open the one screen with an empty cache."""
    with operator(browser, gateway) as context:
        page = context.new_page()
        page.add_init_script(_WATCH)
        meter = _Meter(context.new_cdp_session(page))
        page.goto(f"{gateway.url}/", wait_until="commit")
        page.wait_for_function("() => window.usableMs !== undefined")
        page.wait_for_load_state("load")
        page.wait_for_timeout(500)  # what comes after it was usable counts as well
        usable_ms = float(page.evaluate("window.usableMs"))
        return Visit(usable_ms, meter.total / 1024, meter.hosts)


class _Meter:
    """Bytes as they came over the wire, heads included; pictures and map tiles left out."""

    def __init__(self, session: CDPSession) -> None:
        self.total = 0.0
        self.hosts: set[str] = set()
        self._urls: dict[str, str] = {}
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        url = event["request"]["url"]
        self._urls[event["requestId"]] = url
        if url.startswith("http"):
            self.hosts.add(urlsplit(url).netloc)

    def _finished(self, event: dict[str, Any]) -> None:
        path = urlsplit(self._urls.get(event["requestId"], "")).path
        if not path.startswith(_PICTURES):
            self.total += event["encodedDataLength"]


def watch_arrivals(page: Page, url: str) -> None:
    """Open the one screen and note when each station's incident is drawn."""
    page.goto(f"{url}/")
    page.wait_for_function("() => document.body.dataset.link === 'live'")
    page.evaluate(_ARRIVALS)


def arrived_s(page: Page, station: str, patience_s: float) -> float | None:
    """When the incident of a station was drawn, Unix seconds; None where it was not in time."""
    name = f"{station[2:-2]} {int(station[-1]) + 1} 号浮标"
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        found = page.evaluate("name => window.arrivals[name]", name)
        if found is not None:
            return float(found) / 1000
        page.wait_for_timeout(20)
    return None
