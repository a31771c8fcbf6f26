"""Early warning: change against what is usual at a station, several indicators together."""

from xunhe.water.warning.detector import Context, EarlyWarning, habits, judge, warn
from xunhe.water.warning.habit import Habit
from xunhe.water.warning.settings import WarningSettings

__all__ = ["Context", "EarlyWarning", "Habit", "WarningSettings", "habits", "judge", "warn"]
