"""Where a technician's computer keeps what outlives a command: known images, keys, histories."""

import os
from pathlib import Path


def home() -> Path:
    """The folder XUNHE_BUOY_HOME, or ~/.xunhe-buoy; made when something is first put there."""
    return Path(os.environ.get("XUNHE_BUOY_HOME", Path.home() / ".xunhe-buoy"))
