"""Properties of ours as factors of HJ 212, both ways, with exact units, flags and decimals."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from xunhe.codecs.hj212.dialect import Dialect
from xunhe.domain.observation import FAIL, GOOD, SUSPECT, UNKNOWN
from xunhe.water.indicators import INDICATORS, Indicator
from xunhe.water.units import factor_of

NORMAL, FAULT = "N", "D"
# A doubtful value is no normal one for those who bill by it; -EFlag tells what QARTOD said.
_LETTERS = {GOOD: NORMAL, UNKNOWN: NORMAL, SUSPECT: FAULT, FAIL: FAULT}
_DIGITS = 6  # significant ones: more than any probe has


def letter_of(flag: int) -> str:
    """数据标记 (Table 8) of a QARTOD flag."""
    return _LETTERS.get(flag, FAULT)


@dataclass(frozen=True, slots=True)
class Coded:
    """A property under its code; `scale` turns our values into the code's unit."""

    prop: str
    code: str
    scale: Decimal

    def written(self, value: float) -> str:
        """A value as a decimal number in the code's unit, without exponent."""
        scaled = Decimal(f"{value:.{_DIGITS}g}") * self.scale
        return f"{scaled:f}"

    def ours(self, value: float) -> float:
        """A value of the code in our unit."""
        return float(Decimal(repr(value)) / self.scale)


class Factors:
    """The codes of one link: those of the standard, `more` of the link's own in our units."""

    def __init__(self, dialect: Dialect, more: Mapping[str, str]) -> None:
        table = {prop: i.hj212 for prop, i in INDICATORS.items() if i.hj212}
        if any(factor.code == "w01003" for factor in dialect.more):
            table["turbidity_ntu"] = "w01003"
        self._dialect = dialect
        coded = [_coded(prop, code, dialect) for prop, code in {**table, **more}.items()]
        self.by_prop = {each.prop: each for each in coded}
        self._by_code = {each.code: each for each in coded}

    def of_code(self, code: str) -> Coded | None:
        """By the code as it was received, that of 2005 too; None where we have no such property."""
        factor = self._dialect.factor(code)
        return self._by_code.get(code if factor is None else factor.code)

    def written(self, coded: Coded) -> str:
        """The code as this link's dialect writes it."""
        return self._dialect.written(coded.code)


def _coded(prop: str, code: str, dialect: Dialect) -> Coded:
    indicator: Indicator | None = INDICATORS.get(prop)
    factor = dialect.factor(code)
    ours = factor_of(factor.unit, indicator) if factor and indicator else None
    return Coded(prop, code, Decimal(1) / ours if ours else Decimal(1))
