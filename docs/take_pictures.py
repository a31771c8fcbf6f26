"""Takes the pictures of the README from a running demo: `python docs/take_pictures.py [NAME …]`.

Needs `make test` once (playwright, Debian's chromium) and three minutes.
"""

import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

import httpx
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
PORT = 18080
REACH = "YX-1"
SHOW_AT_S = 68  # the second buoy has seen the discharge
DESK, PHONE = (1280, 900), (390, 844)
PICTURES = (
    # name, path, size, colours, account (None: nobody is logged in)
    ("chief-tickets", "phone", PHONE, "light", "village"),
    ("chief-ticket", "phone/tickets/{discharge}", PHONE, "light", "village"),
    ("chief-water", "phone/water", PHONE, "light", "village"),
    ("chief-field", "phone/field", PHONE, "light", "village"),
    ("camera", "cameras/YX-C1", (1440, 900), "light", None),
    ("console", "", (1440, 930), "light", None),
    ("console-dark", "", (1440, 930), "dark", None),
    ("ticket", "tickets/{discharge}", (1100, 1750), "light", None),
    ("incident", "incidents/{incident}", (1280, 1250), "light", None),
    ("incident-phone", "incidents/{incident}", PHONE, "light", None),
    ("rules", "rules", DESK, "light", None),
    ("lights", "desk/board", DESK, "light", None),
    ("tickets", "desk/list", DESK, "light", None),
    ("scores", "desk/scores", DESK, "light", None),
    ("reports", "desk/months", DESK, "light", None),
    ("links", "links", (1100, 600), "light", None),
    ("stations", "stations", (1100, 700), "light", "technician"),
    ("report", "report?board=YX-B1", PHONE, "light", None),
    ("river", "report/river", (390, 1100), "light", None),
    ("cameras", "cameras", (1100, 700), "light", None),
    ("flight", "flights/1", (1280, 1180), "light", None),
)


def main() -> None:
    """Run a demo, wait for the story, take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "xunhe_tools", "demo", "--port", str(PORT)]
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own
    try:
        password = told_password(demo.stdout)
        time.sleep(SHOW_AT_S)
        with sync_playwright() as playwright:
            take_all(playwright, password)
    finally:
        demo.terminate()
        demo.communicate()


def take_all(playwright: Playwright, password: str) -> None:
    """Every picture, in its size and colours, seen by its account."""
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
    )
    wanted = [each for each in PICTURES if each[0] in sys.argv[1:] or not sys.argv[1:]]
    for name, path, (width, height), colours, account in wanted:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if colours == "dark" else "light",
        )
        if account is not None:
            log_in(context, account, password)
        take(context, name, path)
        context.close()
    browser.close()


def told_password(said: TextIO | None) -> str:
    """The password of the run, from what the demo says on its screen."""
    for line in said or ():
        if found := re.search(r"[A-Z0-9]{4}(-[A-Z0-9]{4}){2}", line):
            return found[0]
    raise SystemExit("the demo named no password")


def discharge() -> int:
    """The ticket of the night's discharge."""
    tickets = httpx.get(f"http://127.0.0.1:{PORT}/api/v1/tickets").json()
    return next(row["id"] for row in tickets if row["incident_id"] == incident())


def incident() -> int:
    """The incident of the night's discharge; the demo's drone finds another one elsewhere."""
    rows = httpx.get(f"http://127.0.0.1:{PORT}/api/v1/incidents").json()
    return next(row["id"] for row in rows if (row["kind"], row["reach"]) == ("discharge", REACH))


def log_in(context: BrowserContext, account: str, password: str) -> None:
    """As its owner does, on the page."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{PORT}/login")
    page.fill("input[name=name]", account)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    page.close()


def take(context: BrowserContext, name: str, path: str) -> None:
    """One picture of one page, once the map has settled."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{PORT}/{path.format(discharge=discharge(), incident=incident())}")
    page.wait_for_timeout(4000)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
