"""Why a frame or a record could not be used.

Unauthentic frames are kept and never acknowledged. Authentic records of no use are kept and
acknowledged as refused, so that the device frees them and those behind them come through.
"""

from enum import StrEnum


class Reason(StrEnum):
    """The reason, as counted and shown."""

    # The frame does not prove who sent it.
    LENGTH = "length"
    VERSION = "version"
    KIND = "kind"
    UNKNOWN_DEVICE = "unknown_device"
    MAC = "mac"
    REVOKED = "revoked"  # signed with a key that was taken out of force
    TOPIC = "topic"
    STATUS = "status"
    # The frame is authentic, but of no use.
    WRONG_STATION = "wrong_station"
    PROFILE = "profile"
    FLAGS = "flags"
    RANGE = "range"
    TIME_UNSET = "time_unset"
    TIME_FUTURE = "time_future"
    TIME_PAST = "time_past"
    JSON = "json"
    RELEASE = "release"  # a piece of an update was asked for that this gateway does not have
    CONFLICT = "conflict"  # the same (device, boot, seq) came before with other content
    # A file or request of external data: nothing of it was taken in.
    EXTERNAL = "external"
    # A frame of HJ 212 that is damaged, or whose sender is not known: not acknowledged.
    HJ212 = "hj212"
    # The gateway's own fault: kept for its developers, not acknowledged, so it will come again.
    INTERNAL = "internal"

    @property
    def label_zh(self) -> str:
        """For the operator."""
        return _LABELS_ZH[self]


_LABELS_ZH = {
    Reason.LENGTH: "长度不符",
    Reason.VERSION: "版本不识别",
    Reason.KIND: "帧类型不符",
    Reason.UNKNOWN_DEVICE: "设备未登记",
    Reason.MAC: "签名不符",
    Reason.REVOKED: "密钥已作废",
    Reason.TOPIC: "主题不符",
    Reason.STATUS: "状态消息无法读取",
    Reason.WRONG_STATION: "设备不属于该站点",
    Reason.PROFILE: "数据类型未知",
    Reason.FLAGS: "质量标记非法",
    Reason.RANGE: "时间或序号溢出",
    Reason.TIME_UNSET: "设备时钟未校准",
    Reason.TIME_FUTURE: "时间在未来",
    Reason.TIME_PAST: "时间过早",
    Reason.JSON: "内容无法读取",
    Reason.RELEASE: "升级包无法提供",
    Reason.CONFLICT: "同一编号内容不同",
    Reason.EXTERNAL: "外来数据有误",
    Reason.HJ212: "HJ 212 报文不可用",
    Reason.INTERNAL: "网关内部错误",
}
