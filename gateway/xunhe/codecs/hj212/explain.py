"""What a frame says, field by field, for people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timezone

from xunhe.codecs.hj212 import area, times
from xunhe.codecs.hj212.commands import (
    COMMANDS,
    EXE_RETURNS,
    FLAGS,
    QN_RETURNS,
    SYSTEMS,
    Words,
)
from xunhe.codecs.hj212.deframing import Event
from xunhe.codecs.hj212.dialect import Dialect
from xunhe.codecs.hj212.reason import Rejected
from xunhe.codecs.hj212.segment import Flag, Packet, read


@dataclass(frozen=True, slots=True)
class Line:
    """A field as it was sent, and what it means; both meanings empty where nobody knows."""

    name: str
    value: str
    zh: str = ""
    en: str = ""


_NAMES = {
    "QN": Words("请求编码", "request"),
    "PW": Words("访问密码", "password"),
    "MN": Words("设备唯一标识", "device"),
    "PNUM": Words("总包数", "packets in all"),
    "PNO": Words("包号", "number of this packet"),
    "DataTime": Words("数据时间", "time of the data"),
    "SystemTime": Words("系统时间", "system time"),
    "BeginTime": Words("开始时间", "from"),
    "EndTime": Words("截止时间", "to"),
    "RestartTime": Words("开机时间", "switched on"),
    "RtdInterval": Words("实时采样间隔，秒", "real-time interval, s"),
    "MinInterval": Words("分钟数据间隔，分钟", "minute interval, min"),
    "OverTime": Words("超时时间，秒", "time-out, s"),
    "ReCount": Words("重发次数", "repeats"),
    "NewPW": Words("新密码", "new password"),
    "PolId": Words("因子", "factor"),
    "VaseNo": Words("采样瓶编号", "bottle"),
}
_KINDS = {
    "Rtd": Words("实时值", "real-time"),
    "Min": Words("最小值", "minimum"),
    "Avg": Words("平均值", "mean"),
    "Max": Words("最大值", "maximum"),
    "Cou": Words("累计值", "amount"),
    "Flag": Words("数据标记", "flag"),
    "EFlag": Words("扩展标记", "maker's flag"),
    "SampleTime": Words("采样时间", "sampled at"),
    "SN": Words("设备编码", "instrument"),
    "Info": Words("现场端信息", "information"),
}
_TIMES = frozenset({"DataTime", "SystemTime", "BeginTime", "EndTime", "RestartTime", "SampleTime"})
_RETURNS: Mapping[str, Mapping[str, Words]] = {"QnRtn": QN_RETURNS, "ExeRtn": EXE_RETURNS}
_NOT_SHOWN = frozenset({"PW", "NewPW"})


def explained(event: Event, dialect: Dialect, zone: timezone) -> list[Line]:
    """A line for each field; for what was rejected one line with the reason."""
    found = event if isinstance(event, Rejected) else read(event)
    if isinstance(found, Rejected):
        detail = f"：{found.detail}" if found.detail else ""
        return [Line("✗", shown(found.data), found.reason.label_zh + detail, found.reason)]
    return [*_head(found), *_area(found, dialect, zone)]


def shown(data: bytes) -> str:
    """Bytes as text, what is not printable escaped."""
    return data.decode("ascii", "backslashreplace").replace("\r", "\\r").replace("\n", "\\n")


def _head(packet: Packet) -> Iterator[Line]:
    for name, value in packet.head.items():
        words = {"ST": SYSTEMS, "CN": COMMANDS}.get(name, {}).get(value) or _NAMES.get(name)
        if name == "Flag":
            words = _flag(packet.flag)
        yield _line(name, "******" if name in _NOT_SHOWN else value, words)


def _flag(flag: Flag | None) -> Words:
    if flag is None:
        return Words("标志有误", "no number from 0 to 255")
    version = {0: "2005", 1: "2017", 2: "2025 / 地表水 surface water 2017"}.get(flag.version, "?")
    split = Words("拆分", "split") if flag.is_split else Words("不拆分", "one packet")
    answer = (
        Words("需应答", "answer wanted") if flag.wants_answer else Words("不需应答", "no answer")
    )
    return Words(
        f"版本 {version}，{split.zh}，{answer.zh}", f"version {version}, {split.en}, {answer.en}"
    )


def _area(packet: Packet, dialect: Dialect, zone: timezone) -> Iterator[Line]:
    for name, value in area.fields(packet.cp):
        code, dash, kind = name.rpartition("-")
        if dash:
            yield _line(name, value, _of_factor(code, kind, value, dialect, zone))
        elif not name:
            yield Line("✗", value, "没有“=”的字段", "a field without =")
        elif name in _TIMES:
            yield _line(name, value, _time(_NAMES[name], value, zone))
        elif name in _RETURNS:
            yield _line(name, value, _RETURNS[name].get(value))
        else:
            yield _line(name, "******" if name in _NOT_SHOWN else value, _NAMES.get(name))


def _of_factor(code: str, kind: str, value: str, dialect: Dialect, zone: timezone) -> Words:
    factor = dialect.factor(code)
    who = Words(factor.name_zh, factor.name_en) if factor else Words("未知因子", "unknown factor")
    what = _KINDS.get(kind, Words(kind, kind))
    if kind == "Flag":
        flag = FLAGS.get(value, Words("未知标记", "unknown"))
        what = Words(f"{what.zh}：{flag.zh}", f"{what.en}: {flag.en}")
    elif kind in _TIMES:
        what = _time(what, value, zone)
    elif kind in area.NUMBERS and area.number(value) is None:
        what = Words(f"{what.zh}，不是数字", f"{what.en}, not a number")
    elif factor and factor.unit and kind in area.NUMBERS:
        unit = factor.amount if kind == "Cou" else factor.unit
        what = Words(f"{what.zh}，{unit}", f"{what.en}, {unit}")
    return Words(f"{who.zh} {what.zh}", f"{who.en}, {what.en}")


def _time(what: Words, value: str, zone: timezone) -> Words:
    at = times.parse(value, zone)
    if at is None:
        return Words(f"{what.zh}：时间有误", f"{what.en}: bad time")
    said = f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    return Words(f"{what.zh}：{said}", f"{what.en}: {said}")


def _line(name: str, value: str, words: Words | None) -> Line:
    return Line(name, value) if words is None else Line(name, value, words.zh, words.en)
