"""The examples of the outward pages work as they stand there."""

import re
from pathlib import Path

import pytest

from xunhe.outward_settings.file import load_outward

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLES = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.glob("*.md"))
    for number, text in enumerate(
        re.findall(r"```toml outward\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_of_the_outward_file_is_accepted(text: str, tmp_path: Path) -> None:
    path = tmp_path / "outward.toml"
    path.write_text(text, "utf-8")
    assert load_outward(path)
