"""Classes of surface water, GB 3838-2002: the scale, its wording and colours."""

from enum import IntEnum


class WaterClass(IntEnum):
    """Ⅰ to Ⅴ and 劣Ⅴ; a greater number is worse water."""

    I = 1  # the standard's own name
    II = 2
    III = 3
    IV = 4
    V = 5
    WORSE_THAN_V = 6

    @property
    def label(self) -> str:
        """The standard's sign: Ⅰ … Ⅴ, 劣Ⅴ."""
        return ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")[self - 1]

    @property
    def wording(self) -> str:
        """Wording of 环办〔2011〕22号 for a section."""
        return ("优", "优", "良好", "轻度污染", "中度污染", "重度污染")[self - 1]

    @property
    def colour(self) -> str:
        """Colour name of the class: blue, green, yellow, orange, red (to be confirmed)."""
        return ("blue", "blue", "green", "yellow", "orange", "red")[self - 1]
