"""Which incident a finding belongs to: the same water meets one station after another.

The first witness gives an incident its identity; a later finding joins where the water that one
station saw can be the water that the other saw, by the travel time between them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from xunhe.domain.incident import Finding, Kind, Witness
from xunhe.domain.network import Network

# A plume's front runs ahead of the mean velocity and its tail lags behind.
_EARLIEST, _LATEST = 0.5, 2.0
_SLACK = timedelta(minutes=20)  # several samples, the rules' own delay
_QUIET = timedelta(hours=2)  # a pause of one discharge, not yet another one


class Joined(StrEnum):
    """Why a finding joins an incident."""

    SAME_STATION = "same_station"
    CAME_DOWNSTREAM = "came_downstream"
    WAS_UPSTREAM = "was_upstream"


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that may still gain witnesses."""

    incident_id: int
    kind: Kind
    witnesses: tuple[Witness, ...]


def join(
    finding: Finding, incidents: Iterable[OpenIncident], network: Network
) -> tuple[int, Joined] | None:
    """The incident that a finding belongs to, with the reason; None where it opens its own."""
    for incident in incidents:
        if incident.kind is not finding.rule.kind:
            continue
        for witness in incident.witnesses:
            reason = _same_water(finding, witness, network)
            if reason is not None:
                return incident.incident_id, reason
    return None


def _same_water(finding: Finding, witness: Witness, network: Network) -> Joined | None:
    if finding.station == witness.station:
        begin, end = witness.started_at - _SLACK, _end(witness, finding.at) + _QUIET
        return Joined.SAME_STATION if begin <= finding.at <= end else None
    if finding.rule.kind is Kind.SILENT_STATION:
        return None
    down_s = network.travel_s(witness.station, finding.station)
    if down_s is not None:
        begin = witness.started_at + timedelta(seconds=_EARLIEST * down_s) - _SLACK
        end = _end(witness, finding.at) + timedelta(seconds=_LATEST * down_s) + _SLACK
        return Joined.CAME_DOWNSTREAM if begin <= finding.at <= end else None
    up_s = network.travel_s(finding.station, witness.station)
    if up_s is not None:
        # Reports may come late from upstream: the witness downstream was heard first.
        begin = witness.started_at - timedelta(seconds=_LATEST * up_s) - _SLACK
        end = _end(witness, finding.at) - timedelta(seconds=_EARLIEST * up_s) + _SLACK
        return Joined.WAS_UPSTREAM if begin <= finding.at <= end else None
    return None


def _end(witness: Witness, at: datetime) -> datetime:
    return max(witness.started_at, at) if witness.ended_at is None else witness.ended_at
