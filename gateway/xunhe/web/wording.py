"""Words on screen, Chinese and English side by side; nothing here decides anything."""

from dataclasses import dataclass


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

TICKET_STATES = {
    "unverified": Words("待核实", "To verify"),
    "accepted": Words("已受理（挂单）", "Accepted"),
    "false_alarm": Words("误报", "False alarm"),
}

INCIDENT_KINDS = {
    "discharge": Words("疑似排放", "Suspected discharge"),
    "silent_station": Words("测站失联", "Silent station"),
}

REJECTIONS = {
    "length": Words("长度不符", "Wrong length"),
    "version": Words("版本不识", "Unknown version"),
    "kind": Words("类型不识", "Unknown kind"),
    "mac": Words("签名不符", "Wrong HMAC"),
    "crc": Words("校验不符", "Wrong CRC"),
    "profile": Words("剖面不识", "Unknown profile"),
    "flags": Words("标志不识", "Unknown flags"),
    "device": Words("设备未登记", "Unknown device"),
    "station": Words("测站不符", "Wrong station"),
    "conflict": Words("同键异值", "Same key, other content"),
    "topic": Words("主题不符", "Wrong topic"),
    "time": Words("时间不可信", "Unusable time"),
}


def words(table: dict[str, Words], key: str) -> Words:
    """The words of a key; a key without words is shown as it is."""
    return table.get(key, Words(key, ""))
