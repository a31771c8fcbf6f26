"""Why something on the wire is of no use. A noisy line is data, so these are no exceptions."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """The reason, as counted and shown."""

    LENGTH = "bad length"
    TAIL = "no CR LF"
    CRC = "bad CRC"
    INCOMPLETE = "incomplete"
    TEXT = "not UTF-8"
    FIELD = "bad field"
    COMMAND = "no CN or MN"
    AREA = "no CP"
    OPEN_AREA = "CP is not closed"
    TIME = "bad time"
    NUMBER = "not a number"

    @property
    def label_zh(self) -> str:
        """For the operator."""
        return _LABELS_ZH[self]


_LABELS_ZH = {
    Reason.LENGTH: "数据段长度有误",
    Reason.TAIL: "缺少包尾 CR LF",
    Reason.CRC: "CRC 校验不符",
    Reason.INCOMPLETE: "报文不完整",
    Reason.TEXT: "不是 UTF-8 文字",
    Reason.FIELD: "字段有误",
    Reason.COMMAND: "缺少 CN 或 MN",
    Reason.AREA: "缺少 CP",
    Reason.OPEN_AREA: "CP 没有以 && 结束",
    Reason.TIME: "时间有误",
    Reason.NUMBER: "不是数字",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """What was of no use: `data` as it came, `offset` its place in the stream."""

    reason: Reason
    data: bytes
    offset: int = 0
    detail: str = ""
