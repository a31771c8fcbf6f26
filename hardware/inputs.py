"""What the heavy files are made of: a test compares their recorded hashes, without the tools."""

import hashlib
from pathlib import Path

ROOT = Path(__file__).parents[1]
_OF = {
    "controller.net": (
        *(
            f"hardware/controller/{name}.py"
            for name in (
                "controller",
                "parts",
                "symbols",
                "solar",
                "rails",
                "processor",
                "probes",
                "ezo",
                "radio",
            )
        ),
        "hardware/data.py",
        "hardware/pins.csv",
        "hardware/pins_reserved.csv",
    ),
    "harness.svg": ("hardware/harness/harness.yml",),
    "buoy.step": (
        "hardware/buoy/cad.py",
        "hardware/buoy/marks.py",
        "hardware/buoy/shape.py",
        "tools/xunhe_tools/hardware/floating.py",
        "tools/xunhe_tools/hardware/drawing.py",
    ),
}


def hashes() -> dict[str, dict[str, str]]:
    """{generated file: {source: SHA-256 of its text}}."""
    return {name: {each: _sha256(each) for each in sources} for name, sources in _OF.items()}


def _sha256(source: str) -> str:
    return hashlib.sha256((ROOT / source).read_bytes()).hexdigest()
