"""What a backup says of itself: when, of which version, and where everything lay."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from xunhe.adapters.backup.errors import DamagedBackupError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a belonging lay: a path as the settings say it, relative to the working folder.

    `address`: of a server's database, without a password.
    """

    path: str
    is_folder: bool
    zh: str
    address: str = ""

    def as_json(self) -> dict[str, Any]:
        """What earlier versions know too, where it lies in a file."""
        return {name: value for name, value in asdict(self).items() if value != ""}


@dataclass(frozen=True, slots=True)
class Manifest:
    """`places` by the belonging's name; `revision` of the tables, None for an empty database."""

    made_at: datetime
    xunhe: str
    revision: str | None
    places: Mapping[str, Place]

    def as_json(self) -> dict[str, Any]:
        """As the archive holds it."""
        return {
            "xunhe_backup": FORMAT,
            "made_at": self.made_at.isoformat(),
            "xunhe": self.xunhe,
            "revision": self.revision,
            "places": {name: place.as_json() for name, place in self.places.items()},
        }


def manifest_of(data: Any) -> Manifest:
    """The manifest in parsed JSON; DamagedBackupError for anything else."""
    try:
        if data["xunhe_backup"] != FORMAT:
            raise DamagedBackupError("备份来自更新的版本 / a newer xunhe made this backup: update")
        places = {name: Place(**place) for name, place in data["places"].items()}
        made_at = datetime.fromisoformat(data["made_at"])
        return Manifest(made_at, data["xunhe"], data["revision"], places)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedBackupError("备份没有清单 / it has no manifest: use another") from error
