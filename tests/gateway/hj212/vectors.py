"""The published vectors; where they come from stands in the file."""

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).parents[2] / "vectors/hj212.json"
VECTORS: dict[str, list[dict[str, Any]]] = json.loads(_FILE.read_text("utf-8"))
GOOD = VECTORS["published"] + VECTORS["made_for_xunhe"]
SEGMENTS = [vector["segment"].encode() for vector in GOOD]
OFFICIAL = SEGMENTS[0]  # HJ 212-2017 Annex A


def framed(segment: str, check: str) -> bytes:
    """A frame with the check that a source prints, right or wrong."""
    return f"##{len(segment.encode()):04d}{segment}{check}\r\n".encode()
