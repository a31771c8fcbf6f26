"""The device's clock: Unix time where it was ever set, seconds since power-up where not."""

from xunhe_buoy.record import TIME_UNSET


def read(board):
    """(seconds, record.TIME_… quality)."""
    now_s = board.now_s()
    if now_s is None:
        return board.uptime_s(), TIME_UNSET
    return now_s, board.time_quality()
