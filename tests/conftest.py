"""The real data, which lie beside the repository and are never in it."""

import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared/data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder XUNHE_DATA, or `shared/data` beside the repository; skips where there is none."""
    folder = Path(os.environ.get("XUNHE_DATA", _BESIDE))
    if not (folder / "river-plastic/labels.csv").is_file():
        pytest.skip(f"no data set in {folder}: set XUNHE_DATA to the folder of the real pictures")
    return folder
