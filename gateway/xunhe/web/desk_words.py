"""The desk's words on screen, Chinese and English side by side."""

from xunhe.desk.machine import Action
from xunhe.desk.roles import Role
from xunhe.domain.ticket import Answer, Source, Via
from xunhe.web.wording import Words

ACTIONS = {
    Action.ACCEPT: Words("受理（挂单）", "Accept"),
    Action.DECLINE: Words("不予受理", "Decline"),
    Action.FALSE_ALARM: Words("误报", "False alarm"),
    Action.MERGE: Words("合并", "Merge"),
    Action.ASSIGN: Words("交办", "Assign"),
    Action.START: Words("开始处理", "Start"),
    Action.RETURN: Words("退回", "Return"),
    Action.DONE: Words("处理完成", "Done"),
    Action.APPROVE: Words("验收通过", "Approve the work"),
    Action.REJECT: Words("验收不通过", "Reject the work"),
    Action.CLOSE: Words("销号", "Close"),
    Action.ARCHIVE: Words("归档", "Archive"),
    Action.REOPEN: Words("重开", "Reopen"),
    Action.SUSPEND: Words("挂起", "Suspend"),
    Action.RESUME: Words("恢复", "Resume"),
    Action.TRANSFER: Words("移送", "Hand to authorities"),
    Action.RECALL: Words("收回移送", "Take back"),
    Action.ASK_EXTENSION: Words("申请延期", "Ask for an extension"),
    Action.GRANT_EXTENSION: Words("同意延期", "Grant the extension"),
    Action.REFUSE_EXTENSION: Words("不同意延期", "Refuse the extension"),
    Action.ATTACH: Words("补充材料", "Attach"),
    Action.ANSWER: Words("河流作答", "The river answers"),
    Action.OVERRULE: Words("不采信监测", "Overrule the river"),
    Action.FEEDBACK: Words("反馈举报人", "Answer whoever reported it"),
    Action.REPORT: Words("又有举报", "Reported again"),
    Action.RECOUNT: Words("重算时限", "Deadline counted again"),
}
KINDS = {
    "ticket.opened": Words("开单", "Opened"),
    "ticket.linked": Words("并入事件", "Another incident joined"),
}
SOURCES = {
    Source.BUOY: Words("浮标", "Buoy"),
    Source.CAMERA: Words("摄像机", "Camera"),
    Source.DRONE: Words("无人机", "Drone"),
    Source.CHIEF: Words("河长巡河", "Chief's patrol"),
    Source.CITIZEN: Words("群众举报", "Citizen"),
    Source.INSPECTION: Words("暗访", "Inspection"),
    Source.HOTLINE: Words("12345 热线", "12345 hotline"),
    Source.NEIGHBOUR: Words("邻区移交", "From a neighbour"),
}
VIAS = {
    Via.SYSTEM: Words("平台交办", "By the platform"),
    Via.VIDEO: Words("暗访视频问题交办", "By inspection video"),
    Via.ON_SITE: Words("现场巡河交办", "On site"),
    Via.MEETING: Words("会议交办", "At a meeting"),
    Via.CIRCULAR: Words("通报交办", "By circular"),
}
ANSWERS = {
    Answer.WATCHING: Words("监测中", "Being watched"),
    Answer.AGREES: Words("监测正常", "The river agrees"),
    Answer.DISAGREES: Words("监测仍异常", "The river disagrees"),
    Answer.CANNOT_TELL: Words("无监测可证", "No sensor can tell"),
    Answer.OVERRULED: Words("不采信监测", "Overruled"),
}
ROLES = {
    Role.SYSTEM: Words("系统", "The gateway"),
    Role.OFFICE: Words("河长办", "River-chief office"),
    Role.CHIEF: Words("河长", "River chief"),
    Role.HANDLER: Words("承办单位", "Handler"),
    Role.INSPECTOR: Words("督查暗访", "Inspector"),
    Role.CONTRACTOR: Words("第三方", "Contractor"),
    Role.VOLUNTEER: Words("志愿者", "Volunteer"),
    Role.OBSERVER: Words("监督（只读）", "Supervisor, reads only"),
    Role.OPERATOR: Words("值班员", "Operator on duty"),
    Role.TECHNICIAN: Words("运维人员", "Technician"),
    Role.ADMINISTRATOR: Words("管理员", "Administrator"),
}
