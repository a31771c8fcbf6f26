"""The rule that one identity is one board: the signs of a copy, and what is said of it. Pure.

    overlap    a record of an earlier boot that was written after a later boot had begun: no board
               goes back, so two of them count boots under one name
    conflict   one (boot, seq) came with two contents
    revoked    a frame is signed with a key that was taken out of force
Records that a board kept from an earlier boot and sends late are of an earlier time: no sign. Only
records with a synchronised clock count, and `MARGIN_S` is left for clocks that were put right.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from xunhe.domain.incident import Finding, Rule, Severity
from xunhe.domain.registry import Station

MARGIN_S = 600


class Sign(Enum):
    """What gave the copy away, for people."""

    OVERLAP = ("两块板交替使用同一编号", "two boards take turns under one identity")
    CONFLICT = ("同一序号出现两种内容", "one sequence number came with two contents")
    REVOKED = ("有人用已作废的密钥签名", "somebody signs with a revoked key")


@dataclass(frozen=True, slots=True)
class Life:
    """The latest boot of a device and the earliest instant that is known of it, Unix seconds."""

    boot: int
    began_s: int

    def after(self, boot: int, time_s: int) -> "Life":
        """What is known when a record of that boot and time has come."""
        if boot > self.boot:
            return Life(boot, time_s)
        if boot == self.boot:
            return Life(boot, min(self.began_s, time_s))
        return self

    def contradicts(self, boot: int, time_s: int) -> bool:
        """Can no single board have written this record too?"""
        return boot < self.boot and time_s > self.began_s + MARGIN_S


def cloned(station: Station, device: str, sign: Sign, now: datetime) -> Finding:
    """The finding for the duty desk."""
    zh, en = sign.value
    return Finding(
        Rule.CLONED,
        station.code,
        "identity",
        now,
        Severity.MAJOR,
        None,
        None,
        f"{station.name}的浮标 {device}：{zh}。数据可能不是它测的：请派技术员重新配置",
        f"buoy {device} of {station.name_en}: {en}. The readings may not be its own: send a"
        " technician to provision it anew",
    )
