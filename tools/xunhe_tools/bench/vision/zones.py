"""The zones of the rendered river: its water, and nothing else."""

import json
from pathlib import Path

from xunhe.domain.zones import WaterZone, Zones

WATER = Zones(
    (WaterZone("水面", ((0.0, 0.47), (1.0, 0.47), (1.0, 1.0), (0.27, 1.0), (0.0, 0.88))),)
)


def write(path: Path) -> Path:
    """As a zones file."""
    path.write_text(json.dumps(WATER.to_json(), ensure_ascii=False), "utf-8")
    return path
