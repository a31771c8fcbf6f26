"""Which incident a finding belongs to: the same water meets one witness after another.

The first witness gives an incident its identity; a later finding joins where the water that one
station saw can be the water that the other saw, by the travel time between them. A camera sees a
mouth, not passing water: one incident holds one mouth, and nothing that was seen above it. What two
flights see at the same spot is one thing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from xunhe.alerts.rulebook import Grouping
from xunhe.domain.incident import Finding, Kind, Witness
from xunhe.domain.network import Network
from xunhe.domain.position import distance_m


class Joined(StrEnum):
    """Why a finding joins an incident."""

    SAME_STATION = "same_station"
    CAME_DOWNSTREAM = "came_downstream"
    WAS_UPSTREAM = "was_upstream"
    SAME_SPOT = "same_spot"  # seen there before, by another flight


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident that may still gain witnesses."""

    incident_id: int
    kind: Kind
    witnesses: tuple[Witness, ...]


class Link(NamedTuple):
    """The incident that a finding belongs to, why, and the witness that tells so."""

    incident_id: int
    why: Joined
    witness: Witness


def join(
    finding: Finding, incidents: Iterable[OpenIncident], network: Network, terms: Grouping
) -> Link | None:
    """The incident that a finding belongs to; None where it opens its own."""
    for incident in incidents:
        link = _link(finding, incident, network, terms) if incident.kind is finding.kind else None
        if link is not None:
            return link
    return None


def _link(
    finding: Finding, incident: OpenIncident, network: Network, terms: Grouping
) -> Link | None:
    for witness in incident.witnesses:
        if _is_same_spot(finding, witness, terms):
            return Link(incident.incident_id, Joined.SAME_SPOT, witness)
    if _has_another_source(finding, incident, network, terms):
        return None
    for witness in incident.witnesses:
        reason = _same_water(finding, witness, network, terms)
        if reason is not None:
            return Link(incident.incident_id, reason, witness)
    return None


def _same_water(
    finding: Finding, witness: Witness, network: Network, terms: Grouping
) -> Joined | None:
    slack = timedelta(seconds=terms.slack_s)
    if finding.station == witness.station:
        quiet = timedelta(seconds=terms.quiet_s)
        begin, end = witness.started_at - slack, _end(witness, finding.at) + quiet
        is_same = finding.zone == witness.zone and begin <= finding.at <= end
        return Joined.SAME_STATION if is_same else None
    if finding.kind is not Kind.DISCHARGE:
        return None
    down_s = network.travel_s(witness.place, finding.where)
    if down_s is not None:
        begin = witness.started_at + timedelta(seconds=terms.earliest * down_s) - slack
        end = _end(witness, finding.at) + timedelta(seconds=terms.latest * down_s) + slack
        return Joined.CAME_DOWNSTREAM if begin <= finding.at <= end else None
    up_s = network.travel_s(finding.where, witness.place)
    if up_s is not None:
        # Reports may come late from upstream: the witness downstream was heard first.
        begin = witness.started_at - timedelta(seconds=terms.latest * up_s) - slack
        end = _end(witness, finding.at) - timedelta(seconds=terms.earliest * up_s) + slack
        return Joined.WAS_UPSTREAM if begin <= finding.at <= end else None
    return None


def _has_another_source(
    finding: Finding, incident: OpenIncident, network: Network, terms: Grouping
) -> bool:
    """A mouth that a camera sees is a source: what was seen above it, or at another, is not it."""

    def lies_above(one: str, other: str) -> bool:
        travel_s = network.travel_s(one, other)
        return travel_s is not None and travel_s > terms.beside_s

    return any(
        (finding.zone and witness.zone and not _is_same_mouth(finding, witness))
        or (finding.zone and lies_above(witness.place, finding.where))
        or (witness.zone and lies_above(finding.where, witness.place))
        for witness in incident.witnesses
    )


def _is_same_spot(finding: Finding, witness: Witness, terms: Grouping) -> bool:
    if finding.spot is None or witness.lon_lat is None:
        return False
    return distance_m(finding.spot.lon_lat, witness.lon_lat) <= terms.same_spot_m


def _is_same_mouth(finding: Finding, witness: Witness) -> bool:
    return (finding.where, finding.zone) == (witness.place, witness.zone)


def _end(witness: Witness, at: datetime) -> datetime:
    return max(witness.started_at, at) if witness.ended_at is None else witness.ended_at
