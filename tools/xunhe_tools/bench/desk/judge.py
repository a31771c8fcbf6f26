"""Counts reds from the year's plain numbers, knowing nothing of the desk's rules.

A ticket is red in each month in which its deadline had passed at some instant before it was closed.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise

from xunhe.domain.clock import SHANGHAI
from xunhe_tools.bench.desk.year import END, YEAR, Case


def reds(cases: Iterable[Case]) -> Counter[str]:
    """How many reds each village's post had in the circulars of the year."""
    starts = [datetime(YEAR, month, 1, tzinfo=SHANGHAI) for month in range(1, 13)] + [END]
    found: Counter[str] = Counter()
    for case in cases:
        if case.dismissed_at is not None and case.dismissed_at < END:
            continue
        over = case.closed_at or END
        for start, end in pairwise(starts):
            if max(case.due_at, start) < min(over, end):
                found[f"V{case.village:03d}"] += 1
    return found
