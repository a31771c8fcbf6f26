"""The office's words on screen, Chinese and English side by side."""

from xunhe.desk.patrols import Means
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
}
QUARTERS = tuple(Words(f"第{n}季度", f"Q{n}") for n in range(1, 5))
