"""The examples of a page of the manual."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def asked(page: str) -> list[str]:
    """The paths that its `curl` lines read, with their queries."""
    text = (DOCS / page).read_text("utf-8")
    return re.findall(r"^curl '?http://127\.0\.0\.1:8080(/[^\s']*)", text, re.MULTILINE)
