"""Classes of surface water, GB 3838-2002: the scale, its wording and colours."""

from enum import IntEnum, StrEnum


class WaterBody(StrEnum):
    """Which column of GB 3838-2002 Table 1 applies to phosphorus and nitrogen."""

    RIVER = "river"
    LAKE = "lake"  # lakes and reservoirs


class Grade(IntEnum):
    """水质状况 of 环办〔2011〕22号 for sections and rivers; a greater number is worse water."""

    EXCELLENT = 1
    GOOD = 2
    LIGHTLY_POLLUTED = 3
    MODERATELY_POLLUTED = 4
    HEAVILY_POLLUTED = 5

    @property
    def wording(self) -> str:
        """The document's wording."""
        return ("优", "良好", "轻度污染", "中度污染", "重度污染")[self - 1]

    @property
    def wording_en(self) -> str:
        """The same in English."""
        return self.name.replace("_", " ").lower()

    @property
    def colour(self) -> str:
        """Colour name: blue, green, yellow, orange, red (to be confirmed)."""
        return ("blue", "green", "yellow", "orange", "red")[self - 1]


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
    def grade(self) -> Grade:
        """What a section of this class is called: Ⅰ and Ⅱ are both 优."""
        return Grade(max(1, self - 1))

    @property
    def wording(self) -> str:
        """Wording of 环办〔2011〕22号 for a section."""
        return self.grade.wording

    @property
    def colour(self) -> str:
        """Colour name of the class: blue, green, yellow, orange, red (to be confirmed)."""
        return self.grade.colour
