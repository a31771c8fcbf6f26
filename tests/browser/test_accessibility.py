"""axe on every page that permissions.py knows: WCAG 2.2 A and AA without a violation, by day and by
night, on a desk and on a telephone. A new page comes in by its line there.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.gateway.web.world import FOREIGN, NAMES, OWN, World, concrete, world
from xunhe.desk.roles import Role
from xunhe.web.access import COOKIE
from xunhe.web.permissions import LOCAL, PERMISSIONS
from xunhe.web.route_rules import Rule, Thing

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
EVERYTHING = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}
# What a colour scheme or a width can change.
LOOKS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
DESK, TELEPHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# No pages: data, files, parts of pages and streams.
NOT_PAGES = (
    "/cap/",
    "/open311/",
    "/sta/",
    "/api/",
    "/fragments/",
    "/metrics",
    "/health/",
    "/evidence/",
    "/packages/",
    "/tiles/",
    "/map/",
    "/report/pictures/",
)
ENDINGS = (".{suffix}", ".csv", ".json", ".js", ".webmanifest", ".jpg", ".zip", ".gpx")
PAGES = [
    (route, rule)
    for route, rule in sorted(PERMISSIONS)
    if route.startswith("GET ")
    and not route[4:].startswith(NOT_PAGES)
    and not route.endswith(ENDINGS)
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("axe")) as found:
        yield found


@pytest.fixture(scope="module")
def contexts(browser: Browser, made: World) -> Iterator[dict[Role | None, BrowserContext]]:
    """A browser of every role, and a stranger's."""
    opened: dict[Role | None, BrowserContext] = {}
    for role in (None, *NAMES):
        context = browser.new_context(viewport=DESK, reduced_motion="reduce")
        if role is not None:
            token = made.of(role).cookies[COOKIE]
            context.add_cookies([{"name": COOKIE, "value": token, "url": made.served.url}])
        opened[role] = context
    yield opened
    for context in opened.values():
        context.close()


def reader(rule: Rule) -> Role | None:
    """Whose page it is: of a stranger, of the administrator, or of the role that may."""
    if rule.is_open:
        return None
    may = [role for role in (Role.ADMINISTRATOR, *NAMES) if rule.any_account or role in rule.roles]
    return may[0]


def shown_to(role: Role | None) -> dict[Thing, str]:
    """Whoever sees every reach sees the busy one."""
    return OWN if role in LOCAL else FOREIGN


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds; the wrapper brings axe into the page, where it stays."""
    if page.evaluate("typeof axe") == "undefined":
        found = Axe().run(page, options=options).response["violations"]
    else:
        found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['html'][:200]} — {node['failureSummary']}"
        for each in found
        for node in each["nodes"][:3]
    ]


def assert_none(found: list[str]) -> None:
    assert not found, "\n".join(found)


def opened(page: Page, made: World, route: str, rule: Rule) -> None:
    path = concrete(route.partition(" ")[2], rule, shown_to(reader(rule)))
    answer = page.goto(made.served.url + path)
    assert answer is not None
    assert answer.status == 200, f"{path}: {answer.status} {page.content()[:300]}"
    for details in page.query_selector_all("main details:not([open])"):
        details.evaluate("each => { each.open = true }")


@pytest.mark.parametrize(("route", "rule"), PAGES, ids=[route for route, _ in PAGES])
def test_a_page_has_no_violation(
    contexts: dict[Role | None, BrowserContext], made: World, route: str, rule: Rule
) -> None:
    page = contexts[reader(rule)].new_page()
    opened(page, made, route, rule)
    assert_none(violations(page, EVERYTHING))
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(TELEPHONE)
    assert_none(violations(page, LOOKS))
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
    page.close()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, TELEPHONE], ids=["desk", "telephone"])
@pytest.mark.parametrize(("route", "rule"), PAGES, ids=[route for route, _ in PAGES])
def test_a_page_has_no_violation_in_any_look(
    contexts: dict[Role | None, BrowserContext],
    made: World,
    route: str,
    rule: Rule,
    size: dict[str, int],
    scheme: Any,
) -> None:
    page = contexts[reader(rule)].new_page()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.emulate_media(color_scheme=scheme)
    opened(page, made, route, rule)
    assert_none(violations(page, EVERYTHING))
    page.close()
