"""What was found wrong in a data set: each with the place to look and the reason."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why something was dropped, mended, or is worth a look."""

    MALFORMED = "malformed label"
    MISSING_IMAGE = "missing picture"
    UNREADABLE = "unreadable picture"
    SIZE_DIFFERS = "size in the label file differs"
    UNKNOWN_CLASS = "unknown class"
    NO_AREA = "box without area"
    OUTSIDE = "box outside the picture"
    CLIPPED = "box cut at the border"
    SCALED = "boxes scaled to the picture"
    DUPLICATE = "box given twice"
    UNLABELLED = "pictures without labels"

    @property
    def loses(self) -> bool:
        """Whether a box or a picture was lost; the others were mended."""
        return self not in _MENDED


_MENDED = {Reason.CLIPPED, Reason.SCALED, Reason.DUPLICATE, Reason.UNLABELLED}


class LayoutError(ValueError):
    """No such folder, no such layout, nothing in the folder that looks like one, or a wish that
    cannot be met; says what to change."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`where` is a file below the data set's folder, with the line or the number in it."""

    where: str
    reason: Reason
    detail: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}: {self.detail}"
