"""A section (断面): its class by the worst indicator, and by how much limits are exceeded.

环办〔2011〕22号. The multiple of exceedance is (C - S) / S against class Ⅲ, none for pH, oxygen and
temperature (to be confirmed).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from xunhe.domain.classes import WaterBody, WaterClass
from xunhe.water.classes import Judgement, class_of, limit, single_factor
from xunhe.water.indicators import EVALUATED, INDICATORS
from xunhe_buoy.chemistry import ATM_KPA, do_saturation_mg_l

STANDARD = WaterClass.III  # what exceedance is measured against


@dataclass(frozen=True, slots=True)
class Exceedance:
    """An indicator worse than class Ⅲ; `multiple` is None where none is defined."""

    prop: str
    value: float
    water_class: WaterClass
    multiple: float | None

    @property
    def words_zh(self) -> str:
        """Such as `氨氮（超Ⅲ类 0.4 倍）`."""
        by = "劣于Ⅲ类" if self.multiple is None else f"超Ⅲ类 {self.multiple:.1f} 倍"
        return f"{INDICATORS[self.prop].name_zh}（{by}）"

    @property
    def words_en(self) -> str:
        """The same in English."""
        by = "worse than Ⅲ" if self.multiple is None else f"{self.multiple:.1f} times above Ⅲ"
        return f"{INDICATORS[self.prop].name_en} ({by})"


@dataclass(frozen=True, slots=True)
class SectionEvaluation:
    """The judgement of a section against its target; `exceedances` the worst first."""

    judgement: Judgement
    target: WaterClass
    exceedances: tuple[Exceedance, ...]

    @property
    def meets_target(self) -> bool:
        """Is its class, by what was measured, as good as its target?"""
        return self.judgement.water_class <= self.target

    @property
    def sentence_zh(self) -> str:
        """Class, wording, basis, target and what exceeds, in one sentence."""
        found, target = self.judgement, self.target.label
        reached = f"达到目标{target}类" if self.meets_target else f"未达目标{target}类"
        said = f"{found.water_class.label}类（{found.water_class.wording}），{found.basis_zh}"
        return "；".join([f"{said}，{reached}", *(e.words_zh for e in self.exceedances)])

    @property
    def sentence_en(self) -> str:
        """The same in English."""
        found, target = self.judgement, self.target.label
        reached = "meets" if self.meets_target else "misses"
        wording = found.water_class.grade.wording_en
        said = f"class {found.water_class.label} ({wording}) {found.basis_en}"
        reach = f"{said}; {reached} its target {target}"
        return "; ".join([reach, *(e.words_en for e in self.exceedances)])


def evaluate_section(
    values: Mapping[str, float],
    target: WaterClass,
    body: WaterBody = WaterBody.RIVER,
    pressure_kpa: float = ATM_KPA,
) -> SectionEvaluation | None:
    """The evaluation of a section's values; None where none of the 21 indicators is among them."""
    judgement = judge(values, body, pressure_kpa)
    if judgement is None:
        return None
    return SectionEvaluation(judgement, target, exceedances(values, body))


def judge(
    values: Mapping[str, float],
    body: WaterBody = WaterBody.RIVER,
    pressure_kpa: float = ATM_KPA,
) -> Judgement | None:
    """Single factor, with oxygen near saturation in class Ⅰ where the temperature is known."""
    fraction = saturation_fraction(values, pressure_kpa)
    return single_factor(values, body=body, do_saturation_fraction=fraction)


def exceedances(
    values: Mapping[str, float], body: WaterBody = WaterBody.RIVER
) -> tuple[Exceedance, ...]:
    """The evaluated indicators worse than class Ⅲ: by class, then by multiple, the worst first."""
    found = [
        Exceedance(prop, value, water_class, exceedance_multiple(prop, value, body))
        for prop, value in values.items()
        if prop in EVALUATED
        and (water_class := class_of(prop, value, body=body)) is not None
        and water_class > STANDARD
    ]
    return tuple(sorted(found, key=lambda e: (-e.water_class, -(e.multiple or 0.0), e.prop)))


def exceedance_multiple(prop: str, value: float, body: WaterBody = WaterBody.RIVER) -> float | None:
    """超标倍数 (C - S) / S against class Ⅲ: 0.5 for half as much again; None within the limit.

    None for pH, dissolved oxygen and whatever has no limit.
    """
    standard = limit(prop, STANDARD, body)
    if prop == "do_mg_l" or standard is None or value <= standard:
        return None
    return (value - standard) / standard


def saturation_fraction(values: Mapping[str, float], pressure_kpa: float = ATM_KPA) -> float | None:
    """Oxygen over its saturation in fresh water, 0 to about 2; None where either is not measured.

    At sea level's pressure a mountain river looks less saturated than it is: never better.
    """
    if "do_mg_l" not in values or "water_temp_c" not in values:
        return None
    return values["do_mg_l"] / do_saturation_mg_l(values["water_temp_c"], 0.0, pressure_kpa)
