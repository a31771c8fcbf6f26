"""The reason of an early warning in words."""

from collections.abc import Sequence

import numpy as np

from xunhe.water.warning.alarm import Alarm
from xunhe.water.warning.tracks import Tracks


def reason(alarm: Alarm, tracks: Tracks, rows: Sequence[int], *, is_wet: bool) -> tuple[str, str]:
    """Chinese and English: which moves (rows, strongest first) from where to where; the rain."""
    minutes = round(alarm.span * tracks.grid.slot_s / 60)
    moves = [_move(alarm, tracks, row) for row in rows]
    zh, en = ("，".join(words) for words in zip(*moves, strict=True))
    rain = ("；近期有雨，门限已提高", "; recent rain, threshold raised") if is_wet else ("", "")
    return (
        f"近{minutes}分钟{zh}（联合偏离{alarm.score:.1f}倍标准差）{rain[0]}",
        f"over {minutes} min {en} (joint departure {alarm.score:.1f} sigma){rain[1]}",
    )


def _move(alarm: Alarm, tracks: Tracks, row: int) -> tuple[str, str]:
    move = tracks.moves[row]
    one = move.indicator
    span = slice(alarm.first_slot, alarm.slot + 1)
    usual = move.habit.usual(tracks.grid.times_s[span])
    residual = move.direction * np.nanmean(tracks.residuals[row, span])
    was, now = (
        f"{np.mean(one.unscaled(usual + level)):.{one.digits}f}"
        for level in (move.direction * alarm.references[row], residual)
    )
    unit = f" {one.unit}" if one.unit else ""
    zh, en = ("上升", "up") if move.direction > 0 else ("下降", "down")
    return (
        f"{one.name_zh}{zh}：此时通常{was}，现{now}{unit}",
        f"{one.name_en} {en}: usually {was} at this hour, now {now}{unit}",
    )
