"""What differs between editions and habits. The dialect is a setting of each link: packets cannot
tell, because version bits 000010 mean two things."""

from dataclasses import dataclass

from xunhe.codecs.hj212.factors import TABLE_B1, Factor, by_2005_code
from xunhe.codecs.hj212.segment import Flag


@dataclass(frozen=True, slots=True)
class Dialect:
    """`more` are factors beside Table B.1; `data_answer` is the area of a 9014."""

    name: str
    version: int
    answer: Flag
    data_answer: str = ""
    uses_2005_codes: bool = False
    more: tuple[Factor, ...] = ()

    def written(self, code: str) -> str:
        """How this dialect writes a code of Table B.1; itself where it has no other."""
        known = TABLE_B1.get(code)
        return known.code_2005 if self.uses_2005_codes and known and known.code_2005 else code

    def factor(self, code: str) -> Factor | None:
        """The factor of a code, also by its code of 2005; None where nobody knows it."""
        for known in self.more:
            if known.code == code:
                return known
        return TABLE_B1.get(code) or by_2005_code(code)


# w01003 and w01016 are seen in four code bases, not in the standard: to be confirmed in HJ 525.
_SURFACE_WATER = (
    Factor("w01003", "浊度", "turbidity", "NTU"),
    Factor("w01016", "叶绿素", "chlorophyll", ""),
)
V2017 = Dialect("2017", 1, Flag(1))
V2005 = Dialect("2005", 0, Flag(0), uses_2005_codes=True)
# Known from two vendors' public sources only, one published packet each way: to be confirmed.
SURFACE_WATER_2017 = Dialect(
    "surface-water-2017", 2, Flag(2, wants_answer=True), "QnRtn=1", more=_SURFACE_WATER
)
DIALECTS = {dialect.name: dialect for dialect in (V2017, V2005, SURFACE_WATER_2017)}
