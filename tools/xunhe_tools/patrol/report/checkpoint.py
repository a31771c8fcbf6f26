"""What has been looked at, kept while a long film runs, so that a break costs little."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from xunhe.adapters.whole_file import write_whole
from xunhe.domain.finding import FindingKind
from xunhe.vision.findings.looking import Seen
from xunhe.vision.findings.ribbon import Ribbon


@dataclass(frozen=True, slots=True)
class Kept:
    """A frame that was looked at."""

    time_s: float
    seen: tuple[Seen, ...]


def save(path: Path, key: str, kept: Sequence[Kept], ribbon: Ribbon | None) -> None:
    """All of it, whole or not at all. `key` names the film, the telemetry and the settings."""
    arrays = {} if ribbon is None else {"bgr": ribbon.bgr, "far": ribbon.far}
    frames = [[one.time_s, [[s.kind.value, *s.box, s.score] for s in one.seen]] for one in kept]
    file = BytesIO()
    np.savez(file, head=np.array([key, json.dumps(frames)]), **arrays)  # type: ignore[arg-type]
    write_whole(path, file.getvalue())


def restore(path: Path, key: str, ribbon: Ribbon | None) -> list[Kept]:
    """What an earlier run kept; the ribbon becomes what it was then. Nothing of another key."""
    try:
        with np.load(path) as saved:
            own_key, frames = saved["head"].tolist()
            if own_key != key:
                return []
            if ribbon is not None:
                ribbon.bgr, ribbon.far = saved["bgr"], saved["far"]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return []  # there is none, or a disk has spoilt it: then all is looked at anew
    return [_kept(time_s, rows) for time_s, rows in json.loads(frames)]


def _kept(time_s: float, rows: Sequence[tuple[str, float, float, float, float, float]]) -> Kept:
    seen = (Seen(FindingKind(kind), (x0, y0, x1, y1), s) for kind, x0, y0, x1, y1, s in rows)
    return Kept(time_s, tuple(seen))
