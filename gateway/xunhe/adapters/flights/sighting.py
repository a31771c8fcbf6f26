"""What a flight found, as a finding of the rules: rule, witness, place, severity.

A plume at a registered outfall is that outfall's, so that it joins what buoys and cameras see of
the same water; all else lies at its own spot.
"""

from datetime import datetime, timedelta

from xunhe.domain.finding import FindingKind, FlightFinding
from xunhe.domain.flight import Flight
from xunhe.domain.incident import Finding, Rule, Spot
from xunhe.domain.position import LonLat, distance_m
from xunhe.domain.registry import Outfall, Registry
from xunhe.domain.sight import SightKind
from xunhe.vision.wording import severity_of

AT_OUTFALL_M = 60.0  # a plume begins at its mouth, both positions being what they are
UNNAMED_DRONE = "无人机"
_SIGHTS = {
    FindingKind.LITTER: (Rule.SEEN_LITTER, SightKind.LITTER),
    FindingKind.MAT: (Rule.SEEN_MAT, SightKind.MAT),
    FindingKind.PLUME: (Rule.SEEN_DISCHARGE, SightKind.DISCHARGE),
}


def label_of(kind: FindingKind) -> str:
    """What evidence calls it."""
    return _SIGHTS[kind][1].value if kind in _SIGHTS else kind.value


def rule_of(kind: FindingKind) -> Rule:
    """The rule under which it is raised. KeyError for what waits for a person's name."""
    return _SIGHTS[kind][0]


def witness_of(flight: Flight) -> str:
    """Who saw it."""
    return flight.drone or UNNAMED_DRONE


def finding_of(
    flight: Flight, found: FlightFinding, began: datetime, registry: Registry
) -> Finding | None:
    """The finding of a flight that began then; None where nothing follows from it by itself.

    That is what waits for a person's name, and what has no place on a registered river.
    """
    reach = found.reach
    if found.kind.waits_for_a_name or found.at is None or reach not in registry.reaches:
        return None
    rule, sight = _SIGHTS[found.kind]
    mouth = _mouth(found.at.lon_lat, reach, registry) if found.kind is FindingKind.PLUME else None
    return Finding(
        rule=rule,
        station=witness_of(flight),
        prop=sight.value,
        at=began + timedelta(seconds=found.first_s),
        severity=severity_of(sight, found.count, found.area_m2 or 0.0, 0.0),
        value=found.confidence,
        baseline=None,
        reason_zh=found.reason_zh,
        reason_en=found.reason_en,
        place=mouth.code if mouth else "",
        zone=mouth.code if mouth else f"{flight.id}/{found.id}",
        count=found.count,
        area_m2=found.area_m2,
        spot=Spot(found.at.lon_lat, reach),
    )


def _mouth(at: LonLat, reach: str, registry: Registry) -> Outfall | None:
    """The nearest outfall of the reach, if it is near enough."""
    near = [
        (distance_m(at, outfall.lon_lat), outfall.code, outfall)
        for outfall in registry.outfalls.values()
        if outfall.reach == reach
    ]
    metres, _, outfall = min(near, default=(AT_OUTFALL_M, "", None))
    return outfall if metres < AT_OUTFALL_M else None
