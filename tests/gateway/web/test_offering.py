"""What a page offers, its reader may do: every link and form of every page, for every role."""

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from tests.gateway.web.world import FOREIGN, NAMES, OWN, World, concrete, world
from xunhe.desk.roles import Role
from xunhe.web.permissions import LOCAL, PERMISSIONS
from xunhe.web.route_rules import Rule

# The same for everyone, since it opens without a network: start.js hides what is not theirs.
SHELL = "/phone/field"
# Outside the table: files, and the manual of the interface.
UNGUARDED = ("/static/", "/api/v1/docs")
NO_PAGES = ("/api/", "/cap/", "/evidence/", "/fragments/", "/map/", "/open311/", "/sta/")


class Offers(HTMLParser):
    """Where a page's links and forms lead, and the names that a link within it may have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: set[tuple[str, str]] = set()
        self.within: set[str] = set()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.names.add(found.get("id", ""))
        if tag == "form":
            self._asks(found.get("method", "get"), found.get("action", ""))
        if tag == "button" and "formaction" in found:
            self._asks(found.get("formmethod", "post"), found["formaction"])
        if tag == "a":
            self._asks("get", found.get("href", ""))

    def _asks(self, method: str, address: str) -> None:
        parts = urlsplit(address)
        if not parts.path and parts.fragment:
            self.within.add(parts.fragment)
        if parts.path and not parts.scheme and not parts.path.startswith(UNGUARDED):
            self.asked.add((method.upper(), parts.path))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("offers")) as found:
        yield found


def may(rule: Rule, role: Role) -> bool:
    return rule.is_open or rule.any_account or role in rule.roles


def pages(made: World, role: Role) -> Iterator[tuple[str, Offers]]:
    """Every page that somebody of this role may open, with what it offers."""
    things = OWN if role in LOCAL else FOREIGN
    for route, rule in sorted(PERMISSIONS):
        method, _, template = route.partition(" ")
        if method != "GET" or template.startswith((SHELL, *NO_PAGES)) or not may(rule, role):
            continue
        path = concrete(template, rule, things)
        answer = made.of(role).get(path)
        if answer.status_code == 200 and "text/html" in answer.headers["content-type"]:
            yield path, Offers(answer.text)


def dead_ends(page: str, offers: Offers, role: Role) -> Iterator[str]:
    for method, path in sorted(offers.asked):
        found = PERMISSIONS.find(method, path)
        if found is None or not may(found.rule, role):
            yield f"{page} offers {method} {path}"
    for name in sorted(offers.within - offers.names):
        yield f"{page} has no #{name}"


@pytest.mark.parametrize("role", NAMES)
def test_no_page_offers_what_its_reader_may_not_do(made: World, role: Role) -> None:
    seen = dict(pages(made, role))
    dead = [dead for page, offers in seen.items() for dead in dead_ends(page, offers, role)]
    assert len(seen) > 3
    assert not dead, "\n".join(dead)
