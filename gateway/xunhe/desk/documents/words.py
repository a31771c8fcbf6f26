"""Words of papers that several of them share."""

from xunhe.desk.lights import Light, Why
from xunhe.domain.incident import Severity
from xunhe.domain.ticket import Source

LIGHTS_ZH = {Light.GREEN: "绿灯", Light.YELLOW: "黄灯", Light.RED: "红灯"}
WHY_ZH = {
    Why.DONE: "已完成",
    Why.ON_SCHEDULE: "按序时进度推进",
    Why.CLOCK_STANDS: "挂起",
    Why.BEHIND_PLAN: "滞后于序时进度",
    Why.CANNOT_BE_MADE: "责任岗位报告难以按时完成",
    Why.PAST_DUE: "逾期未完成",
}
SEVERITIES_ZH = {Severity.MINOR: "一般", Severity.MAJOR: "较重", Severity.SEVERE: "严重"}
SOURCES_ZH = {
    Source.BUOY: "浮标监测",
    Source.CAMERA: "视频监控",
    Source.DRONE: "无人机巡查",
    Source.CHIEF: "河长巡河",
    Source.CITIZEN: "群众举报",
    Source.INSPECTION: "暗访督查",
    Source.HOTLINE: "12345 热线",
    Source.NEIGHBOUR: "邻区移交",
}
