"""Yearly means of a section's factors against the year before (同比).

Only months that both years have are compared, since a dry winter's gap must not look like an
improvement. With fewer than `least_months` of them there is no rate at all. Log: `water.year`,
subject `section:CODE`, {unit, year, factor, improvement}.
"""

from collections.abc import Mapping

KIND = "water.year"


def improvement(
    before: Mapping[int, float], now: Mapping[int, float], least_months: int
) -> float | None:
    """(before - now) / before of the means over the months 1 to 12 that both have, mg/L each.

    Above 0 is better, below worse. None where too few months are common, or there was nothing of
    it before.
    """
    months = sorted(before.keys() & now.keys())
    if not months or len(months) < least_months:
        return None
    mean_before = sum(before[month] for month in months) / len(months)
    mean_now = sum(now[month] for month in months) / len(months)
    return (mean_before - mean_now) / mean_before if mean_before > 0 else None
