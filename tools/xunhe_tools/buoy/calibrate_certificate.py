"""The certificate of a calibration: who, when, in what, with which result, when it is due again.

It is a record of work, not a verification in the sense of legal metrology, and says so. As JSON it
is what the technician's folder, the history and the gateway keep; its number is made of what it is
about, so that the same calibration is one certificate wherever it lies.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from xunhe_tools.buoy.calibrate_acceptance import Line, Point

NO_METROLOGY_ZH = (
    "本证书记录现场校准工作，不是《计量法》意义上的检定或校准证书，不具有法定计量效力。"
)
NO_METROLOGY_EN = (
    "This records work in the field. It is no verification or calibration certificate under the law"
    " on metrology, and claims no legal effect."
)
# How long a calibration holds where nobody says otherwise: by use, to be confirmed for each site.
DUE_DAYS: Mapping[str, int] = {"ph_mv": 30, "ph": 30, "nh4_mv": 14, "nh4_n_mg_l": 14}
_DUE_DAYS = 90


@dataclass(frozen=True, slots=True)
class CertifiedPoint:
    """One standard: its worth, what the probe said, and what the buoy made of it before and after.

    `found` and `left` are in the calibrated quantity; None where the buoy gave no value.
    """

    standard: str
    lot: str
    reference: float
    source: str
    is_confirmed: bool
    raw: float
    temp_c: float
    spread: float
    found: float | None = None
    left: float | None = None

    @property
    def point(self) -> Point:
        """As the buoy takes it."""
        return self.reference, self.raw, self.temp_c


@dataclass(frozen=True, slots=True)
class Certificate:
    """A calibration in force. Instants are aware, UTC."""

    station: str
    device: str
    probe: str
    quantity: str
    by: str
    at: datetime
    due_at: datetime
    points: tuple[CertifiedPoint, ...]
    line: Line
    warnings: tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """Such as XHC-02a1b2c3d4e5-Y532@2-20261120T081500Z."""
        return f"XHC-{self.device}-{self.probe}-{self.at:%Y%m%dT%H%M%SZ}"

    def to_json(self) -> dict[str, Any]:
        """As it is kept and sent."""
        data = asdict(self)
        for key in ("at", "due_at"):
            data[key] = getattr(self, key).isoformat()
        return {
            "certificate": self.number,
            **data,
            "legal_metrology": False,
            "statement": f"{NO_METROLOGY_ZH}{NO_METROLOGY_EN}",
        }

    def text(self) -> str:
        """The JSON, the same for the same certificate."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1, sort_keys=True)


def due(quantity: str, at: datetime, days: int | None) -> datetime:
    """When it is to be calibrated again."""
    return at + timedelta(days=days or DUE_DAYS.get(quantity, _DUE_DAYS))


def from_json(data: Mapping[str, Any]) -> Certificate:
    """The certificate of its JSON; ValueError, KeyError or TypeError for any other."""
    return Certificate(
        station=str(data["station"]),
        device=str(data["device"]),
        probe=str(data["probe"]),
        quantity=str(data["quantity"]),
        by=str(data["by"]),
        at=_instant(data["at"]),
        due_at=_instant(data["due_at"]),
        points=tuple(CertifiedPoint(**point) for point in data["points"]),
        line=Line(**data["line"]),
        warnings=tuple(data["warnings"]),
    )


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text} does not say its time zone")
    return at.astimezone(UTC)
