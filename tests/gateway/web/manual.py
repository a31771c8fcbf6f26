"""The examples of a page of the manual."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import httpx

DOCS = Path(__file__).parents[3] / "docs"
_HERE = "http://127.0.0.1:8080"


@dataclass(frozen=True)
class Asked:
    """What a `curl` line asks: a path with its query, and a form where it posts one."""

    path: str
    form: dict[str, str] | None

    def of(self, client: httpx.Client) -> httpx.Response:
        """The answer of the server of a test."""
        if self.form is None:
            return client.get(self.path)
        return client.post(self.path, data=self.form)


def asked(page: str) -> list[Asked]:
    """What the page's `curl` lines ask."""
    text = (DOCS / page).read_text("utf-8").replace("\\\n", " ")
    return [_asked(line) for line in re.findall(r"^curl (.*)", text, re.MULTILINE)]


def python_of(page: str, server: str) -> str:
    """The page's program, as it is for a server elsewhere."""
    text = (DOCS / page).read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    assert _HERE in found[1]
    return found[1].replace(_HERE, server)


def _asked(line: str) -> Asked:
    words = iter(shlex.split(line))
    form, path = {}, ""
    for word in words:
        if word in ("-d", "--data-urlencode"):
            name, _, value = next(words).partition("=")
            form[name] = value
        else:
            path = word.removeprefix(_HERE)
    assert path.startswith("/"), line
    return Asked(path, form or None)
