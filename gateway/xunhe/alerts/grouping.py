"""Which incident a finding belongs to: the same water meets one witness after another.

The first witness gives an incident its identity; a later finding joins where the water that one
station saw can be the water that the other saw, by the travel time between them. A camera sees a
mouth, not passing water: one incident holds one mouth, and nothing that was seen above it.
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
_BESIDE_S = 120.0  # of travel: a buoy that lies beside a mouth, positions being what they are


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
        if _has_another_source(finding, incident, network):
            continue
        for witness in incident.witnesses:
            reason = _same_water(finding, witness, network)
            if reason is not None:
                return incident.incident_id, reason
    return None


def _same_water(finding: Finding, witness: Witness, network: Network) -> Joined | None:
    if finding.station == witness.station:
        begin, end = witness.started_at - _SLACK, _end(witness, finding.at) + _QUIET
        is_same = finding.zone == witness.zone and begin <= finding.at <= end
        return Joined.SAME_STATION if is_same else None
    if finding.rule.kind is not Kind.DISCHARGE:
        return None
    down_s = network.travel_s(witness.place, finding.where)
    if down_s is not None:
        begin = witness.started_at + timedelta(seconds=_EARLIEST * down_s) - _SLACK
        end = _end(witness, finding.at) + timedelta(seconds=_LATEST * down_s) + _SLACK
        return Joined.CAME_DOWNSTREAM if begin <= finding.at <= end else None
    up_s = network.travel_s(finding.where, witness.place)
    if up_s is not None:
        # Reports may come late from upstream: the witness downstream was heard first.
        begin = witness.started_at - timedelta(seconds=_LATEST * up_s) - _SLACK
        end = _end(witness, finding.at) - timedelta(seconds=_EARLIEST * up_s) + _SLACK
        return Joined.WAS_UPSTREAM if begin <= finding.at <= end else None
    return None


def _has_another_source(finding: Finding, incident: OpenIncident, network: Network) -> bool:
    """A mouth that a camera sees is a source: what was seen above it, or at another, is not it."""
    return any(
        (finding.zone and witness.zone and not _is_same_mouth(finding, witness))
        or (finding.zone and _lies_above(witness.place, finding.where, network))
        or (witness.zone and _lies_above(finding.where, witness.place, network))
        for witness in incident.witnesses
    )


def _is_same_mouth(finding: Finding, witness: Witness) -> bool:
    return (finding.where, finding.zone) == (witness.place, witness.zone)


def _lies_above(one: str, other: str, network: Network) -> bool:
    travel_s = network.travel_s(one, other)
    return travel_s is not None and travel_s > _BESIDE_S


def _end(witness: Witness, at: datetime) -> datetime:
    return max(witness.started_at, at) if witness.ended_at is None else witness.ended_at
