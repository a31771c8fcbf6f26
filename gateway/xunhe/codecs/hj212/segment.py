"""The data segment (HJ 212-2017 §6.3.2, Table 3): fields of the head, then the data area.

    QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;[PNUM=…;PNO=…;]CP=&&…&&

Fields are read by name: published packets turn PNUM and PNO round. Packets without QN or Flag, as
the 2005 edition has them, occur in the field and are read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from xunhe.codecs.hj212.deframing import Frame, frame
from xunhe.codecs.hj212.reason import Reason, Rejected

_AREA = re.compile(r"(?:^|;)\s*CP\s*=\s*")
_ORDER = ("QN", "ST", "CN", "PW", "MN", "Flag", "PNUM", "PNO")
_MOST_PARTS = 9999


@dataclass(frozen=True, slots=True)
class Flag:
    """拆分包及应答标志: version bits, is it split (D), is an answer wanted (A)."""

    version: int = 1  # 0: 2005, 1: 2017, 2: HJ 212-2025 or surface water 2017
    is_split: bool = False
    wants_answer: bool = False

    @property
    def number(self) -> int:
        """As it is written, 0 to 255."""
        return self.version << 2 | self.is_split << 1 | self.wants_answer

    @classmethod
    def of(cls, number: int) -> "Flag":
        """Read the byte."""
        return cls(number >> 2, bool(number & 2), bool(number & 1))


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: `head` by field name, as text; `cp` what stands between the && of CP."""

    head: Mapping[str, str]
    cp: str = ""

    @property
    def qn(self) -> str:
        """请求编码, 17 digits; empty where there is none."""
        return self.head.get("QN", "")

    @property
    def st(self) -> str:
        """系统编码, Table 5."""
        return self.head.get("ST", "")

    @property
    def cn(self) -> str:
        """命令编码, Table 9."""
        return self.head["CN"]

    @property
    def pw(self) -> str:
        """访问密码."""
        return self.head.get("PW", "")

    @property
    def mn(self) -> str:
        """设备唯一标识, an opaque text: many are not the 24 hexadecimal digits of the standard."""
        return self.head["MN"]

    @property
    def flag(self) -> Flag | None:
        """None where it is absent or no number of one byte."""
        number = _count(self.head.get("Flag", ""), 255)
        return None if number is None else Flag.of(number)

    @property
    def part(self) -> tuple[int, int] | None:
        """(PNO, PNUM) of a split transfer; None where it is not split or they contradict."""
        number = _count(self.head.get("PNO", ""), _MOST_PARTS)
        total = _count(self.head.get("PNUM", ""), _MOST_PARTS)
        return (number, total) if number and total and number <= total else None

    @property
    def segment(self) -> bytes:
        """The encoded data segment."""
        known = [f"{name}={self.head[name]}" for name in _ORDER if name in self.head]
        more = [f"{name}={value}" for name, value in self.head.items() if name not in _ORDER]
        return f"{';'.join(known + more)};CP=&&{self.cp}&&".encode()

    @property
    def wire(self) -> bytes:
        """The whole frame. ValueError where it is too long: see splitting."""
        return frame(self.segment)

    def answered(self, cn: str, flag: Flag, cp: str = "") -> "Packet":
        """An answer to it: ST 91, its QN, its PW and MN (Annex C)."""
        head = {"QN": self.qn, "ST": "91", "CN": cn, "PW": self.pw, "MN": self.mn}
        return Packet({**head, "Flag": str(flag.number)}, cp)

    def carrying(self, cp: str, **fields: str) -> "Packet":
        """The same with another data area and some other fields."""
        return replace(self, head={**self.head, **fields}, cp=cp)


def read(found: Frame) -> Packet | Rejected:
    """The packet of a frame, or why it is none."""

    def rejected(reason: Reason, detail: str = "") -> Rejected:
        return Rejected(reason, found.segment, found.offset, detail)

    try:
        text = found.segment.decode()
    except UnicodeDecodeError as error:
        return rejected(Reason.TEXT, f"byte {error.start}")
    area = _AREA.search(text)
    if area is None:
        return rejected(Reason.AREA)
    cp = text[area.end() :].rstrip()
    if len(cp) < 4 or not (cp.startswith("&&") and cp.endswith("&&")):
        return rejected(Reason.OPEN_AREA)
    head: dict[str, str] = {}
    for field in filter(None, map(str.strip, text[: area.start()].split(";"))):
        name, equals, value = field.partition("=")
        if not equals or name.rstrip() in head:
            return rejected(Reason.FIELD, field)
        head[name.rstrip()] = value.lstrip()
    if not (head.get("CN") and head.get("MN")):
        return rejected(Reason.COMMAND)
    return Packet(head, cp[2:-2])


def _count(text: str, most: int) -> int | None:
    """A decimal number up to `most`, padded or not."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        return None
    return int(text) if int(text) <= most else None
