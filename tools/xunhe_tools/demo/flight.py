"""`python -m xunhe_tools.demo.flight FOLDER`: the demo's drone, from its film to the desk.

Renders what FOLDER/flight.json asks for into FOLDER/flight, then runs the commands that a person
would: `xunhe patrol report` and `xunhe patrol send`. It takes what others leave of the processor.
"""

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import cv2

from xunhe_tools.virtual_river.drone import FILM, SUBTITLES, Sortie

_NICE = 5
_DRONE = "演示无人机"


def main(folder: Path) -> int:
    """The exit status of the first command that fails, else 0."""
    os.nice(_NICE)
    cv2.setNumThreads(1)
    asked = json.loads((folder / "flight.json").read_text("utf-8"))
    _sortie(asked).render(folder / "flight")
    for command in commands(folder, asked["reach"]):
        done = subprocess.run([sys.executable, "-m", "xunhe_tools", *command], check=False)  # noqa: S603
        if done.returncode:
            return done.returncode
    return 0


def commands(folder: Path, reach: str) -> list[list[str]]:
    """What a person would type, less `xunhe`."""
    films, report = folder / "flight", folder / "flight" / "report"
    config = ["--config", str(folder / "xunhe.toml")]
    telemetry = ["--telemetry", str(films / SUBTITLES), "--drone", _DRONE]
    where = ["--reach", reach, "--out", str(report)]
    return [
        ["patrol", "report", str(films / FILM), *telemetry, *where, *config],
        ["patrol", "send", str(report), *config],
    ]


def _sortie(asked: dict[str, Any]) -> Sortie:
    line = tuple((lon, lat) for lon, lat in asked["line"])
    return Sortie(line, asked["seed"], datetime.fromisoformat(asked["began_at"]))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
