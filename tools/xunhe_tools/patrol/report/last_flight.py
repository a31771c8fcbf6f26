"""The last flight's report, read for comparison."""

from dataclasses import dataclass
from pathlib import Path

from xunhe.codecs import flight_json
from xunhe.domain.flight import Flight
from xunhe_tools.patrol.report.order import ReportError

FLIGHT_FILE, RIBBON_FILE = "flight.json", "ribbon.png"


@dataclass(frozen=True, slots=True)
class LastFlight:
    """The flight and the folder of its report."""

    flight: Flight
    folder: Path

    @property
    def ribbon_file(self) -> Path:
        """Its unrolled river, which may not be there."""
        return self.folder / RIBBON_FILE

    def picture(self, name: str | None) -> bytes | None:
        """A finding's picture; None where there is none."""
        if name is None:
            return None
        path = self.folder / name
        is_own = path.resolve().is_relative_to(self.folder.resolve())
        return path.read_bytes() if is_own and path.is_file() else None


def read(folder: Path) -> LastFlight:
    """ReportError where the folder holds no report."""
    path = folder / FLIGHT_FILE
    try:
        return LastFlight(flight_json.decode(path.read_bytes()), folder)
    except (OSError, flight_json.FlightJsonError) as error:
        raise ReportError(f"{path}：不是飞行报告 / no report of a flight: {error}") from error
