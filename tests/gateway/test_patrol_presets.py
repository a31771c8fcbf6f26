"""The rules of patrols that the manual offers are settings that can be used as they stand."""

import re
import tomllib
from pathlib import Path

import pytest

from xunhe.settings import PatrolSettings

MANUAL = Path(__file__).parents[2] / "docs" / "phone.md"
PRESETS = re.findall(r"```toml\n(.*?)```", MANUAL.read_text(), re.DOTALL)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_of_the_manual_is_taken_as_it_stands(preset: str) -> None:
    said = tomllib.loads(preset)["supervision"]["patrols"]
    rules = PatrolSettings.model_validate(said)
    assert rules.village.least_minutes == said["village"]["least_minutes"]


def test_there_are_three_presets() -> None:
    assert len(PRESETS) == 3
