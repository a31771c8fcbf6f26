"""What is asked for, and why it cannot be done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from xunhe.domain.pose import Measured
from xunhe.domain.registry import Reach
from xunhe.vision.findings.water import Water

_AS_TAKE_OFF = Measured(0.0, 0.5)


class ReportError(ValueError):
    """Why there is no report, in words for the one who asked."""


@dataclass(frozen=True, slots=True)
class Order:
    """`telemetry` None: a film alone. `offset_s` is what to add to the film's seconds to find their
    pose; None where the clocks tell. `last` is the folder of the last flight's report.

    `pitch_deg` and `fov_deg` are for what the telemetry does not say; `height_m` too.
    """

    film: Path
    telemetry: Path | None
    reach: Reach
    water: Water
    out: Path
    last: Path | None = None
    drone: str | None = None
    begun_at: datetime | None = None
    utc_offset: timedelta = timedelta(hours=8)
    offset_s: float | None = None
    pitch_deg: float | None = None
    height_m: float | None = None
    fov_deg: float | None = None
    water_level: Measured = _AS_TAKE_OFF
    aligns: bool = True
    half_width_m: float = 60.0
    threads: int = 2


def beside(film: Path) -> Path | None:
    """The subtitles that DJI writes beside a film."""
    names = (film.with_suffix(suffix) for suffix in (".srt", ".SRT"))
    return next((path for path in names if path.is_file()), None)
