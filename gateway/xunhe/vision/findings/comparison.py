"""This flight beside the last one over the same reach: new, still there, gone.

Only what both have looked at can be compared: what lies where the last flight did not look has no
status, and what this one did not look at is not gone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import hypot

from xunhe.domain.finding import FindingKind, FindingStatus, FlightFinding
from xunhe.domain.flight import Coverage, Flight
from xunhe.domain.position import distance_m

# What floats may have drifted between reeds; what lies on the bank stays.
_NEAR_M = {
    FindingKind.LITTER: 15.0,
    FindingKind.MAT: 25.0,
    FindingKind.PLUME: 40.0,
    FindingKind.BANK_CHANGE: 10.0,
}
_UNSURE = 2.0  # standard deviations of both


def compared(
    findings: Sequence[FlightFinding], seen: Coverage, last: Flight
) -> list[FlightFinding]:
    """The findings with their status, then what is gone, with the last flight's words."""
    before = [one for one in last.findings if one.is_there and one.at is not None]
    matched = _matched(findings, before)
    told = [replace(one, status=_status(one, one.id in matched, last)) for one in findings]
    return [*told, *_gone(before, set(matched.values()), seen, last)]


def _matched(findings: Sequence[FlightFinding], before: Sequence[FlightFinding]) -> dict[str, str]:
    """Id of this flight's finding → id of the last one's; the nearest pairs first, one to one."""
    pairs = sorted(
        (apart, one.id, other.id)
        for one in findings
        for other in before
        if (apart := _apart(one, other)) is not None
    )
    matched: dict[str, str] = {}
    for _, mine, theirs in pairs:
        if mine not in matched and theirs not in matched.values():
            matched[mine] = theirs
    return matched


def _apart(one: FlightFinding, other: FlightFinding) -> float | None:
    """The distance of two findings that may be the same thing; None where they cannot be."""
    if one.kind is not other.kind or one.at is None or other.at is None:
        return None
    apart = distance_m(one.at.lon_lat, other.at.lon_lat)
    unsure = _UNSURE * hypot(one.at.ellipse.major_m, other.at.ellipse.major_m)
    return apart if apart <= _NEAR_M[one.kind] + unsure else None


def _status(one: FlightFinding, is_matched: bool, last: Flight) -> FindingStatus | None:
    if is_matched:
        return FindingStatus.STILL
    # A change on the bank is, by itself, new since the last flight.
    is_new = one.kind is FindingKind.BANK_CHANGE or _looked_at(one, last.coverage)
    return FindingStatus.NEW if is_new else None


def _gone(
    before: Sequence[FlightFinding], matched: set[str], seen: Coverage, last: Flight
) -> Iterator[FlightFinding]:
    for one in before:
        # A bank that looks as it did at the last flight, heap and all, shows no change.
        is_told = one.id not in matched and one.kind is not FindingKind.BANK_CHANGE
        if is_told and _looked_at(one, seen):
            yield replace(one, id=f"{one.id}-{last.id[:6]}", status=FindingStatus.GONE)


def _looked_at(one: FlightFinding, seen: Coverage | None) -> bool:
    if seen is None or one.at is None or one.at.river is None:
        return False
    if one.at.river.reach != seen.reach:
        return False
    position_m = one.at.river.position_m
    return any(part.from_m <= position_m <= part.to_m for part in seen.seen)
