"""What gateways found, at the province's desk: joined to incidents, each with its one ticket.

Steps of a gateway come in its order, each once: see window.py and `gateways.is_first`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from xunhe.adapters.province.parcel import Parcel
from xunhe.adapters.recording_lines import Ended, Renewed, from_line
from xunhe.adapters.store import evidence, gateways, records, upward
from xunhe.adapters.store.evidence import Absence
from xunhe.adapters.store.incidents import IncidentBook, find_alert
from xunhe.adapters.unusable import UnusableError
from xunhe.domain.registry import Registry
from xunhe.domain.rejection import Reason

_MALFORMED = (ValueError, KeyError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class StepDesk:
    """Takes steps inside the caller's transaction, which must be the only one that writes."""

    registry: Registry
    book: IncidentBook

    def take(
        self, connection: sa.Connection, gateway: str, tag: bytes, parcel: Parcel, now: datetime
    ) -> None:
        """Take a step or evidence; what cannot be used is kept with its reason."""
        if not gateways.is_first(connection, gateway, tag, now):
            return
        try:
            if parcel.subject == upward.STEP:
                self._take_step(connection, parcel.body, now)
            else:
                self._take_evidence(connection, gateway, parcel.body, now)
        except UnusableError as unusable:
            topic = f"{gateway}/{parcel.subject}"
            what = records.Rejected(
                unusable.reason, str(unusable), topic, parcel.body, len(parcel.body)
            )
            records.reject(connection, what, now)

    def _take_step(self, connection: sa.Connection, body: bytes, now: datetime) -> None:
        try:
            step = from_line(body.decode())
        except _MALFORMED as error:
            raise UnusableError(Reason.JSON, f"no step: {error!r}") from error
        match step:
            case Renewed(_, finding):
                self._check_place(finding.where)
                self.book.renew(connection, finding, now)
            case Ended(_, cleared):
                self.book.clear(connection, cleared, now)
            case _:
                raise UnusableError(Reason.JSON, f"a gateway sends no {type(step).__name__}")

    def _take_evidence(
        self, connection: sa.Connection, gateway: str, body: bytes, now: datetime
    ) -> None:
        """Rows that name files which lie at the gateway."""
        try:
            told = json.loads(body)
            of = {name: told[name] for name in ("station", "zone", "rule")}
            started_at = datetime.fromisoformat(told["started_at"])
            rows = [_row(gateway, told, piece, now) for piece in told["pieces"]]
        except _MALFORMED as error:
            raise UnusableError(Reason.JSON, f"no evidence: {error!r}") from error
        alert = find_alert(connection, **of, started_at=started_at)
        if alert is None:
            raise UnusableError(Reason.JSON, f"evidence of an unknown {of['rule']}")
        belongs = {"incident_id": alert.incident_id, "alert_id": alert.id}
        evidence.add(connection, [{**row, **belongs} for row in rows])

    def _check_place(self, code: str) -> None:
        if not self.registry.knows(code):
            raise UnusableError(Reason.WRONG_STATION, f"{code} is not registered here")


def _row(
    gateway: str, told: Mapping[str, Any], piece: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    absent = piece["absent"] or Absence.GATEWAY.value
    return {
        **{name: piece[name] for name in ("role", "media_type", "sha256", "size")},
        "camera": told["station"],
        "camera_at": datetime.fromisoformat(told["camera_at"]),
        "gateway_at": datetime.fromisoformat(told["gateway_at"]),
        "detail": {**told["detail"], "absent": absent, "gateway": gateway},
        "removed_at": now,
    }
