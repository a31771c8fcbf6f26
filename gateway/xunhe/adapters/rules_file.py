"""The rule files: the one that is shipped, and a site's changes to it."""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from xunhe import alerts
from xunhe.alerts.rulebook import RuleBook, changed, rulebook
from xunhe.settings import read_toml


def shipped_tables() -> dict[str, Any]:
    """The shipped rules as tables."""
    return tomllib.loads(files(alerts).joinpath("rules.toml").read_text("utf-8"))


def shipped() -> RuleBook:
    """The shipped rules."""
    return rulebook(shipped_tables(), "rules.toml")


def load(path: Path | None) -> RuleBook:
    """The shipped rules with a site's changes, if any. Raises SettingsError."""
    return rulebook(tables(path), "rules.toml" if path is None else str(path))


def tables(path: Path | None) -> dict[str, Any]:
    """The shipped tables with a file's changes, unchecked. Raises SettingsError."""
    return shipped_tables() if path is None else changed(shipped_tables(), read_toml(path))
