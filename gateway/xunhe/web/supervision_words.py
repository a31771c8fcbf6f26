"""The words of supervision on screen, Chinese and English side by side."""

from xunhe.desk.lights import Light, Why
from xunhe.desk.scores import Ground
from xunhe.web.wording import Words

LIGHTS = {
    Light.GREEN: Words("绿灯", "Green"),
    Light.YELLOW: Words("黄灯", "Yellow"),
    Light.RED: Words("红灯", "Red"),
}
WHYS = {
    Why.DONE: Words("已完成", "done"),
    Why.ON_SCHEDULE: Words("按序时进度", "on schedule"),
    Why.CLOCK_STANDS: Words("挂起", "clock stopped"),
    Why.BEHIND_PLAN: Words("滞后于序时进度", "behind its plan"),
    Why.CANNOT_BE_MADE: Words("报告难以按时完成", "said that it cannot be made"),
    Why.PAST_DUE: Words("逾期未完成", "past due"),
}


def why(reason: str) -> Words:
    """Why a step is proposed: a light's reason, or the words that stand in the log."""
    return WHYS[Why(reason)] if reason in set(Why) else Words(reason, "")


GROUNDS = {
    Ground.RED: Words("红灯", "Red lights"),
    Ground.YELLOW: Words("黄灯（第三次起）", "Yellow lights from the third on"),
    Ground.DIFFICULT_GREEN: Words("难度大而每次均为绿灯", "Difficult and always green"),
    Ground.REPEAT_REPORTS: Words("群众多次举报仍未整改", "Reported again and again"),
    Ground.GRADE_FAIR: Words("评价为较好", "Graded fair"),
    Ground.GRADE_ORDINARY: Words("评价为一般", "Graded ordinary"),
    Ground.WATER_WORSE: Words("水质同比下降", "Water worse than last year"),
    Ground.WATER_BETTER: Words("水质同比改善", "Water better than last year"),
    Ground.PATROL_MISSING: Words("巡河缺次", "Patrols missing"),
    Ground.PROBLEM_MISSED: Words("巡而未见", "Missed on a clean patrol"),
}
TASK_STEPS = {
    "task.set": Words("开单", "Set"),
    "task.progress": Words("上报进度", "Progress"),
    "task.due": Words("延期", "Extended"),
    "task.closed": Words("销号", "Closed"),
    "light.warned": Words("报告难以按时完成", "Said that it cannot be made"),
    "light.withdrawn": Words("撤回", "Taken back"),
}
INDICATORS = {
    "patrol": Words("巡河率", "Patrols made"),
    "discovery": Words("问题发现率", "Found by chiefs"),
    "disposal": Words("处置率", "Closed"),
    "water": Words("水质达标率", "Water at its class"),
    "satisfaction": Words("群众满意度", "Satisfied"),
}
