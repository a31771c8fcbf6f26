"""The manual of probes knows every model, option, type and quantity that the firmware takes."""

from pathlib import Path

import pytest

from xunhe_buoy import probe_config
from xunhe_buoy.drivers import FAMILIES
from xunhe_buoy.drivers.probe import PLAUSIBLE
from xunhe_buoy.drivers.register_map import TYPES

MANUAL = (Path(__file__).parents[2] / "docs/probes.md").read_text("utf-8")
OPTIONS = {key for keys in probe_config._KEYS.values() for key in keys}
WORDS = [
    *FAMILIES,
    *OPTIONS,
    *probe_config._REGISTER_KEYS,
    *probe_config._RATING_KEYS,
    *probe_config.ROLES,
    *TYPES,
    *PLAUSIBLE,
]


@pytest.mark.parametrize("word", sorted(set(WORDS)))
def test_the_manual_knows(word):
    assert f"`{word}`" in MANUAL
