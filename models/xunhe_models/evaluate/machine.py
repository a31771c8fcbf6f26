"""What the figures were made on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

_CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """The processor, its cores, and the versions of what computes."""
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("onnxruntime", "numpy", "opencv-python-headless")},
    }


def _cpu_model() -> str:
    """As Linux names it; elsewhere what Python knows."""
    if _CPUINFO.is_file():
        for line in _CPUINFO.read_text("utf-8", "replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
