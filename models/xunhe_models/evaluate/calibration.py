"""Whether a score of 0.7 is right in 70 of 100 cases."""

from typing import Any

import numpy as np

from xunhe_models.evaluate.tally import Tally

_BINS = 10


def calibration(tally: Tally, threshold: float) -> dict[str, Any]:
    """Expected calibration error and a table of reliability, at IoU 0.5, in ten bins of score.

    The error is the mean distance of score and precision over the bins, weighted by their
    detections: over all of them (score ≥ 0.01, mostly faint ones), and over the alarms alone.
    """
    counted = tally.state[0] >= 0
    score, right = tally.score[counted], tally.state[0][counted] == 1
    at = np.minimum((score * _BINS).astype(np.int64), _BINS - 1)
    table = []
    for i in np.unique(at):
        mine = at == i
        table.append(
            {
                "from": i / _BINS,
                "to": (i + 1) / _BINS,
                "n": int(mine.sum()),
                "mean_score": float(score[mine].mean()),
                "precision": float(right[mine].mean()),
            }
        )
    alarms = score >= threshold
    return {
        "expected_calibration_error": _error(score, right, at),
        "expected_calibration_error_alarms": _error(score[alarms], right[alarms], at[alarms]),
        "bins": table,
    }


def _error(score: Any, right: Any, at: Any) -> float | None:
    if not len(score):
        return None
    gaps = [abs((score[at == i] - right[at == i]).sum()) for i in np.unique(at)]
    return float(sum(gaps) / len(score))
