"""What `xunhe patrol report` has written, as it goes to the desk: the flight and its pictures."""

from dataclasses import dataclass
from pathlib import Path

from xunhe.codecs import flight_json
from xunhe.domain.flight import Flight

REPORT = "flight.json"


@dataclass(frozen=True, slots=True)
class ReportFolder:
    """`pictures` are JPEGs by the id of their finding."""

    flight: Flight
    pictures: dict[str, bytes]

    @classmethod
    def read(cls, folder: Path) -> "ReportFolder":
        """FlightJsonError where it holds no flight, OSError where it cannot be read.

        A picture that is missing is left out.
        """
        flight = flight_json.decode((folder / REPORT).read_bytes())
        named = {one.id: folder / one.picture for one in flight.findings if one.picture}
        pictures = {key: path.read_bytes() for key, path in named.items() if path.is_file()}
        return cls(flight, pictures)
