"""Words on screen, Chinese and English side by side; nothing here decides anything."""

from dataclasses import dataclass

from xunhe.alerts.similarity import Likeness
from xunhe.domain.incident import Kind, Rule
from xunhe.domain.rejection import Reason
from xunhe.domain.ticket import State


@dataclass(frozen=True, slots=True)
class Words:
    """One thing's name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Property:
    """How an observed property is shown."""

    name: str
    words: Words
    unit: str
    digits: int
    least_span: float  # a sparkline never magnifies less than this, so that noise looks like noise


PROPERTIES = {
    shown.name: shown
    for shown in (
        Property("do_mg_l", Words("溶解氧", "DO"), "mg/L", 2, 2.0),
        Property("nh3n_mg_l", Words("氨氮", "NH₃-N"), "mg/L", 2, 0.5),
        Property("ph", Words("酸碱度", "pH"), "", 2, 1.0),
        Property("water_temp_c", Words("水温", "Temp."), "°C", 1, 4.0),
        Property("battery_v", Words("电池", "Battery"), "V", 2, 1.0),
    )
}

# QARTOD flags, IOOS.
FLAGS = {
    1: Words("合格", "good"),
    2: Words("未检验", "not evaluated"),
    3: Words("可疑", "suspect"),
    4: Words("不合格", "fail"),
    9: Words("缺测", "missing"),
}

SEVERITIES = {
    "minor": Words("一般", "Minor"),
    "major": Words("较重", "Major"),
    "severe": Words("严重", "Severe"),
}

_TICKET_STATES_EN = {
    State.UNVERIFIED: "To verify",
    State.ACCEPTED: "Accepted",
    State.ASSIGNED: "Assigned",
    State.IN_PROGRESS: "In progress",
    State.HANDLED: "To be approved",
    State.CLOSED: "Closed",
    State.ARCHIVED: "Archived",
    State.RETURNED: "Returned",
    State.SUSPENDED: "Suspended",
    State.REOPENED: "Reopened",
    State.TRANSFERRED: "Handed to authorities",
    State.DECLINED: "Not taken on",
    State.FALSE_ALARM: "False alarm",
    State.MERGED: "Merged",
}
TICKET_STATES = {state.value: Words(state.label_zh, _TICKET_STATES_EN[state]) for state in State}

INCIDENT_KINDS = {
    Kind.DISCHARGE.value: Words("疑似排污", "Suspected discharge"),
    Kind.SILENT_STATION.value: Words("站点失联", "Silent station"),
    Kind.FLOATING_LITTER.value: Words("漂浮垃圾", "Floating litter"),
    Kind.VEGETATION_MAT.value: Words("成片水草", "Vegetation mat"),
    Kind.DUMPING.value: Words("疑似倾倒", "Suspected dumping"),
    Kind.BLIND_CAMERA.value: Words("摄像机失明", "Blind camera"),
    Kind.DEVICE_FAULT.value: Words("设备故障", "Device fault"),
    Kind.DISTURBED_BUOY.value: Words("浮标异动", "Disturbed buoy"),
}

GATEWAY_ALARMS = {
    "database_broken": Words("数据库损坏", "Database damaged"),
    "database_not_writable": Words("数据库写不进", "Database not writable"),
    "disk_nearly_full": Words("磁盘将满", "Disk nearly full"),
    "intake_failing": Words("收数反复出错", "Intake keeps failing"),
    "part_failing": Words("部件反复出错", "A part keeps failing"),
    "broker_down": Words("消息代理断开", "Broker down"),
    "clock_behind": Words("时钟倒退", "Clock went back"),
    "clock_jumped": Words("时钟跳变", "Clock jumped"),
    "evidence_full": Words("证据空间将满", "Evidence nearly full"),
    "outbox_stuck": Words("对外消息积压", "Deliveries stuck"),
    "backup_late": Words("备份过期", "Backup late"),
    "calendar_missing": Words("缺工作日历", "Calendar missing"),
    "certificate_ending": Words("证书将到期", "Certificate ends soon"),
    "upward_stuck": Words("上行积压", "Backlog to the province"),
}

RULE_NAMES = {
    Rule.CLASS.value: Words("水质劣于目标", "Class worse than target"),
    Rule.AMMONIA_STEP.value: Words("氨氮突升", "Ammonia step"),
    Rule.OXYGEN_FALL.value: Words("溶解氧骤降", "Oxygen fall"),
    Rule.EARLY_WARNING.value: Words("早期预警", "Early warning"),
    Rule.SILENT.value: Words("站点失联", "Silent station"),
    "probe_fault": Words("探头故障", "Probe fault"),
    "low_battery": Words("电池电压低", "Low battery"),
    Rule.SEEN_DISCHARGE.value: Words("画面：排污", "Seen: discharge"),
    Rule.SEEN_LITTER.value: Words("画面：漂浮垃圾", "Seen: litter"),
    Rule.SEEN_MAT.value: Words("画面：成片水草", "Seen: vegetation mat"),
    Rule.SEEN_DUMPING.value: Words("画面：倾倒", "Seen: dumping"),
    Rule.BLIND.value: Words("摄像机失明", "Blind camera"),
    Rule.LID_OPEN.value: Words("浮标开盖", "Lid open"),
    Rule.ADRIFT.value: Words("浮标漂移", "Buoy adrift"),
}

LIKENESSES = {
    Likeness.REACH: Words("同河段", "same reach"),
    Likeness.WITNESS: Words("同一见证", "same witness"),
    Likeness.HOUR: Words("同时段", "same hours"),
    Likeness.SEASON: Words("同季节", "same season"),
    Likeness.SEVERITY: Words("同等级", "same severity"),
}

OUTCOMES = {
    "opened": Words("开立事件", "Opened"),
    "joined": Words("并入事件", "Joined"),
    "linked": Words("并入上游事件", "Linked upstream"),
    "cleared": Words("解除", "Cleared"),
    "inhibited": Words("被抑制", "Inhibited"),
    "silenced": Words("已静默", "Silenced"),
    "set_apart": Words("疑似坏数据", "Set apart"),
}

_REJECTIONS_EN = {
    Reason.LENGTH: "Wrong length",
    Reason.VERSION: "Unknown version",
    Reason.KIND: "Wrong kind of frame",
    Reason.UNKNOWN_DEVICE: "Unknown device",
    Reason.MAC: "Wrong HMAC",
    Reason.REVOKED: "Revoked key",
    Reason.TOPIC: "Wrong topic",
    Reason.STATUS: "Unreadable status",
    Reason.WRONG_STATION: "Device of another station",
    Reason.PROFILE: "Unknown profile",
    Reason.FLAGS: "Impossible flags",
    Reason.RANGE: "Time or sequence overflow",
    Reason.TIME_UNSET: "Device clock not set",
    Reason.TIME_FUTURE: "Time in the future",
    Reason.TIME_PAST: "Time too long ago",
    Reason.JSON: "Unreadable content",
    Reason.RELEASE: "Update not at hand",
    Reason.CONFLICT: "Same key, other content",
    Reason.EXTERNAL: "External data with errors",
    Reason.HJ212: "Frame of HJ 212 of no use",
    Reason.INTERNAL: "Fault of the gateway",
}
REJECTIONS = {reason.value: Words(reason.label_zh, _REJECTIONS_EN[reason]) for reason in Reason}


# The firmware's words for why a probe gave nothing.
PROBE_REASONS = {
    "silence": Words("无应答", "no answer"),
    "short": Words("应答不全", "answer cut short"),
    "crc": Words("校验错误", "checksum wrong"),
    "wrong id": Words("地址不符", "another address answered"),
    "exception": Words("拒绝请求", "request refused"),
    "echo": Words("只有回声", "only an echo"),
    "bus": Words("串口故障", "serial port failed"),
    "rubbish": Words("数值不可信", "unbelievable value"),
}


def words(table: dict[str, Words], key: str) -> Words:
    """The words of a key; a key without words is shown as it is."""
    return table.get(key, Words(key, ""))
