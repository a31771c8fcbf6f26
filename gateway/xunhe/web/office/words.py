"""The office's words on screen, Chinese and English side by side."""

from xunhe.desk.patrols import Means
from xunhe.desk.river_plans import RiverPlan, Step
from xunhe.desk.scores import Grade
from xunhe.desk.tasks import ListKind
from xunhe.domain.ticket import Source
from xunhe.web.wording import Words

LISTS = {
    ListKind.MAJOR.value: Words("重大事项重大项目清单", "Major matters and projects"),
    ListKind.MEASURES.value: Words("一河一策任务措施清单", "Measures of each river's plan"),
    "problems": Words("突出问题整改责任清单", "Outstanding problems"),
}
MEANS = {
    Means.ON_FOOT: Words("徒步", "On foot"),
    Means.BOAT: Words("乘船", "By boat"),
    Means.DRONE: Words("无人机", "By drone"),
    Means.DOME: Words("球机", "By dome camera"),
}
GRADES = {
    Grade.GOOD: Words("好", "Good"),
    Grade.FAIR: Words("较好", "Fair"),
    Grade.ORDINARY: Words("一般", "Ordinary"),
}
SOURCES = {
    Source.BUOY: Words("浮标", "Buoy"),
    Source.CAMERA: Words("摄像机", "Camera"),
    Source.DRONE: Words("无人机", "Drone"),
    Source.CHIEF: Words("河长巡河", "Chief's patrol"),
    Source.CITIZEN: Words("群众举报", "Citizens"),
    Source.INSPECTION: Words("暗访督查", "Inspection"),
    Source.HOTLINE: Words("12345", "Hotline"),
    Source.NEIGHBOUR: Words("邻区移交", "Neighbour"),
}
PLAN_STEPS = {
    Step.LEAD: Words("河流牵头单位审核", "The leading unit"),
    Step.DEPARTMENTS: Words("区级部门会审", "The departments"),
    Step.EXPERTS: Words("专家评审", "Experts"),
    Step.CHIEF: Words("区级河长审定", "The district's chief"),
    Step.GOVERNMENT: Words("区政府批复", "The district's government"),
}
PLAN_ENTRIES = {
    "plan.set": Words("报审", "Set"),
    "plan.approved": Words("同意", "Approved"),
    "plan.returned": Words("退回修改", "Sent back"),
}
QUARTERS = tuple(Words(f"第{n}季度", f"Q{n}") for n in range(1, 5))


def plan_standing(plan: RiverPlan) -> Words:
    """How far the approvals of a plan have come."""
    if plan.next_step is not None:
        step = PLAN_STEPS[plan.next_step]
        return Words(f"待{step.zh}", f"Waits for: {step.en}")
    return Words("退回修改", "Sent back") if plan.returned else Words("已批复", "In force")
