"""What a telemetry file gives: poses, and every line that could not be used, with its reason."""

from collections.abc import Sequence
from dataclasses import dataclass

from xunhe.domain.pose import Pose


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something of a file that could not be used.

    `line` counts from 1; in a file without lines (MAVLink, a picture) `offset` is the byte.
    """

    reason_zh: str
    reason_en: str
    line: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        if self.line is not None:
            return f"第 {self.line} 行 line {self.line}: {self.reason_zh} / {self.reason_en}"
        where = "" if self.offset is None else f"字节 byte {self.offset}: "
        return f"{where}{self.reason_zh} / {self.reason_en}"


class TelemetryError(ValueError):
    """Nothing of the telemetry can be used; `refusals` says why, the first thing first."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(map(str, self.refusals)))


@dataclass(frozen=True, slots=True)
class Telemetry:
    """Poses in ascending `time_s`, at least one.

    `dialect` names the form, `without_position` counts entries that said that they had no fix,
    `notes` tell what was decided in reading, in Chinese and English.
    """

    dialect: str
    poses: tuple[Pose, ...]
    refusals: tuple[Refusal, ...] = ()
    without_position: int = 0
    notes: tuple[str, ...] = ()
