"""A small river for the tests: an upper reach and a tributary that join a lower reach."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from xunhe_tools.virtual_river.model import River
from xunhe_tools.virtual_river.network import Network, Place, ReachFlow
from xunhe_tools.virtual_river.script import Script, default_script

UPPER = ReachFlow("U", "L", 4000, 0.5, 8, 6)
TRIBUTARY = ReachFlow("T", "L", 3000, 0.4, 5, 2)
LOWER = ReachFlow("L", None, 6000, 0.6, 10, 8)
NETWORK = Network((UPPER, TRIBUTARY, LOWER))

START_S = datetime.fromisoformat("2026-10-20T21:30:00+08:00").timestamp()
OUTFALL = Place("U", 500)
BUOYS = {"B1": Place("U", 2000), "B2": Place("L", 500), "B3": Place("L", 4500)}
NIGHT = default_script(START_S, UPPER, OUTFALL.position_m)


def river(script: Script = NIGHT, seed: int = 7) -> River:
    return River(NETWORK, script, seed)


def config(directory: object, **changes: Any) -> dict[str, Any]:
    """CONFIG.json of three buoys with all their probes on the test river."""
    probes = [
        {"model": "Y504", "address": 1},
        {"model": "Y532", "address": 2},
        {"model": "Y560", "address": 3},
    ]
    return {
        "seed": 7,
        "clock": {"wall_s": 0.0, "river_s": START_S, "factor": 1},
        "reaches": [asdict(reach) for reach in NETWORK.reaches],
        "stations": [
            {"code": code, "reach": at.reach, "position_m": at.position_m, "probes": probes}
            for code, at in BUOYS.items()
        ],
        "script": [],
        "directory": str(directory),
        **changes,
    }
