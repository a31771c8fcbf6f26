"""Everything drawn for a report, once for the page and the paper."""

from collections.abc import Mapping
from dataclasses import dataclass

from xunhe_tools.hardware.drawing import Drawing


@dataclass(frozen=True, slots=True)
class Figures:
    """`map` and `density` are None without telemetry, `axis` with it.

    `strips` are the river unrolled, `pictures` those of the findings by their file's name; JPEG.
    """

    map: Drawing | None
    axis: Drawing | None
    density: Drawing | None
    strips: tuple[bytes, ...]
    pictures: Mapping[str, bytes]
