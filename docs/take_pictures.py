"""Takes the pictures of the README from a running demo: `python docs/take_pictures.py`.

Needs `make test` once (playwright, Debian's chromium) and a minute and a half.
"""

import subprocess
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
PORT = 18080
SHOW_AT_S = 68  # the second buoy has seen the discharge
PICTURES = (
    # name, path, width, height, colours
    ("camera", "cameras/YX-C1", 1440, 900, "light"),
    ("console", "", 1440, 930, "light"),
    ("console-dark", "", 1440, 930, "dark"),
    ("ticket", "tickets/{discharge}", 1100, 1750, "light"),
    ("incident", "incidents/{incident}", 1280, 1250, "light"),
    ("incident-phone", "incidents/{incident}", 390, 844, "light"),
    ("rules", "rules", 1280, 1000, "light"),
    ("lights", "desk/board", 1280, 900, "light"),
    ("tickets", "desk/list", 1280, 800, "light"),
    ("tickets-phone", "desk/list", 390, 844, "light"),
    ("scores", "desk/scores", 1280, 800, "light"),
    ("reports", "desk/months", 1280, 600, "light"),
    ("links", "links", 1100, 500, "light"),
    ("stations", "stations", 1100, 700, "light"),
    ("phone-field", "phone/field", 390, 844, "light"),
    ("report", "report?board=YX-B1", 390, 844, "light"),
    ("river", "report/river", 390, 1100, "light"),
    ("phone", "", 390, 844, "light"),
    ("cameras", "cameras", 1100, 700, "light"),
)


def main() -> None:
    """Run a demo, wait for the story, take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "xunhe_tools", "demo", "--port", str(PORT), "--seconds", "110"]
    demo = subprocess.Popen(command)  # noqa: S603  our own command
    time.sleep(SHOW_AT_S)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        for picture in PICTURES:
            take(browser, *picture)
        browser.close()
    demo.wait()


def discharge() -> int:
    """The ticket of the discharge."""
    api = f"http://127.0.0.1:{PORT}/api/v1"
    incidents = {row["id"]: row["kind"] for row in httpx.get(f"{api}/incidents").json()}
    tickets = httpx.get(f"{api}/tickets").json()
    return next(t["id"] for t in tickets if incidents[t["incident_id"]] == "discharge")


def incident() -> int:
    """The incident of the discharge."""
    rows = httpx.get(f"http://127.0.0.1:{PORT}/api/v1/incidents").json()
    return next(row["id"] for row in rows if row["kind"] == "discharge")


def take(browser: Browser, name: str, path: str, width: int, height: int, colours: str) -> None:
    """One picture of one page, once the map has settled."""
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if colours == "dark" else "light",
    )
    page.goto(f"http://127.0.0.1:{PORT}/{path.format(discharge=discharge(), incident=incident())}")
    page.wait_for_timeout(4000)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
