"""What the early warning may be told.

Tuned on the tuning seeds of `xunhe bench water`, never on those that judge.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WarningSettings:
    """Numbers of the detector; scores and thresholds are in standard deviations.

    The weights say how much a departure of an indicator counts: pH is steady and needs less.
    """

    alarm_score: float = 3.4
    clear_score: float = 1.5
    clear_share_of_peak: float = 0.3
    clear_s: float = 3600.0  # low for this long
    longest_s: float = 12 * 3600  # what lasts longer is the new normal
    rain_factor: float = 1.7  # thresholds while it rains, and after
    rain_after_s: float = 9 * 3600
    least_slot_s: float = 600.0  # denser samples are joined to medians
    reference_s: float = 7 * 3600
    spike_sigma: float = 1.5  # how far one or two readings may lead the others
    doubling_needs: float = 0.2  # more for each doubling of the span: rivers are slow
    ammonia_weight: float = 1.0
    oxygen_weight: float = 0.7
    ph_weight: float = 0.6
    least_hours: int = 72  # of history; with less nothing is said
