"""The documents: every command and option is in them, every link leads somewhere."""

import re
from pathlib import Path

import click
import pytest
import typer.main

from xunhe_tools.cli import app

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
README = (ROOT / "README.md").read_text("utf-8")


def commands(group: click.Group, before: str = "xunhe") -> list[tuple[str, click.Command]]:
    found = []
    for name, command in group.commands.items():
        path = f"{before} {name}"
        nested = commands(command, path) if hasattr(command, "commands") else [(path, command)]
        found += nested
    return found


ALL = commands(typer.main.get_command(app))


@pytest.mark.parametrize("path", [path for path, _ in ALL])
def test_every_command_stands_in_the_readme(path: str) -> None:
    assert f"`{path}`" in README


def test_every_option_of_the_demo_stands_in_its_manual() -> None:
    manual = (ROOT / "docs/demo.md").read_text("utf-8")
    demo = dict(ALL)["xunhe demo"]
    options = [option for parameter in demo.params for option in parameter.opts]
    assert options
    for option in options:
        assert f"`{option}" in manual, f"docs/demo.md does not mention {option}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_local_link_and_picture_exists(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", document.read_text("utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


@pytest.mark.parametrize("path", [path for path, _ in ALL])
def test_every_command_explains_itself_in_chinese_and_english(path: str) -> None:
    text = dict(ALL)[path].help or ""
    assert re.search(r"[一-鿿]", text)
    assert re.search(r"[a-z]{3}", text)
