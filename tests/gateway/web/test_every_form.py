"""Every form of every page, read from the page itself and sent with every field wrong at once: it
comes back, each wrong field is named beside itself, and nothing that was typed is lost.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
import pytest

from tests.browser.test_accessibility import PAGES, reader, shown_to
from tests.gateway.web.world import NAMES, World, concrete, world
from xunhe.web.route_rules import Rule

WRONG = "错" * 3000  # longer than any field takes
SHOWN = WRONG[:40]
SECRET = {"password", "repeated", "old_password", "current_password", "code"}  # never shown again
UNSAID = {"/login"}  # says of name and password together that they do not fit
NO_FIELD = {"hidden", "submit", "button", "image", "reset", "file", "search"}


@dataclass
class Form:
    """A form of a page: where it goes, what it carries, what a person types."""

    action: str = ""
    method: str = "get"
    kept: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(said.get("action", ""), said.get("method", "get").lower())
            self.forms.append(self._open)
        elif self._open is not None and said.get("name"):
            self._take(tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _take(self, tag: str, said: dict[str, str]) -> None:
        assert self._open is not None
        if tag in ("textarea", "select") or (
            tag == "input" and said.get("type", "text") not in NO_FIELD
        ):
            self._open.typed[said["name"]] = WRONG
        elif tag == "input" and said.get("type") == "hidden":
            self._open.kept[said["name"]] = said.get("value", "")
        elif tag == "button" and said.get("value"):
            self._open.kept.setdefault(said["name"], said["value"])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("every-form")) as found:
        yield found


def forms_of(client: httpx.Client, path: str) -> list[Form]:
    parser = Forms()
    parser.feed(client.get(path).text)
    posted = [form for form in parser.forms if form.method == "post" and form.typed]
    return [form for form in posted if form.action not in UNSAID]


@pytest.fixture(scope="module")
def stranger(made: World) -> Iterator[httpx.Client]:
    with made.served.client() as client:
        yield client


@pytest.mark.parametrize(("route", "rule"), PAGES, ids=[route for route, _ in PAGES])
def test_a_form_with_every_field_wrong_comes_back_whole(
    made: World, stranger: httpx.Client, route: str, rule: Rule
) -> None:
    role = reader(rule)
    client = stranger if role is None else made.clients[NAMES[role]]
    path = concrete(route.partition(" ")[2], rule, shown_to(role))
    problems = []
    for form in forms_of(client, path):
        answer = client.post(form.action or path, data={**form.kept, **form.typed})
        if answer.status_code != 422:
            problems.append(f"{form.action}: {answer.status_code} {sorted(form.typed)}")
            continue
        if "-problem" not in answer.text:
            problems.append(f"{form.action}: no field is named beside itself {sorted(form.typed)}")
        if set(form.typed) - SECRET and SHOWN not in answer.text:
            problems.append(f"{form.action}: what was typed is lost {sorted(form.typed)}")
    assert not problems, "\n".join(problems)
